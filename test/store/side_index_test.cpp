#include "store/side_index.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>

#include "base/hash.h"
#include "fixture.h"
#include "store/fuse_filter.h"
#include "store/parquet.h"
#include "store/tokens.h"

using namespace yagura;
using namespace yagura::store;

namespace {

bool holds(const FuseFilter& filter, uint64_t key) {
    if (filter.shape.array_length == 0) return false;
    const auto places = filter.shape.places(key);
    uint16_t value = places.fingerprint;
    for (const uint32_t at : places.at) value ^= filter.fingerprints[at];
    return value == 0;
}

std::string indexed(RowBuffer& rows, uint64_t count) {
    Records reader(*logtype::find("cloudtrail"));
    for (uint64_t i = 0; i < count; ++i)
        rows.append(reader.read(cloudtrail_record(i), i), {1, "", ""});
    return build_side_index(rows, rows.time_order());
}

void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

// What the program wrote before version 2 of one GetObject by 198.51.100.7 with aws-cli/2.15.0.
constexpr std::string_view kVersion1 =
    "594147494458310a01000000010000006000000000000000c00000000000000000c88788f34b060000c88788"
    "f34b060001000000000000004d9d8b439d2b6b72200000002000000060000000000000006000000000000000"
    "33d556883b6bc1c9f7700000000000000000000000000000000000000000000000000000000000000000f9a9"
    "89e900003a9d000000000000c37f22d700000000f4ed000000000000000000005a71980200008e4d00007804"
    "000000000000000000000000000000000000000000002c9e00000000000000000ffd000095da000000000000"
    "3cd7000000006a2f0000000000000000ee9eccddc3fe00005d336203464f0000acd90000545c74dd00000000"
    "00000000480ee9b500000000054deb8e551700001eed49474536d26f";

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

}  // namespace

TEST_CASE("a fuse filter holds its keys at any size and few others") {
    std::mt19937_64 random(7);
    for (const size_t size : {0, 1, 2, 3, 5, 10, 100, 1000, 65537, 300000}) {
        std::vector<uint64_t> keys;
        for (size_t i = 0; i < size; ++i) keys.push_back(random());
        const FuseFilter filter = build_fuse_filter(keys);
        for (const uint64_t key : keys) REQUIRE(holds(filter, key));
        size_t wrong = 0;
        for (int i = 0; i < 100000; ++i) wrong += holds(filter, random());
        CHECK(wrong < 20);
        if (size >= 65537) CHECK(filter.fingerprints.size() < size * 13 / 10 + 64);
    }
}

TEST_CASE("a fuse filter keeps keys that share their upper part together, and crowds of them too") {
    const auto filter_of = [](size_t tokens, uint64_t columns, std::vector<uint64_t>& keys) {
        std::mt19937_64 random(11);
        for (size_t i = 0; i < tokens; ++i) {
            const uint64_t token = random() >> kOwnBits << kOwnBits;
            for (uint64_t column = 1; column <= columns; ++column) keys.push_back(token | column);
        }
        const FuseFilter filter = build_fuse_filter(keys);
        for (const uint64_t key : keys) REQUIRE(holds(filter, key));
        return filter;
    };
    std::vector<uint64_t> keys, crowd;
    const FuseFilter filter = filter_of(40000, 5, keys);
    CHECK(filter.shape.layout == FuseShape::Layout::near);
    const auto [least, most] =
        std::minmax({filter.shape.places(keys[0]).at[0], filter.shape.places(keys[4]).at[0]});
    CHECK(most - least < filter.shape.segment_length);
    CHECK(filter_of(1, 100000, crowd).shape.layout == FuseShape::Layout::spread);
}

TEST_CASE("the seed of a fuse filter depends on every key and not on their order") {
    std::vector<uint64_t> keys{1, 2, 3, 4, 5};
    const uint64_t seed = build_fuse_filter(keys).shape.seed;
    std::reverse(keys.begin(), keys.end());
    CHECK(build_fuse_filter(keys).shape.seed == seed);
    keys.back() = 6;
    CHECK(build_fuse_filter(keys).shape.seed != seed);
}

