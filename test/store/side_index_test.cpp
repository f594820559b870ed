#include "store/side_index.h"

#include <fstream>
#include <random>

#include "fixture.h"
#include "store/fuse_filter.h"
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
