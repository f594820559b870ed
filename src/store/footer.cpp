// FileMetaData begins { 1: i32 version, 2: list<SchemaElement> schema, … } and a SchemaElement has
// its name as field 4; the first element is the root. Everything else is stepped over.
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

#include "store/footer.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "store/files.h"

namespace yagura::store {
namespace {

// Types of Thrift's compact protocol.
enum Wire : uint8_t { kTrue = 1, kFalse, kByte, kI16, kI32, kI64, kReal, kBinary, kList, kSet };
constexpr uint8_t kStruct = 12;
constexpr int kDeepest = 8;
constexpr size_t kMostColumns = 100'000;

// Reads past the end give zeros and clear is_sound(), so callers look once, at the end.
class ThriftReader {
  public:
    explicit ThriftReader(std::string_view bytes) : bytes_(bytes) {}

    bool is_sound() const { return is_sound_; }

    uint8_t byte() {
        if (at_ >= bytes_.size()) return broken();
        return static_cast<uint8_t>(bytes_[at_++]);
    }
    uint64_t varint() {
        uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const uint8_t part = byte();
            value |= uint64_t{part & 0x7Fu} << shift;
            if (part < 0x80) return value;
        }
        return broken();
    }
    std::string_view binary() {
        const uint64_t size = varint();
        if (size > bytes_.size() - at_) return broken(), std::string_view();
        at_ += size;
        return bytes_.substr(at_ - size, size);
    }
    // Type of the struct's next field, 0 at its end; `id` goes from field to field.
    uint8_t field(int64_t& id) {
        const uint8_t head = byte();
        if (head == 0) return 0;
        if (head >> 4 != 0) {
            id += head >> 4;
        } else {
            const uint64_t zigzag = varint();
            id = static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
        }
        return head & 0x0F;
    }
    // Type of a list's elements; `count` of them follow.
    uint8_t list(uint64_t& count) {
        const uint8_t head = byte();
        count = head >> 4 == 15 ? varint() : head >> 4;
        if (count > bytes_.size()) broken(), count = 0;
        return head & 0x0F;
    }
    void skip(uint8_t type, int depth = 0) {
        if (depth > kDeepest) broken();
        if (!is_sound_) return;
        if (type == kByte) byte();
        if (type == kI16 || type == kI32 || type == kI64) varint();
        if (type == kReal) at_ += std::min<size_t>(8, bytes_.size() - at_);
        if (type == kBinary) binary();
        if (type == kList || type == kSet) skip_elements(depth);
        if (type == kStruct) {
            int64_t id = 0;
            for (uint8_t inner; is_sound_ && (inner = field(id)) != 0;) skip(inner, depth + 1);
        }
        if (type > kSet && type != kStruct) broken();  // maps: Parquet has none here
    }

  private:
    void skip_elements(int depth) {
        uint64_t count = 0;
        const uint8_t type = list(count);
        // Booleans are a byte each inside lists.
        const uint8_t wire = type == kTrue || type == kFalse ? uint8_t{kByte} : type;
        for (; count > 0 && is_sound_; --count) skip(wire, depth + 1);
    }
    uint8_t broken() {
        is_sound_ = false;
        at_ = bytes_.size();
        return 0;
    }

    std::string_view bytes_;
    size_t at_ = 0;
    bool is_sound_ = true;
};

std::string name_of_element(ThriftReader& in) {
    std::string name;
    int64_t id = 0;
    for (uint8_t type; in.is_sound() && (type = in.field(id)) != 0;) {
        if (id == 4 && type == kBinary) {
            name = in.binary();
        } else {
            in.skip(type);
        }
    }
    return name;
}

}  // namespace

std::optional<std::vector<std::string>> column_names_in(std::string_view footer) {
    ThriftReader in(footer);
    int64_t id = 0;
    for (uint8_t type; in.is_sound() && (type = in.field(id)) != 0;) {
        if (id != 2 || type != kList) {
            in.skip(type);
            continue;
        }
        uint64_t count = 0;
        if (in.list(count) != kStruct || count == 0 || count > kMostColumns) return std::nullopt;
        std::vector<std::string> names;
        for (uint64_t i = 0; i < count && in.is_sound(); ++i) {
            std::string name = name_of_element(in);
            if (i > 0) names.push_back(std::move(name));
        }
        if (!in.is_sound()) return std::nullopt;
        return names;
    }
    return std::nullopt;
}

std::optional<std::vector<std::string>> column_names(const std::filesystem::path& path) {
    constexpr std::string_view kMagic = "PAR1";
    constexpr size_t kTail = 8;  // length of the footer, magic
    const auto file = MappedFile::open(path);
    if (!file) return std::nullopt;
    const std::string_view bytes = file->bytes();
    if (bytes.size() < kMagic.size() + kTail || !bytes.ends_with(kMagic)) return std::nullopt;
    uint32_t size = 0;
    std::memcpy(&size, bytes.data() + bytes.size() - kTail, sizeof size);
    if (size > bytes.size() - kMagic.size() - kTail) return std::nullopt;
    return column_names_in(bytes.substr(bytes.size() - kTail - size, size));
}

}  // namespace yagura::store