TEST_CASE("a side index of version 1 is read as it was meant") {
    Folder folder;
    write(folder / "a.idx", from_hex(kVersion1));
    const auto index = must(SideIndex::open(folder / "a.idx"));
    CHECK(index.may_hold(0, "198.51.100.7", "source_ip"));
    CHECK(index.may_hold(0, "aws-cli/2.15.0", "user_agent"));
    CHECK(index.may_hold(0, "6f1e2a5c-0b7d-4c39-9a52-3d8e4f60b1aa", "event_id"));
    CHECK_FALSE(index.may_hold(0, "198.51.100.7", "user_agent"));
    CHECK_FALSE(index.may_hold(0, "198.51.100.8", "source_ip"));
}

TEST_CASE("a side index misses no token of any row and tells the column") {
    Folder folder;
    const auto& schema = schema_of(*logtype::find("cloudtrail"));
    RowBuffer rows(schema);
    write(folder / "a.idx", indexed(rows, 3000));
    const auto index = must(SideIndex::open(folder / "a.idx"));
    CHECK(index.group_count() == 1);
    CHECK(index.group(0).rows == 3000);
    for (size_t i = 0; i < schema.columns().size(); ++i) {
        const ColumnSpec& column = schema.columns()[i];
        if (!is_indexed(column) || column.storage != Storage::text) continue;
        for (const uint32_t code : rows.text(i).codes()) {
            if (code == TextColumn::kNull) continue;
            for_each_token(rows.text(i).entry(code),
                           column.type == event::Type::json,
                           [&](std::string_view token) {
                               if (!index.may_hold(0, token, column.name))
                                   FAIL_CHECK(token << " of " << column.name);
                           });
        }
    }
    for (uint64_t i = 0; i < 3000; ++i) REQUIRE(index.may_hold(0, uuid_of(i), "event_id"));
    CHECK(!index.may_hold(0, uuid_of(1), "user_agent"));
    CHECK(!index.may_hold("203.0.113.77", schema.columns()));
    CHECK(!index.may_hold(uuid_of(999999), schema.columns()));
}

TEST_CASE("each row group answers for its own rows") {
    Folder folder;
    const auto& schema = schema_of(*logtype::find("cloudtrail"));
    RowBuffer rows(schema);
    constexpr uint64_t kRows = kRowGroupRows + 500;
    write(folder / "a.idx", indexed(rows, kRows));
    const auto index = must(SideIndex::open(folder / "a.idx"));
    REQUIRE(index.group_count() == 2);
    const auto order = rows.time_order();
    size_t elsewhere = 0;
    for (size_t i = 0; i < order.size(); i += i < kRowGroupRows - 500 ? 97 : 1) {
        const std::string id = uuid_of(order[i]);
        const size_t group = i / kRowGroupRows;
        REQUIRE(index.may_hold(group, id, "event_id"));
        elsewhere += index.may_hold(1 - group, id, "event_id");
    }
    CHECK(elsewhere <= 3);  // by chance, one in 65,536
}

TEST_CASE("a damaged side index is refused or says that anything may be there") {
    Folder folder;
    const auto& schema = schema_of(*logtype::find("cloudtrail"));
    RowBuffer rows(schema);
    const std::string sound = indexed(rows, 500);
    std::mt19937 random(3);
    for (int i = 0; i < 2000; ++i) {
        std::string bytes = sound;
        bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
        if (i % 20 == 0) bytes.resize(random() % bytes.size());
        write(folder / "a.idx", bytes);
        const auto index = SideIndex::open(folder / "a.idx");
        if (!index) continue;
        for (uint64_t row = 0; row < 500; row += 7) {
            if (!index->may_hold(0, uuid_of(row), "event_id")) FAIL_CHECK("row " << row << " lost");
        }
    }
}

TEST_CASE("a side index with fingerprints outside its file is refused") {
    const std::string sound = from_hex(kVersion1);
    const uint64_t head = 32 + 56;  // of a file with one row group
    for (const uint64_t place :
         {uint64_t{0}, uint64_t{head}, uint64_t{head + 10}, ~uint64_t{0} - 7}) {
        std::string bytes = sound;
        std::memcpy(bytes.data() + head - 8, &place, 8);
        const uint64_t sum = hash64(std::string_view(bytes).substr(0, head));
        std::memcpy(bytes.data() + head, &sum, 8);
        CHECK_FALSE(SideIndex::read(bytes));
    }
    CHECK(SideIndex::read(sound));
}
