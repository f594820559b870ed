#include "store/writer.h"

#include <fstream>

#include "fixture.h"

using namespace yagura;
using namespace yagura::store;

namespace {

const logtype::LogType& cloudtrail() {
    return *logtype::find("cloudtrail");
}

struct Ingest {
    Admission admission{};
    uint64_t stored = 0;
};

// Reads records, one per line, as an object of this name.
Ingest ingest(LakeWorker& worker, std::string_view name, const std::vector<std::string>& records) {
    std::string bytes;
    for (const std::string& record : records) bytes += record + "\n";
    auto input = source::Input::of_bytes(bytes, std::string(name));
    must(input.load(SIZE_MAX));
    Ingest result;
    result.admission = must(worker.begin(input));
    if (!is_wanted(result.admission)) return result;
    Records reader(cloudtrail());
    for (uint64_t i = 0; i < records.size(); ++i) {
        event::Event& event = reader.read(records[i], i);
        if (!must(worker.admit(cloudtrail(), event))) continue;
        must(worker.append(cloudtrail(), event, "", ""));
        ++result.stored;
    }
    must(worker.end());
    return result;
}

std::vector<std::string> numbered(uint64_t from, uint64_t to, std::string_view day = "2024-07-31") {
    std::vector<std::string> out;
    for (uint64_t i = from; i < to; ++i) out.push_back(cloudtrail_record(i, day));
    return out;
}

}  // namespace

TEST_CASE("events become rows that keep every field") {
    Folder folder;
    {
        auto writer = must(Writer::open(folder / "lake", {}));
        auto worker = writer->worker();
        ingest(*worker,
               "a.json",
               {cloudtrail_record(1),
                cloudtrail_record(
                    2, "2024-08-01", R"(,"newField":{"deep":[1,"x"]},"readOnly2":null)")});
        must(worker->finish());
        CHECK(writer->totals().records_stored == 2);
        CHECK(writer->totals().segments == 2);
    }
    auto lake = must(Lake::open(folder / "lake"));
    auto snapshot = must(lake.snapshot());
    CHECK(snapshot.log_types() == std::vector<std::string>{"cloudtrail"});
    CHECK(snapshot.rows() == 2);
    const auto rows =
        ask(lake,
            "cloudtrail",
            "event_time, event_id, source_ip, read_only, request_parameters, extra, ordinal",
            "ORDER BY ordinal");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0][0] == sql::Value(*parse_iso8601("2024-07-31T12:00:01Z")));
    CHECK(rows[0][1] == sql::Value(uuid_of(1)));
    CHECK(rows[0][2] == sql::Value("10.0.0.1"));
    CHECK(rows[0][3] == sql::Value(true));
    CHECK(rows[0][4] == sql::Value(R"({"bucketName":"bucket-1","key":"k/1"})"));
    CHECK(sql::is_null(rows[0][5]));
    CHECK(rows[1][5] == sql::Value(R"({"newField":{"deep":[1,"x"]},"readOnly2":null})"));
    CHECK(std::filesystem::exists(folder / "lake/cloudtrail/dt=2024-08-01"));
    const auto object = must(lake.object(1));
    REQUIRE(object.has_value());
    CHECK(object->path.ends_with("a.json"));
    CHECK(object->stored == 2);
}

TEST_CASE("the same object twice adds nothing, whatever its name") {
    Folder folder;
    for (int run = 0; run < 3; ++run) {
        auto writer = must(Writer::open(folder / "lake", {}));
        auto worker = writer->worker();
        const auto first = ingest(*worker, "a.json", numbered(0, 100));
        const auto copy = ingest(*worker, "copy.json", numbered(0, 100));
        must(worker->finish());
        CHECK(first.admission == (run == 0 ? Admission::fresh : Admission::duplicate_object));
        CHECK(copy.admission ==
              (run == 0 ? Admission::duplicate_content : Admission::duplicate_object));
    }
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(row_count(lake, "cloudtrail") == 100);
}

TEST_CASE("a copy of an object that is still being read is not known before it is") {
    Folder folder;
    {
        auto writer = must(Writer::open(folder / "lake", {}));
        auto slow = writer->worker();
        auto quick = writer->worker();
        CHECK(ingest(*slow, "a.json", numbered(0, 100)).admission == Admission::fresh);
        CHECK(ingest(*quick, "copy.json", numbered(0, 100)).admission ==
              Admission::duplicate_content);
        must(quick->finish());
        // A crash: what `slow` read is never committed.
    }
    {
        auto writer = must(Writer::open(folder / "lake", {}));
        auto worker = writer->worker();
        CHECK(ingest(*worker, "a.json", numbered(0, 100)).admission == Admission::fresh);
        CHECK(ingest(*worker, "copy.json", numbered(0, 100)).admission ==
              Admission::duplicate_content);
        must(worker->finish());
    }
    auto writer = must(Writer::open(folder / "lake", {}));
    auto worker = writer->worker();
    CHECK(ingest(*worker, "copy.json", numbered(0, 100)).admission == Admission::duplicate_object);
    must(worker->finish());
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(row_count(lake, "cloudtrail") == 100);
    const auto copy = must(lake.object(2));
    REQUIRE(copy.has_value());
    CHECK(copy->path.ends_with("copy.json"));
    CHECK(copy->records == 100);
    CHECK(copy->duplicates == 100);
    CHECK(copy->stored == 0);
}

