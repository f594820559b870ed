#include "store/schema.h"

#include <algorithm>
#include <cstring>

#include "fixture.h"
#include "store/compact.h"
#include "store/find.h"
#include "store/footer.h"
#include "store/segment.h"

using namespace yagura;
using namespace yagura::store;

namespace {

const logtype::LogType& cloudtrail() {
    return *logtype::find("cloudtrail");
}

constexpr size_t kFieldsThen = 25;

// The log type as a program knew it before its later fields were added.
logtype::LogType earlier_cloudtrail() {
    logtype::LogType earlier = cloudtrail();
    earlier.fields = earlier.fields.first(kFieldsThen);
    return earlier;
}

// A segment with the columns of `schema`, published as the next one of the lake.
void publish(const std::filesystem::path& lake, const Schema& schema, uint64_t from, uint64_t to) {
    RowBuffer rows(schema);
    Records reader(cloudtrail());
    for (uint64_t i = from; i < to; ++i)
        rows.append(reader.read(cloudtrail_record(i), i), {.object_id = 1});
    auto catalog = must(Catalog::open(lake, true));
    const int64_t id = must(catalog.next_segment_id());
    Commit commit;
    commit.publish.push_back(must(write_segment(lake, rows, {id, "2024-07-31", 0})));
    must(catalog.commit(commit));
}

}  // namespace

TEST_CASE("columns that no segment has yet are null") {
    Folder folder;
    const logtype::LogType earlier = earlier_cloudtrail();
    publish(folder.path(), Schema(earlier), 0, 5);
    const event::Field& added = cloudtrail().fields.back();
    auto lake = must(Lake::open(folder.path()));
    const auto names = column_names(
        must(lake.snapshot()).path_of(*must(lake.snapshot()).segments("cloudtrail")[0]));
    REQUIRE(names.has_value());
    REQUIRE(std::find(names->begin(), names->end(), added.column) == names->end());
    const std::string select = fmt::format("event_id, {}", sql::quote_name(added.column));
    const auto rows = ask(lake, "cloudtrail", select, "ORDER BY ordinal");
    REQUIRE(rows.size() == 5);
    CHECK(rows[3][0] == sql::Value(uuid_of(3)));
    CHECK(sql::is_null(rows[3][1]));
    const std::vector<Indicator> needle{Indicator(uuid_of(2))};
    const auto found = must(find(lake, needle));
    REQUIRE(found.rows.size() == 1);
    CHECK(found.rows[0].values.size() == schema_of(cloudtrail()).columns().size());
}

TEST_CASE("segments with and without later columns are one table, before and after compaction") {
    Folder folder;
    const logtype::LogType earlier = earlier_cloudtrail();
    publish(folder.path(), Schema(earlier), 0, 5);
    publish(folder.path(), schema_of(cloudtrail()), 5, 10);
    const auto check = [&] {
        auto lake = must(Lake::open(folder.path()));
        const auto rows =
            ask(lake, "cloudtrail", "count(*), count(s3_bucket), count(DISTINCT event_id)");
        CHECK(rows[0][0] == sql::Value(int64_t{10}));
        CHECK(rows[0][1] == sql::Value(int64_t{5}));
        CHECK(rows[0][2] == sql::Value(int64_t{10}));
    };
    check();
    must(compact(folder.path()));
    check();
}

TEST_CASE("the columns of a file are read from its end, and damage there is no crash") {
    Folder folder;
    publish(folder.path(), schema_of(cloudtrail()), 0, 3);
    auto lake = must(Lake::open(folder.path()));
    const auto snapshot = must(lake.snapshot());
    const std::string path = snapshot.path_of(*snapshot.segments("cloudtrail")[0]);
    const auto names = column_names(path);
    REQUIRE(names.has_value());
    const auto columns = schema_of(cloudtrail()).columns();
    REQUIRE(names->size() == columns.size());
    for (size_t i = 0; i < columns.size(); ++i) CHECK((*names)[i] == columns[i].name);
    CHECK(!column_names(folder / "catalog.sqlite").has_value());
    CHECK(!column_names(folder / "nothing").has_value());
    const auto file = must(MappedFile::open(path));
    uint32_t size = 0;
    std::memcpy(&size, file.bytes().data() + file.bytes().size() - 8, 4);
    const std::string footer(file.bytes().substr(file.bytes().size() - 8 - size, size));
    for (size_t cut = 0; cut < 1500; ++cut) (void)column_names_in(footer.substr(0, cut));
    CHECK(!column_names_in(footer.substr(0, 100)).has_value());
    for (size_t at = 0; at < 1500; ++at) {
        std::string damaged = footer;
        damaged[at] = static_cast<char>(damaged[at] ^ (at * 37 + 255));
        (void)column_names_in(damaged);
    }
}
