// Real rules on real events, three ways: the plain walk and the program over the records, and a
// hunt over a lake made of them. Only where the shared data is; our own rules and samples always.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <unistd.h>

#include "decode/record_reader.h"
#include "match/slow.h"
#include "pipeline/event_reader.h"
#include "query/hunt.h"
#include "rule/loader.h"
#include "rule/samples.h"
#include "source/input.h"
#include "store/writer.h"
#include "support/must.h"

using namespace yagura;

namespace {

using test::must;

using Place = std::pair<std::string, uint64_t>;  // object, ordinal
using Hits = std::map<Place, std::set<const match::Rule*>>;

std::filesystem::path shared_data() {
    const char* named = std::getenv("YAGURA_SHARED");
    const std::filesystem::path root = named ? named : YAGURA_SOURCE_DIR "/../shared";
    return root / "data";
}

// Fills a lake and asks both evaluators on the way.
class Ingest final : public pipeline::EventConsumer {
  public:
    explicit Ingest(std::unique_ptr<store::LakeWorker> worker) : worker_(std::move(worker)) {}

    void begin(source::Input& input, const std::string& path) {
        object_ = path;
        wanted = store::is_wanted(must(worker_->begin(input)));
    }
    void end() { REQUIRE(worker_->end()); }
    void finish() { REQUIRE(worker_->finish()); }

    void consume(event::Event& event,
                 const pipeline::TypePlan& plan,
                 const decode::RecordOrigin&) override {
        if (!must(worker_->admit(*plan.type, event))) return;
        REQUIRE(worker_->append(*plan.type, event, "", ""));
        auto& evaluator =
            evaluators_.try_emplace(plan.index, plan.program, plan.fields).first->second;
        std::vector<uint32_t> fast;
        evaluator.match(event, fast);
        const Place place{object_, event.ordinal};
        for (const uint32_t rule : fast) by_program[place].insert(plan.rules[rule]);
        for (const match::Rule* rule : plan.rules) {
            if (match::matches_slowly(*rule, event, plan.type->shape)) by_walk[place].insert(rule);
        }
        records[place] = event.record;
    }
    void fault(const Fault&, const decode::RecordOrigin&, std::string_view) override {}

    bool wanted = false;
    Hits by_walk;
    Hits by_program;
    std::map<Place, std::string> records;

  private:
    std::unique_ptr<store::LakeWorker> worker_;
    std::map<size_t, match::Evaluator> evaluators_;
    std::string object_;
};

std::string sentence_of(const match::Rule& rule) {
    std::string out = rule.info.id + " " + rule.info.title;
    for (const match::Predicate& predicate : rule.predicates)
        out += fmt::format("; {} {}", predicate.field, static_cast<int>(predicate.op));
    return out;
}

void compare(const std::vector<match::Rule>& rules, const std::filesystem::path& folder) {
    const auto lake_folder =
        std::filesystem::temp_directory_path() / fmt::format("yagura_hunt_agrees_{}", getpid());
    std::filesystem::remove_all(lake_folder);
    const pipeline::TypePlans plans(rules, {.collect_extra = true});
    {
        auto writer = must(store::Writer::open(lake_folder, {}));
        Ingest ingest(writer->worker());
        pipeline::EventReader events(plans, ingest);
        decode::RecordReader reader;
        const std::vector<std::string> paths = {folder.string()};
        for (const source::Object& object : must(source::list_objects(paths)).objects) {
            auto input = must(source::Input::open(object));
            ingest.begin(input, object.path);
            if (!ingest.wanted) continue;
            events.begin_object();
            static_cast<void>(must(reader.read(input, events)));
            events.end_object();
            ingest.end();
        }
        ingest.finish();
        CHECK(ingest.by_walk == ingest.by_program);

        auto lake = must(store::Lake::open(lake_folder));
        std::vector<const match::Rule*> views;
        for (const match::Rule& rule : rules) views.push_back(&rule);
        query::Hunt request;
        request.rules = views;
        Hits by_hunt;
        const auto totals = must(query::hunt(lake, request, [&](const query::HuntHit& hit) {
            const std::string path = must(lake.object(hit.object))->path;
            auto& of_event = by_hunt[{path, hit.event.ordinal}];
            for (const uint32_t rule : hit.rules) of_event.insert(&rules[rule]);
        }));
        CHECK(totals.unreadable == 0);
        CHECK(totals.rows == ingest.records.size());
        size_t hits = 0;
        for (const auto& [place, record] : ingest.records) {
            const auto& walked = ingest.by_walk[place];
            const auto& hunted = by_hunt[place];
            hits += walked.size();
            if (walked == hunted) continue;
            CAPTURE(record);
            for (const match::Rule& rule : rules) {
                CAPTURE(sentence_of(rule));
                CHECK(walked.count(&rule) == hunted.count(&rule));
            }
        }
        DOCTEST_MESSAGE(totals.rows << " events, " << hits << " hits");
        CHECK(hits > 0);
    }
    std::filesystem::remove_all(lake_folder);
}

}  // namespace

TEST_CASE("a hunt finds what our rules find in the events beside them") {
    const std::filesystem::path root = YAGURA_SOURCE_DIR;
    const std::vector<match::Rule> rules =
        must(rule::load_rules({.added = {root / "rules"}})).rules;
    const auto folder =
        std::filesystem::temp_directory_path() / fmt::format("yagura_hunt_samples_{}", getpid());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    std::set<std::filesystem::path> files;
    for (const match::Rule& rule : rules) files.insert(rule::sample_file_of(rule.info.file));
    size_t count = 0;
    for (const auto& file : files) {
        std::error_code ignored;
        if (!std::filesystem::exists(file, ignored)) continue;
        for (const rule::Sample& sample : must(rule::read_samples(file))) {
            std::ofstream out(folder / fmt::format("{:05}.log", count++), std::ios::binary);
            for (const std::string& record : sample.records) out << record << '\n';
        }
    }
    CHECK(count > 100);
    compare(rules, folder);
    std::filesystem::remove_all(folder);
}

TEST_CASE("on all shared rules and CloudTrail events a hunt finds what the plain walk finds") {
    const auto data = shared_data();
    if (!std::filesystem::exists(data / "rules")) {
        DOCTEST_MESSAGE("skipped: no shared data");
        return;
    }
    std::vector<match::Rule> rules = must(rule::load_rules({.added = {data / "rules"}})).rules;
    compare(rules, data / "cloudtrail");
    // Rules about other logs too, as if they were about CloudTrail: more operations, more keywords.
    for (match::Rule& rule : rules) rule.source = {};
    compare(rules, data / "cloudtrail");
}
