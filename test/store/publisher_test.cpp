#include "store/publisher.h"

#include "fixture.h"
#include "store/segment.h"

using namespace yagura;
using namespace yagura::store;

namespace {

RowBuffer some_rows() {
    const auto& type = *logtype::find("cloudtrail");
    RowBuffer rows(schema_of(type));
    Records reader(type);
    for (uint64_t i = 0; i < 3; ++i)
        rows.append(reader.read(cloudtrail_record(i), i), {.object_id = 1});
    return rows;
}

}  // namespace

TEST_CASE("more segments than are published at once all get their names") {
    Folder folder;
    const RowBuffer rows = some_rows();
    Publisher publisher;
    std::vector<std::future<Result<Segment>>> all;
    constexpr int64_t kSegments = 20;
    for (int64_t id = 1; id <= kSegments; ++id) {
        all.push_back(publisher.publish(
            folder.path(), must(write_new_segment(folder.path(), rows, {id, "2024-07-31", 0}))));
    }
    for (auto& one : all) {
        const Segment segment = must(one.get());
        CHECK(must(file_checksum(folder.path() / segment.file)) == segment.checksum);
        CHECK(must(file_checksum(folder.path() / index_file(segment.file))) ==
              segment.index_checksum);
    }
    CHECK(files_in(folder.path()) == kSegments);
}

TEST_CASE("a segment that is not published leaves nothing behind") {
    Folder folder;
    {
        const auto written =
            must(write_new_segment(folder.path(), some_rows(), {1, "2024-07-31", 0}));
        CHECK_FALSE(std::filesystem::is_empty(folder / "cloudtrail/dt=2024-07-31"));
    }
    CHECK(std::filesystem::is_empty(folder / "cloudtrail/dt=2024-07-31"));
}

TEST_CASE("a segment whose folder is gone is an error, and no segment after it waits") {
    Folder folder;
    Publisher publisher;
    const RowBuffer rows = some_rows();
    for (int64_t id = 1; id <= 20; ++id) {
        auto written = must(write_new_segment(folder.path(), rows, {id, "2024-07-31", 0}));
        std::filesystem::remove_all(folder.path() / "cloudtrail");
        const auto published = publisher.publish(folder.path(), std::move(written)).get();
        REQUIRE_FALSE(published);
        CHECK(published.error().code() == Code::io);
    }
}
