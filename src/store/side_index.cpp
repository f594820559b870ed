#include "store/side_index.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"
#include "base/language.h"
#include "base/messages/store.h"
#include "base/same.h"
#include "store/encode.h"
#include "store/hash_set.h"
#include "store/parquet.h"
#include "store/token_scan.h"

namespace yagura::store {
namespace {

constexpr std::string_view kMagic = "YAGIDX1\n";
constexpr size_t kFixedHeader =
    8 + 4 + 4 + 8 + 8;  // magic, version, groups, data offset, data size
constexpr size_t kGroupHeader = 8 + 8 + 4 + 4 + sizeof(FuseShape) + 8;
constexpr size_t kBlock = 1024;
// Lakes have files of version 1 too: there a column changes all of a key.
constexpr uint32_t kVersion = 2;
constexpr size_t kMostGroups = 1 << 20;

// A column only changes the end of a key, so that all columns' answers about a token lie together.
uint64_t column_part(std::string_view column, uint32_t version) {
    const uint64_t hash = hash64(column);
    return version == 1 ? hash : hash & ((uint64_t{1} << kOwnBits) - 1);
}

uint64_t key_of(uint64_t token, uint64_t column) {
    const uint64_t key = token ^ column;
    return key == 0 ? 1 : key;
}

// Keys of one row group, each once. Their table does not fit the nearest caches, so keys wait until
// the places of some are on their way.
class KeySet {
  public:
    explicit KeySet(size_t rows) { keys_.reserve(rows * kKeysPerRow); }

    void insert(uint64_t key) {
        // Most tokens are seen again and again within a few rows.
        uint64_t& recent = recent_[key & (kRecent - 1)];
        if (recent == key) return;
        recent = key;
        keys_.expect(key);
        waiting_[waits_++] = key;
        if (waits_ == kWaiting) settle();
    }

    std::vector<uint64_t> take() {
        settle();
        std::fill(std::begin(recent_), std::end(recent_), 0);
        return keys_.take();
    }

  private:
    void settle() {
        for (size_t i = 0; i < waits_; ++i) keys_.insert(waiting_[i]);
        waits_ = 0;
    }

    static constexpr size_t kKeysPerRow = 8;  // CloudTrail's, about
    static constexpr size_t kRecent = 4096;
    static constexpr size_t kWaiting = 32;
    HashSet keys_;
    uint64_t recent_[kRecent] = {};
    uint64_t waiting_[kWaiting];
    size_t waits_ = 0;
};

// The words a column showed lately. Keys of JSON objects, hosts and names come again in nearly
// every row; taking such a word apart once is enough.
class RecentWords {
  public:
    // True when the word was asked for before. Words are remembered by view: they must stay.
    bool has(std::string_view word) {
        if (word.size() < 4) return false;
        uint32_t head = 0, tail = 0;
        std::memcpy(&head, word.data(), 4);
        std::memcpy(&tail, word.data() + word.size() - 4, 4);
        const uint64_t mixed =
            (uint64_t{head} << 32 | tail) * 0x9E3779B97F4A7C15ull + word.size() * 0xff51afd7ull;
        std::string_view& place = places_[mixed >> 32 & (places_.size() - 1)];
        if (is_same(place, word)) return true;
        place = word;
        return false;
    }

