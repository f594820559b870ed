#include <cstdlib>
#include <fstream>
#include <random>

#include <unistd.h>

#include "fixture.h"
#include "store/compact.h"
#include "store/find.h"
#include "store/verify.h"

using namespace yagura;
using namespace yagura::store;

namespace {

const logtype::LogType& cloudtrail() {
    return *logtype::find("cloudtrail");
}

std::string digest(Lake& lake) {
    return std::get<std::string>(
        ask(lake,
            "cloudtrail",
            "md5(string_agg(concat_ws('|', event_time, event_id, source_ip, request_parameters, "
            "object_id, ordinal, detections, extra), chr(10) ORDER BY object_id, ordinal))")[0][0]);
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace

TEST_CASE("compaction keeps every row and leaves few segments") {
    Folder folder;
    fill(folder / "lake", 4, 300);
    auto lake = must(Lake::open(folder / "lake"));
    const std::string before = digest(lake);
    CHECK(files_in(folder / "lake") == 12);
    const auto totals = must(compact(folder / "lake", {.grace = std::chrono::seconds(0)}));
    CHECK(totals.segments_before == 12);
    CHECK(totals.segments_after == 3);
    CHECK(totals.rows == 1200);
    CHECK(digest(lake) == before);
    CHECK(files_in(folder / "lake") == 3);
    CHECK(must(compact(folder / "lake")).segments_before == 0);
    CHECK(must(verify(folder / "lake")).problems.empty());
}

TEST_CASE("compaction cuts a large day by time") {
    Folder folder;
    fill(folder / "lake", 3, 900);
    auto lake = must(Lake::open(folder / "lake"));
    const std::string before = digest(lake);
    must(compact(folder / "lake", {.target_rows = 400, .grace = std::chrono::seconds(0)}));
    CHECK(digest(lake) == before);
    const auto snapshot = must(lake.snapshot());
    const auto segments = snapshot.segments("cloudtrail");
    CHECK(segments.size() == 9);
    for (size_t i = 1; i < segments.size(); ++i)
        CHECK(segments[i - 1]->max_time < segments[i]->min_time);
}

TEST_CASE("what fills a merge's memory is full and not merged again") {
    Folder folder;
    fill(folder / "lake", 3, 3000);
    auto lake = must(Lake::open(folder / "lake"));
    const std::string before = digest(lake);
    const CompactOptions options{.buffer_bytes = 1 << 20, .grace = std::chrono::seconds(0)};
    must(compact(folder / "lake", options));
    CHECK(digest(lake) == before);
    const auto snapshot = must(lake.snapshot());
    const auto segments = snapshot.segments("cloudtrail");
    CHECK(segments.size() >= 6);
    size_t full = 0;
    for (const Segment* segment : segments) full += segment->level == kFullLevel;
    CHECK(full + 3 >= segments.size());  // at most one of each day has room
    const auto again = must(compact(folder / "lake", options));
    CHECK(again.segments_before == 0);
}

TEST_CASE("a reader open while a writer commits sees the lake before or after, never between") {
    Folder folder;
    fill(folder / "lake", 1, 30);
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(row_count(lake, "cloudtrail") == 30);
    auto writer = must(Writer::open(folder / "lake", {}));
    CHECK(row_count(lake, "cloudtrail") == 30);
    writer.reset();
    Records reader(cloudtrail());
    writer = must(Writer::open(folder / "lake", {}));
    auto worker = writer->worker();
    auto input = source::Input::of_bytes("other", "other");
    must(input.load(SIZE_MAX));
    must(worker->begin(input));
    event::Event& event = reader.read(cloudtrail_record(5000), 0);
    must(worker->admit(cloudtrail(), event));
    must(worker->append(cloudtrail(), event, "", ""));
    CHECK(row_count(lake, "cloudtrail") == 30);
    must(worker->end());
    must(worker->finish());
    CHECK(row_count(lake, "cloudtrail") == 31);
}

TEST_CASE("retention drops whole old days and the ledger keeps them away") {
    Folder folder;
    fill(folder / "lake", 2, 90);
    const auto totals = must(
        retain(folder / "lake", *parse_iso8601("2024-07-31"), {.grace = std::chrono::seconds(0)}));
    CHECK(totals.days == 2);
    CHECK(totals.rows == 120);
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(row_count(lake, "cloudtrail") == 60);
    CHECK(files_in(folder / "lake") == 2);
    CHECK(must(lake.object(1))->state == ObjectState::done);
}

TEST_CASE("find names the rows and columns that hold an indicator, and nothing else") {
    Folder folder;
    fill(folder / "lake", 2, 600);
    auto lake = must(Lake::open(folder / "lake"));
    const auto look = [&](std::string_view text, size_t limit = 1000) {
        const Indicator indicators[] = {Indicator(text)};
        return must(find(lake, indicators, {.limit = limit}));
    };
    auto found = look("10.0.1.7");
    REQUIRE(found.total == 1);
    CHECK(found.rows[0].columns == std::vector<std::string>{"source_ip"});
    CHECK(found.rows[0].log_type == "cloudtrail");
    CHECK(found.rows[0].time == *parse_iso8601("2024-07-31T12:04:23Z"));
    CHECK(found.segments_read == 1);
    CHECK(look(uuid_of(77)).total == 1);
    CHECK(look("akiaexample000000012").total == 1);
    CHECK(look("AKIAEXAMPLE00000001").total == 0);
    CHECK(look("arn:aws:iam::123456789012:user/user3").total == 171);
    CHECK(look("user/user3").total == 171);
    CHECK(look("bucket-2").total == 240);
    CHECK(look("bucket-2").rows[0].columns.size() >= 2);
    CHECK(look("10.0.1.0/24").total == 256);
    CHECK(look("10.0.0.0/23").total == 512);
    CHECK(look("8.0.0.0/6").total == 1200);
    CHECK(look("10.0.1.77/24").total == 256);
    CHECK(look("k/4").total == 1);
    const auto limited = look("bucket-2", 5);
    CHECK(limited.total == 240);
    REQUIRE(limited.rows.size() == 5);
    CHECK(limited.rows[0].time >= limited.rows[4].time);
    const auto absent = look("198.51.100.99");
    CHECK(absent.total == 0);
    CHECK(absent.segments_read == 0);
    CHECK(absent.segments == 6);
    must(compact(folder / "lake", {.grace = std::chrono::seconds(0)}));
    CHECK(look("10.0.1.7").total == 1);
    CHECK(look("bucket-2").total == 240);
}

TEST_CASE("find answers the same without its indexes") {
    Folder folder;
    fill(folder / "lake", 1, 200);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "lake")) {
        if (entry.path().extension() == ".idx") write_file(entry.path(), "nonsense");
    }
    auto lake = must(Lake::open(folder / "lake"));
    const Indicator indicators[] = {Indicator("10.0.0.9"), Indicator("198.51.100.99")};
    CHECK(must(find(lake, indicators)).total == 1);
    const auto report = must(verify(folder / "lake"));
    CHECK(report.problems.size() == 3);
    CHECK(report.problems[0].file.ends_with(".idx"));
}

