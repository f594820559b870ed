// The file is a binary tree over the bits of an address, sixteen zeros, values, and a map about it
// all. A child below the number of nodes is a node, equal to it nothing, above it an entry.
#include "enrich/mmdb.h"

#include <algorithm>
#include <fstream>

#include "base/messages/enrich.h"
#include "base/text.h"

namespace yagura::enrich {
namespace {

constexpr std::string_view kMark = "\xab\xcd\xefMaxMind.com";
constexpr size_t kMetadataBytes = 128u << 10;  // the mark stands in the last so many bytes
constexpr size_t kGap = 16;                    // zeros between tree and values
constexpr uint64_t kMostBytes = 2ull << 30;
constexpr int kMostValues = 20'000;  // looked at for one question; real entries have some hundred
constexpr size_t kSamples = 500;     // entries read when a file is opened

enum Type : uint8_t {
    kPointer = 1,
    kText = 2,
    kDouble = 3,
    kBytes = 4,
    kUint16 = 5,
    kUint32 = 6,
    kMap = 7,
    kInt32 = 8,
    kUint64 = 9,
    kUint128 = 10,
    kArray = 11,
    kBoolean = 14,
    kFloat = 15,
};

uint64_t big_endian(std::string_view bytes) {
    uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
    return value;
}

struct Value {
    uint8_t type = 0;
    uint64_t size = 0;  // bytes; pairs of a map, items of a list; a boolean itself
    size_t body = 0;    // where its bytes or its first member stand
    size_t next = 0;  // behind the value, or behind the pointer that led to it; not of maps, lists
};

// Goes over values without recursion; says no when they leave their bounds or go on too long.
class Walk {
  public:
    explicit Walk(std::string_view data) : data_(data) {}

    // The value at `at`, or what the pointer there points to. A pointer to a pointer is none.
    std::optional<Value> value(size_t at) {
        auto found = plain(at);
        if (!found || found->type != kPointer) return found;
        const size_t behind = found->next;
        found = plain(found->size);
        if (!found || found->type == kPointer) return std::nullopt;
        found->next = behind;
        return found;
    }

    // Where the value after the one at `at` stands. Pointers are stepped over, not followed.
    std::optional<size_t> skip(size_t at) {
        for (uint64_t left = 1; left > 0; --left) {
            const auto found = plain(at);
            if (!found) return std::nullopt;
            at = found->next;
            if (found->type == kMap) left += 2 * found->size;
            if (found->type == kArray) left += found->size;
        }
        return at;
    }

    // The member of a map, or the item of a list.
    std::optional<Value> member(const Value& of, std::string_view key) {
        size_t at = of.body;
        for (uint64_t i = 0; i < of.size; ++i) {
            bool is_it = of.type == kArray && std::to_string(i) == key;
            if (of.type == kMap) {
                const auto name = value(at);
                if (!name || name->type != kText) return std::nullopt;
                is_it = bytes(*name) == key;
                at = name->next;
            }
            if (is_it) return value(at);
            const auto behind = skip(at);
            if (!behind) return std::nullopt;
            at = *behind;
        }
        return std::nullopt;
    }

    std::string_view bytes(const Value& of) const { return data_.substr(of.body, of.size); }

    // Everything below the value, behind pointers too.
    bool is_whole(size_t at) {
        std::vector<size_t> open{at};
        while (!open.empty()) {
            const size_t here = open.back();
            open.pop_back();
            const auto found = value(here);
            if (!found) return false;
            const uint64_t members = found->type == kMap     ? 2 * found->size
                                     : found->type == kArray ? found->size
                                                             : 0;
            size_t member = found->body;
            for (uint64_t i = 0; i < members; ++i) {
                open.push_back(member);
                const auto behind = skip(member);
                if (!behind) return false;
                member = *behind;
            }
        }
        return true;
    }

  private:
    std::optional<Value> plain(size_t at);
    std::optional<Value> pointer(uint8_t control, size_t at);
    bool has(size_t at, uint64_t size) const {
        return at <= data_.size() && size <= data_.size() - at;
    }

