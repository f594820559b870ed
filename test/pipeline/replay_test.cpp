// Records that an earlier program could not use, read again.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "pipeline/ingest.h"
#include "store/lake.h"
#include "support/folder.h"
#include "support/must.h"

using namespace yagura;

namespace {

using test::must;

constexpr uint64_t kNoOrdinal = UINT64_MAX;

// A flow log of ten lines; those have no ids, so only their place tells them apart.
class FlowLog {
  public:
    FlowLog() {
        std::ofstream file(log());
        file << "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets "
                "bytes start end action log-status\n";
        for (int i = 0; i < 10; ++i) {
            if (i == 9) file << "this line stays broken\n";
            file << fmt::format(
                "2 123456789012 eni-0a 10.0.0.{} 10.1.0.1 1024 443 6 1 2 {} {} ACCEPT OK\n",
                i,
                1722384000 + i,
                1722384060 + i);
        }
    }
    std::string log() const { return (folder_ / "flow.log").string(); }
    std::filesystem::path lake() const { return folder_ / "lake"; }

    // Ingests it, and then makes the lake one of a program that could not use some records, as if
    // they had never been rows: `faults` are quarantined, with nothing stored of the object.
    void ingest_blindly(const std::vector<uint64_t>& faults, bool keep_raw = false) const {
        auto writer = must(store::Writer::open(lake(), {.keep_raw = keep_raw}));
        auto worker = writer->worker();
        source::Object object;
        object.path = log();
        auto input = must(source::Input::open(object));
        must(worker->begin(input));
        for (const uint64_t ordinal : faults)
            worker->quarantine({FaultCode::bad_json, 0}, ordinal, "bytes");
        must(worker->end());
        must(worker->finish());
    }

    pipeline::ReplayResult replay() const { return must(pipeline::replay({}, {.lake = lake()})); }

    int64_t rows(std::string_view what = "count(*)") const {
        auto opened = must(store::Lake::open(lake()));
        const auto snapshot = must(opened.snapshot());
        const auto& type = *logtype::find("vpc_flow");
        auto engine = must(opened.engine({.threads = 1}));
        auto connection = must(engine.connect());
        auto rows = must(connection.query(fmt::format(
            "SELECT {} FROM {}",
            what,
            snapshot.table_sql(store::schema_of(type), snapshot.segments("vpc_flow")))));
        return std::get<int64_t>(must(rows.all())[0][0]);
    }

    std::vector<uint64_t> quarantined() const {
        std::vector<uint64_t> ordinals;
        auto opened = must(store::Lake::open(lake()));
        must(opened.catalog().for_each_quarantined(
            [&](const store::Quarantined& one) { ordinals.push_back(one.ordinal); }));
        return ordinals;
    }

  private:
    test::Folder folder_;
};

}  // namespace

TEST_CASE("quarantined records that now can be read become rows, once") {
    const FlowLog log;
    log.ingest_blindly({2, 3, 5});
    CHECK(log.rows() == 0);
    const auto first = log.replay();
    CHECK(first.read.totals.records_stored == 3);
    CHECK(first.objects_gone == 0);
    CHECK(log.rows() == 3);
    CHECK(log.rows("count(DISTINCT ordinal)") == 3);
    for (int again = 0; again < 2; ++again) {
        CHECK(log.replay().read.totals.records_stored == 0);
        CHECK(log.rows() == 3);
    }
}

TEST_CASE("what still cannot be read stays in quarantine") {
    const FlowLog log;
    log.ingest_blindly({4, kNoOrdinal});
    const auto result = log.replay();
    CHECK(log.rows() == 10);
    CHECK(result.read.quarantine.records() == 1);
    const auto left = log.quarantined();
    REQUIRE(left.size() == 1);
    CHECK(left[0] != 4);
    auto lake = must(store::Lake::open(log.lake()));
    const auto object = must(lake.object(1));
    CHECK(object->faults == 1);
    CHECK(object->stored == 10);
    CHECK(object->state == store::ObjectState::done);
    CHECK(log.replay().read.totals.records_stored == 0);
    CHECK(log.quarantined() == left);
}

TEST_CASE("beyond the faults that are listed every record without a row is tried") {
    const FlowLog log;
    log.ingest_blindly(
        std::vector<uint64_t>(101, 0));  // one more than an object's quarantine lists
    log.replay();
    CHECK(log.rows() == 10);
}

TEST_CASE("a replay that was cut short doubles nothing when it is done again") {
    const FlowLog log;
    log.ingest_blindly({1, 2, 3, 4});
    {
        const auto& type = *logtype::find("vpc_flow");
        event::FieldPlan plan(type.dictionary());
        plan.freeze();
        event::Event event;
        std::vector<int> order;
        std::ifstream file(log.log());
        std::string line;
        std::getline(file, line);
        REQUIRE(type.read_header(line, order));
        // Every row is committed at once; the object is not read to its end.
        auto writer = must(store::Writer::open(log.lake(), {.buffer_bytes = 1}));
        auto worker = writer->worker();
        must(worker->begin_again(must(writer->quarantined())[0]));
        for (uint64_t ordinal = 1; ordinal < 3 && std::getline(file, line); ++ordinal) {
            event.reset(plan);
            event.ordinal = ordinal;
            REQUIRE(!type.read_line(line, order, event, {}));
            REQUIRE(must(worker->admit(type, event)));
            must(worker->append(type, event, "", ""));
        }
        must(worker->leave());
        must(worker->finish());
    }
    CHECK(log.rows() == 2);
    CHECK(log.quarantined().size() == 4);
    CHECK(log.replay().read.totals.records_stored == 2);
    CHECK(log.rows() == 4);
    auto lake = must(store::Lake::open(log.lake()));
    CHECK(must(lake.object(1))->stored == 4);
}

TEST_CASE("a replay reads the copy the lake keeps, and says when there is none") {
    for (const bool keep_raw : {false, true}) {
        const FlowLog log;
        log.ingest_blindly({2}, keep_raw);
        std::filesystem::remove(log.log());
        const auto result = log.replay();
        CHECK(result.objects_gone == (keep_raw ? 0 : 1));
        CHECK(log.rows() == (keep_raw ? 1 : 0));
        // With a copy, the broken line is what is left.
        CHECK((log.quarantined() == std::vector<uint64_t>{2}) == !keep_raw);
    }
}