TEST_CASE("rows of the second in which a row group ends and the next begins are found once") {
    constexpr uint64_t kRows = 130'000;  // two row groups; three or four rows a second
    Folder folder;
    auto writer = must(Writer::open(folder / "lake", {}));
    auto worker = writer->worker();
    auto input = source::Input::of_bytes("a", "a");
    must(input.load(SIZE_MAX));
    must(worker->begin(input));
    Records reader(cloudtrail());
    for (uint64_t i = 0; i < kRows; ++i)
        must(worker->append(cloudtrail(), reader.read(cloudtrail_record(i), i), "", ""));
    must(worker->end());
    must(worker->finish());
    auto lake = must(Lake::open(folder / "lake"));
    REQUIRE(files_in(folder / "lake") == 1);
    const Indicator indicators[] = {Indicator("s3.amazonaws.com")};
    CHECK(must(find(lake, indicators, {.limit = 1})).total == kRows);
}

TEST_CASE("verify notices any damaged, shortened or missing file and names it") {
    Folder folder;
    fill(folder / "lake", 1, 60);
    CHECK(must(verify(folder / "lake")).problems.empty());
    std::mt19937 random(11);
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "lake")) {
        const auto extension = entry.path().extension();
        if (extension == ".parquet" || extension == ".idx") files.push_back(entry.path());
    }
    REQUIRE(files.size() == 6);
    for (const auto& file : files) {
        const std::string sound = read_file(file);
        for (int i = 0; i < 4; ++i) {
            std::string bytes = sound;
            bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
            if (i == 3) bytes.resize(random() % bytes.size());
            write_file(file, bytes);
            const auto report = must(verify(folder / "lake"));
            REQUIRE(report.problems.size() == 1);
            CHECK(report.problems[0].file == file.string());
        }
        std::filesystem::remove(file);
        CHECK(must(verify(folder / "lake")).problems.size() == 1);
        write_file(file, sound);
    }
    write_file(files[0].parent_path() / "0000000000009999.parquet", "x");
    CHECK(must(verify(folder / "lake")).orphans.size() == 1);
}