TEST_CASE("an event delivered in several objects is stored once, in one run or in several") {
    Folder folder;
    {
        auto writer = must(Writer::open(folder / "lake", {}));
        auto worker = writer->worker();
        CHECK(ingest(*worker, "a.json", numbered(0, 50)).stored == 50);
        CHECK(ingest(*worker, "b.json", numbered(25, 75)).stored == 25);
        must(worker->finish());
        CHECK(writer->totals().records_duplicate == 25);
    }
    auto writer = must(Writer::open(folder / "lake", {}));
    auto worker = writer->worker();
    CHECK(ingest(*worker, "c.json", numbered(60, 90)).stored == 15);
    must(worker->finish());
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(row_count(lake, "cloudtrail") == 90);
    CHECK(ask(lake, "cloudtrail", "count(DISTINCT event_id)")[0][0] == sql::Value(int64_t{90}));
}

TEST_CASE("events are recognised by ids that no column could take") {
    Folder folder;
    const std::string record =
        R"({"eventTime":"2024-07-31T12:00:00Z","eventName":"A","eventSource":"b","eventID":"NOT-A-UUID","recipientAccountId":"1"})";
    for (int run = 0; run < 2; ++run) {
        auto writer = must(Writer::open(folder / "lake", {}));
        auto worker = writer->worker();
        CHECK(ingest(*worker,
                     fmt::format("{}.json", run),
                     {record, cloudtrail_record(static_cast<uint64_t>(run))})
                  .stored == (run == 0 ? 2 : 1));
        must(worker->finish());
    }
    auto lake = must(Lake::open(folder / "lake"));
    const auto rows = ask(lake, "cloudtrail", "event_id, extra", "WHERE event_action = 'A'");
    REQUIRE(rows.size() == 1);
    CHECK(sql::is_null(rows[0][0]));
    CHECK(rows[0][1] == sql::Value(R"({"eventID":"NOT-A-UUID"})"));
}

TEST_CASE("duplicates are found although their hour was dropped from memory") {
    Folder folder;
    auto writer = must(Writer::open(folder / "lake", {.buffer_bytes = 1, .identity_bytes = 1}));
    auto worker = writer->worker();
    for (const char* day : {"2024-07-29", "2024-07-30", "2024-07-31"})
        ingest(*worker, day, numbered(0, 3, day));
    std::vector<std::string> again;
    for (const char* day : {"2024-07-31", "2024-07-29", "2024-07-30"})
        again.push_back(cloudtrail_record(1, day));
    CHECK(ingest(*worker, "again", again).stored == 0);
    must(worker->finish());
}

