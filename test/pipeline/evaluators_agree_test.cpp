// Real rules on real events: the compiled program against the plain walk. Only where the shared
// data is.
#include <cstdlib>
#include <filesystem>
#include <map>

#include <doctest/doctest.h>

#include "decode/record_reader.h"
#include "match/slow.h"
#include "pipeline/event_reader.h"
#include "rule/loader.h"

using namespace yagura;

namespace {

std::filesystem::path shared_data() {
    const char* named = std::getenv("YAGURA_SHARED");
    const std::filesystem::path root = named ? named : YAGURA_SOURCE_DIR "/../shared";
    return root / "data";
}

std::vector<match::Rule> load(const std::filesystem::path& folder) {
    auto set = rule::load_rules({.added = {folder}});
    REQUIRE(set);
    return std::move(set->rules);
}

class Comparison final : public pipeline::EventConsumer {
  public:
    void consume(event::Event& event,
                 const pipeline::TypePlan& plan,
                 const decode::RecordOrigin&) override {
        auto& evaluator =
            evaluators_.try_emplace(plan.index, plan.program, plan.fields).first->second;
        fast_.clear();
        evaluator.match(event, fast_);
        std::vector<uint32_t> slow;
        for (uint32_t i = 0; i < plan.rules.size(); ++i) {
            if (match::matches_slowly(*plan.rules[i], event, plan.type->shape)) slow.push_back(i);
        }
        ++events;
        hits += slow.size();
        if (fast_ == slow) return;
        CAPTURE(event.record);
        CHECK(fast_ == slow);
    }
    void fault(const Fault&, const decode::RecordOrigin&, std::string_view) override {}

    size_t events = 0;
    size_t hits = 0;

  private:
    std::map<size_t, match::Evaluator> evaluators_;
    std::vector<uint32_t> fast_;
};

void compare(const std::vector<match::Rule>& rules, const std::filesystem::path& folder) {
    const pipeline::TypePlans plans(rules, {});
    Comparison comparison;
    pipeline::EventReader events(plans, comparison);
    decode::RecordReader records;
    const std::vector<std::string> paths = {folder.string()};
    const auto listing = source::list_objects(paths);
    REQUIRE(listing);
    for (const source::Object& object : listing->objects) {
        events.begin_object();
        CHECK(records.read(object, events));
    }
    DOCTEST_MESSAGE(comparison.events << " events, " << comparison.hits << " hits");
    CHECK(comparison.events > 0);
    CHECK(comparison.hits > 0);
}

}  // namespace

TEST_CASE("on all shared rules and CloudTrail events the program says what the plain walk says") {
    const auto data = shared_data();
    if (!std::filesystem::exists(data / "rules")) {
        DOCTEST_MESSAGE("skipped: no shared data");
        return;
    }
    std::vector<match::Rule> rules = load(data / "rules");
    compare(rules, data / "cloudtrail");
    // Rules about other logs too, as if they were about CloudTrail: more operations, more keywords.
    for (match::Rule& rule : rules) rule.source = {};
    compare(rules, data / "cloudtrail");
}