    std::string_view data_;
    int left_ = kMostValues;
};

std::optional<Value> Walk::pointer(uint8_t control, size_t at) {
    // Two bits say how many bytes follow, three begin the offset; sizes one to three have a base.
    static constexpr uint64_t kBase[] = {0, 2048, 526'336, 0};
    const size_t extra = ((control >> 3) & 3u) + 1;
    if (!has(at, extra)) return std::nullopt;
    uint64_t to = big_endian(data_.substr(at, extra));
    if (extra < 4) to |= static_cast<uint64_t>(control & 7u) << (8 * extra);
    to += kBase[extra - 1];
    if (to >= data_.size()) return std::nullopt;
    return Value{kPointer, to, at, at + extra};
}

std::optional<Value> Walk::plain(size_t at) {
    if (--left_ < 0 || !has(at, 1)) return std::nullopt;
    const auto control = static_cast<uint8_t>(data_[at++]);
    uint8_t type = control >> 5;
    if (type == kPointer) return pointer(control, at);
    if (type == 0) {
        if (!has(at, 1)) return std::nullopt;
        type = static_cast<uint8_t>(static_cast<uint8_t>(data_[at++]) + 7u);
    }
    uint64_t size = control & 31u;
    if (size >= 29) {
        static constexpr uint64_t kBase[] = {29, 285, 65'821};
        const size_t extra = size - 28;
        if (!has(at, extra)) return std::nullopt;
        size = big_endian(data_.substr(at, extra)) + kBase[extra - 1];
        at += extra;
    }
    static constexpr uint64_t kSizeOf[] = {0, 0, 0, 8, 0, 2, 4, 0, 4, 8, 16, 0, 0, 0, 1, 4};
    const bool is_list = type == kMap || type == kArray;
    // Members have at least a byte each: a list that cannot end in bounds is refused before it is
    // walked.
    if (is_list) return has(at, size) ? std::optional(Value{type, size, at, at}) : std::nullopt;
    if (type == kBoolean)
        return size <= 1 ? std::optional(Value{type, size, at, at}) : std::nullopt;
    const bool is_variable = type == kText || type == kBytes;
    const bool is_number =
        type == kUint16 || type == kUint32 || type == kInt32 || type == kUint64 || type == kUint128;
    const bool is_real = type == kDouble || type == kFloat;
    if (!is_variable && !is_number && !is_real) return std::nullopt;
    if (is_number && size > kSizeOf[type]) return std::nullopt;
    if (is_real && size != kSizeOf[type]) return std::nullopt;
    if (!has(at, size)) return std::nullopt;
    return Value{type, size, at, at + size};
}

std::optional<Value> walk_to(Walk& walk, size_t at, Mmdb::Record::Path path) {
    auto found = walk.value(at);
    for (const std::string_view key : path) {
        if (!found || (found->type != kMap && found->type != kArray)) return std::nullopt;
        found = walk.member(*found, key);
    }
    return found;
}

std::string_view text_at(std::string_view data, size_t at, Mmdb::Record::Path path) {
    Walk walk(data);
    const auto found = walk_to(walk, at, path);
    if (!found || found->type != kText) return {};
    const std::string_view text = walk.bytes(*found);
    return is_valid_utf8(text) ? text : std::string_view();
}

std::optional<uint64_t> number_at(std::string_view data, size_t at, Mmdb::Record::Path path) {
    Walk walk(data);
    const auto found = walk_to(walk, at, path);
    if (!found) return std::nullopt;
    if (found->type != kUint16 && found->type != kUint32 && found->type != kUint64)
        return std::nullopt;
    return big_endian(walk.bytes(*found));
}

tl::unexpected<Error> damaged() {
    return fail(Code::invalid, say(message::enrich_damaged));
}

}  // namespace

std::string_view Mmdb::Record::text(Path path) const {
    return text_at(data_, at_, path);
}

std::optional<uint64_t> Mmdb::Record::number(Path path) const {
    return number_at(data_, at_, path);
}

bool Mmdb::Record::is_whole() const {
    return Walk(data_).is_whole(at_);
}

bool Mmdb::is_likely(std::string_view tail) {
    return tail.rfind(kMark) != std::string_view::npos;
}

Result<Mmdb> Mmdb::open(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    const auto size = in ? static_cast<int64_t>(in.tellg()) : -1;
    if (size < 0) return fail(Code::io, say(message::enrich_unreadable));
    if (static_cast<uint64_t>(size) > kMostBytes)
        return fail(Code::limit, say(message::enrich_too_big, human_bytes(kMostBytes)));
    std::string bytes(static_cast<size_t>(size), '\0');
    in.seekg(0);
    in.read(bytes.data(), size);
    if (in.gcount() != size) return fail(Code::io, say(message::enrich_unreadable));
    return read(std::move(bytes));
}

Result<Mmdb> Mmdb::read(std::string bytes) {
    const size_t tail = bytes.size() - std::min(bytes.size(), kMetadataBytes + kMark.size());
    const size_t mark = bytes.rfind(kMark);
    if (mark == std::string::npos || mark < tail)
        return fail(Code::invalid, say(message::enrich_no_mark));
    Mmdb made(std::move(bytes));
    made.data_end_ = mark;
    YAGURA_CHECK(made.read_metadata(std::string_view(made.bytes_).substr(mark + kMark.size())));
    YAGURA_CHECK(made.check_tree());
    for (const Record& record : made.sample(kSamples)) {
        if (!record.is_whole()) return damaged();
    }
    return made;
}

Result<void> Mmdb::read_metadata(std::string_view metadata) {
    const auto number = [&](std::string_view key) { return number_at(metadata, 0, {key}); };
    const auto version = number("binary_format_major_version");
    if (!version) return damaged();
    if (*version != 2) return fail(Code::unsupported, say(message::enrich_version, *version));
    const auto nodes = number("node_count");
    const auto bits = number("record_size");
    const auto family = number("ip_version");
    if (!nodes || !bits || !family || *nodes == 0 || *nodes > UINT32_MAX - kGap) return damaged();
    if (*bits != 24 && *bits != 28 && *bits != 32) return damaged();
    if (*family != 4 && *family != 6) return damaged();
    nodes_ = static_cast<uint32_t>(*nodes);
    record_bits_ = static_cast<uint32_t>(*bits);
    is_v6_ = *family == 6;
    const uint64_t tree = *nodes * *bits / 4;
    if (tree + kGap > data_end_) return damaged();
    data_begin_ = tree + kGap;
    type_ = printable(text_at(metadata, 0, {"database_type"}).substr(0, 100));
    // As far as a time in microseconds reaches.
    if (const auto epoch = number("build_epoch"); epoch && *epoch < (1ull << 40))
        built_ = Timestamp(std::chrono::seconds(*epoch));
    for (int i = 0; is_v6_ && i < 96 && v4_start_ < nodes_; ++i)
        v4_start_ = child(v4_start_, false);
    return {};
}

std::string_view Mmdb::data() const {
    return std::string_view(bytes_).substr(data_begin_, data_end_ - data_begin_);
}

// The child that stands for the first value.
uint32_t Mmdb::entries_from() const {
    return nodes_ + static_cast<uint32_t>(kGap);
}

uint32_t Mmdb::child(uint32_t node, bool right) const {
    const size_t size = record_bits_ / 4;
    const std::string_view both = std::string_view(bytes_).substr(size * node, size);
    if (record_bits_ == 24) return static_cast<uint32_t>(big_endian(both.substr(right ? 3 : 0, 3)));
    if (record_bits_ == 32) return static_cast<uint32_t>(big_endian(both.substr(right ? 4 : 0, 4)));
    // 28: the middle byte holds the upper four bits of both.
    const auto middle = static_cast<uint8_t>(both[3]);
    const uint32_t top = right ? middle & 15u : middle >> 4;
    return top << 24 | static_cast<uint32_t>(big_endian(both.substr(right ? 4 : 0, 3)));
}

// No child may lead out of the file. Circles are no danger: an address has at most 128 bits.
Result<void> Mmdb::check_tree() const {
    const uint64_t most = entries_from() + (data_end_ - data_begin_);
    for (uint32_t node = 0; node < nodes_; ++node) {
        for (const bool right : {false, true}) {
            const uint32_t to = child(node, right);
            const bool is_in_gap = to > nodes_ && to < entries_from();
            if (is_in_gap || to >= most) return damaged();
        }
    }
    return {};
}

std::optional<Mmdb::Record> Mmdb::find(const IpAddress& address) const {
    if (!address.is_v4 && !is_v6_) return std::nullopt;
    uint32_t at = address.is_v4 && is_v6_ ? v4_start_ : 0;
    const size_t first = address.is_v4 ? 96 : 0;  // bits of IPv4 stand at the end
    for (size_t bit = first; bit < 128 && at < nodes_; ++bit)
        at = child(at, (address.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0);
    if (at < entries_from()) return std::nullopt;  // nothing, or a tree deeper than addresses
    return Record(data(), at - entries_from());
}

std::vector<Mmdb::Record> Mmdb::sample(size_t most) const {
    std::vector<Record> out;
    const uint32_t step =
        std::max<uint32_t>(1, nodes_ / static_cast<uint32_t>(std::max<size_t>(1, most)));
    for (uint64_t node = 0; node < nodes_; node += step) {
        for (const bool right : {false, true}) {
            const uint32_t to = child(static_cast<uint32_t>(node), right);
            if (to >= entries_from()) out.push_back(Record(data(), to - entries_from()));
        }
    }
    return out;
}

}  // namespace yagura::enrich