TEST_CASE("duplicates are found whether an hour is looked through or its day at once") {
    for (const uint64_t small_day : {0, 10, 100'000}) {
        Folder folder;
        // Three days of sixty events, whose numbers are seconds; noon has some of each.
        for (int part = 0; part < 3; ++part) {
            auto writer = must(Writer::open(folder / "lake", {.small_day = small_day}));
            auto worker = writer->worker();
            uint64_t stored = 0;
            for (const char* day : {"2024-07-29", "2024-07-30", "2024-07-31"}) {
                std::vector<std::string> records;
                for (uint64_t hour = 0; hour < 6; ++hour) {
                    for (uint64_t i = 0; i < 10; ++i) {
                        const uint64_t second = hour * 3600 + i + 5 * static_cast<uint64_t>(part);
                        records.push_back(cloudtrail_record(second, day));
                    }
                }
                stored += ingest(*worker, fmt::format("{} {}", part, day), records).stored;
            }
            CHECK(stored == (part == 0 ? 180 : 90));
            must(worker->finish());
        }
        auto lake = must(Lake::open(folder / "lake"));
        CHECK(row_count(lake, "cloudtrail") == 360);
    }
}

TEST_CASE("a rewritten object is kept and flagged") {
    Folder folder;
    {
        auto writer = must(Writer::open(folder / "lake", {}));
        auto worker = writer->worker();
        ingest(*worker, "a.json", numbered(0, 10));
        must(worker->finish());
    }
    auto writer = must(Writer::open(folder / "lake", {}));
    auto worker = writer->worker();
    const auto second = ingest(*worker, "a.json", numbered(5, 20));
    must(worker->finish());
    CHECK(second.admission == Admission::rewritten);
    CHECK(second.stored == 10);
    CHECK(writer->totals().objects_rewritten == 1);
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(must(lake.object(1))->superseded_by == 2);
    CHECK(must(lake.object(2))->rewritten);
    CHECK(row_count(lake, "cloudtrail") == 20);
}

TEST_CASE("an object bigger than the buffers is committed in parts") {
    Folder folder;
    auto writer = must(Writer::open(folder / "lake", {.buffer_bytes = 400'000}));
    auto worker = writer->worker();
    ingest(*worker, "big.json", numbered(0, 5000));
    must(worker->finish());
    CHECK(writer->totals().commits > 2);
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(row_count(lake, "cloudtrail") == 5000);
    CHECK(must(lake.object(1))->state == ObjectState::done);
    CHECK(must(lake.object(1))->stored == 5000);
}

TEST_CASE("an object left half read goes on where it was left") {
    Folder folder;
    const auto records = numbered(0, 20);
    std::string bytes;
    for (const std::string& record : records) bytes += record + "\n";
    for (const uint64_t stop : {uint64_t{7}, uint64_t{20}}) {
        auto writer = must(Writer::open(folder / "lake", {}));
        auto worker = writer->worker();
        auto input = source::Input::of_bytes(bytes, "a.json");
        must(input.load(SIZE_MAX));
        CHECK(must(worker->begin(input)) == (stop == 7 ? Admission::fresh : Admission::resumed));
        Records reader(cloudtrail());
        uint64_t stored = 0;
        for (uint64_t i = 0; i < stop; ++i) {
            event::Event& event = reader.read(records[i], i);
            if (!must(worker->admit(cloudtrail(), event))) continue;
            must(worker->append(cloudtrail(), event, "", ""));
            ++stored;
        }
        CHECK(stored == (stop == 7 ? 7 : 13));
        must(stop == 7 ? worker->leave() : worker->end());
        must(worker->finish());
    }
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(row_count(lake, "cloudtrail") == 20);
    CHECK(must(lake.object(1))->records == 20);
}

TEST_CASE("a second writer is refused with the first one's process id") {
    Folder folder;
    auto first = must(Writer::open(folder / "lake", {}));
    const auto second = Writer::open(folder / "lake", {});
    REQUIRE(!second.has_value());
    CHECK(second.error().code() == Code::busy);
    CHECK(second.error().sentence().find(std::to_string(getpid())) != std::string::npos);
    first.reset();
    CHECK(Writer::open(folder / "lake", {}).has_value());
}

TEST_CASE("faults are kept with their place, a bounded number per object") {
    Folder folder;
    auto writer = must(Writer::open(folder / "lake", {}));
    auto worker = writer->worker();
    auto input = source::Input::of_bytes("nonsense", "bad.json");
    must(input.load(SIZE_MAX));
    must(worker->begin(input));
    for (uint64_t i = 0; i < 1000; ++i)
        worker->quarantine({FaultCode::bad_json, i * 10}, i, std::string(5000, 'x'));
    worker->quarantine({FaultCode::truncated, 5}, UINT64_MAX, "tail");
    must(worker->end());
    must(worker->finish());
    auto lake = must(Lake::open(folder / "lake"));
    std::vector<Quarantined> kept;
    must(lake.catalog().for_each_quarantined([&](const Quarantined& q) { kept.push_back(q); }));
    CHECK(kept.size() == 100);
    CHECK(kept[3].offset == 30);
    CHECK(kept[3].code == FaultCode::bad_json);
    CHECK(kept[3].sample.size() == 512);
    CHECK(must(lake.object(1))->faults == 1001);
}

TEST_CASE("raw objects are kept once under the hash of their content") {
    Folder folder;
    auto writer = must(Writer::open(folder / "lake", {.keep_raw = true}));
    auto worker = writer->worker();
    ingest(*worker, "a.json", numbered(0, 3));
    must(worker->finish());
    auto lake = must(Lake::open(folder / "lake"));
    const auto object = must(lake.object(1));
    CHECK(object->kept_raw);
    const std::string name = to_hex(object->content);
    std::ifstream file(folder / ("lake/objects/" + name.substr(0, 2) + "/" + name));
    const std::string bytes((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    CHECK(sha256(bytes) == object->content);
}

TEST_CASE("a newer lake format is refused") {
    Folder folder;
    { auto writer = must(Writer::open(folder / "lake", {})); }
    CHECK(Lake::open(folder / "lake").has_value());
    std::filesystem::create_directories(folder / "none");
    CHECK(Lake::open(folder / "none").error().code() == Code::not_found);
    const std::string command =
        "python3 -c \"import sqlite3; c=sqlite3.connect('" +
        (folder / "lake/catalog.sqlite").string() +
        "'); c.execute(\\\"UPDATE meta SET value=99 WHERE key='format_version'\\\"); c.commit()\"";
    if (std::system(command.c_str()) != 0) {
        MESSAGE("python3 with sqlite3 is not there: skipped");
        return;
    }
    CHECK(Lake::open(folder / "lake").error().code() == Code::unsupported);
    CHECK(Writer::open(folder / "lake", {}).error().code() == Code::unsupported);
}