  private:
    std::array<std::string_view, 1024> places_;
};

std::vector<bool> used_entries(const TextColumn& column, std::span<const uint32_t> order) {
    std::vector<bool> used(column.entry_count());
    for (const uint32_t row : order) {
        const uint32_t code = column.codes()[row];
        if (code != TextColumn::kNull) used[code] = true;
    }
    return used;
}

void add_texts(const TextColumn& column,
               const ColumnSpec& spec,
               std::span<const uint32_t> order,
               KeySet& keys) {
    const uint64_t own = column_part(spec.name, kVersion);
    const bool is_json = spec.type == event::Type::json;
    TokenScan scan([&](std::string_view token) { keys.insert(key_of(hash64(token), own)); });
    RecentWords words;
    const auto add = [&](std::string_view text) {
        scan.text(text, is_json, [&](std::string_view word) { return words.has(word); });
    };
    // In the order of their memory, not of the rows: the texts of a column are many times what the
    // caches hold.
    const bool are_all = order.size() == column.codes().size();
    const std::vector<bool> used = are_all ? std::vector<bool>() : used_entries(column, order);
    for (uint32_t code = 0; code < column.entry_count(); ++code) {
        if (are_all || used[code]) add(column.entry(code));
    }
}

void put_hex(char* out, uint64_t value, int digits) {
    for (int i = digits - 1; i >= 0; --i, value >>= 4) out[i] = "0123456789abcdef"[value & 15];
}

void add_uuids(const FixedColumn& column,
               const ColumnSpec& spec,
               std::span<const uint32_t> order,
               KeySet& keys) {
    const uint64_t own = column_part(spec.name, kVersion);
    char text[] = "00000000-0000-0000-0000-000000000000";
    for (const uint32_t row : order) {
        if (column.is_null(row)) continue;
        const Hash128 uuid = column.wide_value(row);
        put_hex(text, uuid.high >> 32, 8);
        put_hex(text + 9, uuid.high >> 16, 4);
        put_hex(text + 14, uuid.high, 4);
        put_hex(text + 19, uuid.low >> 48, 4);
        put_hex(text + 24, uuid.low, 12);
        keys.insert(key_of(hash64({text, 36}), own));
    }
}

uint32_t block_checksum(std::string_view block) {
    return static_cast<uint32_t>(hash64(block));
}

template <class T>
T load(std::string_view bytes, size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

}  // namespace

bool is_indexed(const ColumnSpec& column) {
    if (column.name == "detections" || column.name == "detection_level") return false;
    return column.storage == Storage::text || column.storage == Storage::uuid;
}

std::string build_side_index(const RowBuffer& rows, std::span<const uint32_t> order) {
    const auto columns = rows.schema().columns();
    const FixedColumn& times = rows.fixed(rows.schema().common().event_time);
    const size_t groups = (order.size() + kRowGroupRows - 1) / kRowGroupRows;
    const size_t data_offset = kFixedHeader + groups * kGroupHeader + 8;
    std::string heads, data;
    KeySet keys(std::min(kRowGroupRows, order.size()));
    for (size_t start = 0; start < order.size(); start += kRowGroupRows) {
        const auto part = order.subspan(start, std::min(kRowGroupRows, order.size() - start));
        for (size_t i = 0; i < columns.size(); ++i) {
            if (!is_indexed(columns[i])) continue;
            if (columns[i].storage == Storage::text) {
                add_texts(rows.text(i), columns[i], part, keys);
            } else {
                add_uuids(rows.fixed(i), columns[i], part, keys);
            }
        }
        const FuseFilter filter = build_fuse_filter(keys.take());
        put_le64(heads, static_cast<uint64_t>(times.value(part.front())));
        put_le64(heads, static_cast<uint64_t>(times.value(part.back())));
        put_le32(heads, static_cast<uint32_t>(part.size()));
        put_le32(heads, 0);
        heads.append(reinterpret_cast<const char*>(&filter.shape), sizeof filter.shape);
        put_le64(heads, data_offset + data.size());
        data.append(reinterpret_cast<const char*>(filter.fingerprints.data()),
                    filter.fingerprints.size() * 2);
    }
    std::string file(kMagic);
    put_le32(file, kVersion);
    put_le32(file, static_cast<uint32_t>(groups));
    put_le64(file, data_offset);
    put_le64(file, data.size());
    file += heads;
    put_le64(file, hash64(file));
    file += data;
    for (size_t at = 0; at < data.size(); at += kBlock)
        put_le32(file, block_checksum(std::string_view(data).substr(at, kBlock)));
    return file;
}

Result<SideIndex> SideIndex::open(const std::filesystem::path& path) {
    YAGURA_TRY(auto file, MappedFile::open(path));
    auto index = read(file.bytes());
    if (!index) return fail(Code::corrupt, say(message::store_index_damaged, path.string()));
    index->file_.emplace(std::move(file));
    return std::move(*index);
}

std::optional<SideIndex> SideIndex::read(std::string_view bytes) {
    if (bytes.size() < kFixedHeader + 8 || !bytes.starts_with(kMagic)) return std::nullopt;
    SideIndex index(bytes);
    index.version_ = load<uint32_t>(bytes, 8);
    const auto groups = load<uint32_t>(bytes, 12);
    index.data_ = load<uint64_t>(bytes, 16);
    index.data_size_ = load<uint64_t>(bytes, 24);
    if (index.version_ < 1 || index.version_ > kVersion || groups > kMostGroups)
        return std::nullopt;
    const size_t head = kFixedHeader + groups * kGroupHeader;
    if (bytes.size() < head + 8 || index.data_ != head + 8 || index.data_size_ > bytes.size())
        return std::nullopt;
    if (load<uint64_t>(bytes, head) != hash64(bytes.substr(0, head))) return std::nullopt;
    const uint64_t blocks = (index.data_size_ + kBlock - 1) / kBlock;
    if (bytes.size() != index.data_ + index.data_size_ + blocks * 4) return std::nullopt;
    if (!index.read_groups(groups)) return std::nullopt;
    return index;
}

bool SideIndex::read_groups(size_t count) {
    const uint64_t end = data_ + data_size_;
    for (size_t i = 0; i < count; ++i) {
        const size_t at = kFixedHeader + i * kGroupHeader;
        GroupPart part;
        part.group = {from_micros(load<int64_t>(bytes_, at)),
                      from_micros(load<int64_t>(bytes_, at + 8)),
                      load<uint32_t>(bytes_, at + 16)};
        part.shape = load<FuseShape>(bytes_, at + 24);
        part.fingerprints = load<uint64_t>(bytes_, at + 24 + sizeof(FuseShape));
        if (part.fingerprints < data_ || part.fingerprints > end ||
            uint64_t{part.shape.array_length} * 2 > end - part.fingerprints ||
            !part.shape.is_possible())
            return false;
        groups_.push_back(part);
    }
    return true;
}

bool SideIndex::is_sound(uint64_t offset) const {
    const uint64_t block = (offset - data_) / kBlock;
    const uint64_t start = data_ + block * kBlock;
    const size_t size = std::min<uint64_t>(kBlock, data_ + data_size_ - start);
    return load<uint32_t>(bytes_, data_ + data_size_ + block * 4) ==
           block_checksum(bytes_.substr(start, size));
}

bool SideIndex::may_hold_key(const GroupPart& part, uint64_t key) const {
    if (part.shape.array_length == 0) return false;
    const FuseShape::Places places = part.shape.places(key);
    uint16_t value = places.fingerprint;
    for (const uint32_t at : places.at) {
        if (at >= part.shape.array_length) return true;
        value ^= load<uint16_t>(bytes_, part.fingerprints + uint64_t{at} * 2);
    }
    if (value == 0) return true;
    // "No" is only an answer when the bytes it rests on are what was written.
    return !std::all_of(places.at.begin(), places.at.end(), [&](uint32_t at) {
        return is_sound(part.fingerprints + uint64_t{at} * 2);
    });
}

bool SideIndex::may_hold(size_t group, std::string_view token, std::string_view column) const {
    return may_hold_key(groups_[group], key_of(hash64(token), column_part(column, version_)));
}

bool SideIndex::may_hold(std::string_view token, std::span<const ColumnSpec> columns) const {
    for (size_t group = 0; group < groups_.size(); ++group) {
        for (const ColumnSpec& column : columns) {
            if (is_indexed(column) && may_hold(group, token, column.name)) return true;
        }
    }
    return false;
}

std::shared_ptr<const SideIndex> SideIndexes::of(const Segment& segment) {
    const std::lock_guard lock(mutex_);
    auto& index = open_[segment.id];
    if (!index) {
        auto opened = SideIndex::open(lake_ / index_file(segment.file));
        if (opened) index = std::make_shared<const SideIndex>(std::move(*opened));
    }
    return index;
}

bool SideIndexes::may_hold_all(const Segment& segment,
                               std::span<const std::string> tokens,
                               std::string_view column) {
    const auto index = of(segment);
    const logtype::LogType* type = logtype::find(segment.log_type);
    if (!index || !type) return true;
    auto columns = schema_of(*type).columns();
    const auto wanted = std::find_if(columns.begin(), columns.end(), [&](const ColumnSpec& spec) {
        return spec.name == column;
    });
    // A column without an index says nothing.
    if (wanted != columns.end()) {
        if (!is_indexed(*wanted)) return true;
        columns = {&*wanted, 1};
    }
    return std::all_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
        return index->may_hold(token, columns);
    });
}

}  // namespace yagura::store