TEST_CASE("a lake on a read-only disk is read, and one its writer left unfinished says so") {
    Folder folder;
    const auto disk = folder / "what? 50%41 #1";  // all of which a URI would take for its own
    std::filesystem::create_directories(disk);
    const auto mount = [&](const std::string& words) {
        return std::system(("mount " + words + " '" + disk.string() + "' 2>/dev/null").c_str());
    };
    if (geteuid() != 0 || mount("-t tmpfs -o size=16m tmpfs") != 0) {
        MESSAGE("no disk can be made read-only here: skipped");
        return;
    }
    fill(disk / "lake", 1, 60);
    REQUIRE(mount("-o remount,ro") == 0);
    {
        auto lake = must(Lake::open(disk / "lake"));
        CHECK(must(lake.snapshot()).rows() == 60);
        CHECK(must(verify(disk / "lake")).problems.empty());
        CHECK_FALSE(Writer::open(disk / "lake", {}));
    }
    REQUIRE(mount("-o remount,rw") == 0);
    write_file(disk / "lake/catalog.sqlite-wal", "what a writer left");
    REQUIRE(mount("-o remount,ro") == 0);
    const auto unfinished = Lake::open(disk / "lake");
    REQUIRE_FALSE(unfinished);
    CHECK(unfinished.error().sentence().find("copy the folder") != std::string::npos);
    REQUIRE(std::system(("umount '" + disk.string() + "'").c_str()) == 0);
}

TEST_CASE("a damaged catalog is refused or answers rightly, never wrongly") {
    Folder folder;
    fill(folder / "lake", 2, 30);
    const auto file = folder / "lake/catalog.sqlite";
    const std::string sound = read_file(file);
    std::mt19937 random(17);
    int refused = 0;
    for (int i = 0; i < 300; ++i) {
        std::string bytes = sound;
        for (int flips = 0; flips < 3; ++flips)
            bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
        if (i % 25 == 0) bytes.resize(random() % bytes.size());
        write_file(file, bytes);
        auto lake = Lake::open(folder / "lake");
        auto snapshot = lake ? lake->snapshot() : Result<Snapshot>(lake.error());
        if (!snapshot) {
            ++refused;
            continue;
        }
        CHECK(snapshot->rows() == 60);
        CHECK(snapshot->segments("cloudtrail").size() == 6);
    }
    CHECK(refused > 0);
}
