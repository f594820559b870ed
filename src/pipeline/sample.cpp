#include "pipeline/sample.h"

#include <algorithm>
#include <optional>

#include "pipeline/firing_judge.h"
#include "simulate/simulate.h"
#include "source/object.h"

namespace yagura::pipeline {
namespace {

// A world of its own: the accounts follow from the seed.
constexpr uint64_t kSeed = 20'261'122;

std::string prefix_of(const std::filesystem::path& lake) {
    std::error_code error;
    const auto path = std::filesystem::absolute(sample_folder(lake), error);
    return (error ? sample_folder(lake) : path).lexically_normal().string() + "/";
}

}  // namespace

std::filesystem::path sample_folder(const std::filesystem::path& lake) {
    return lake / "console" / "sample";
}

bool is_of_sample(const std::filesystem::path& lake, std::string_view object_path) {
    return object_path.starts_with(prefix_of(lake));
}

bool has_sample(const std::vector<store::Segment>& segments) {
    return std::any_of(segments.begin(), segments.end(), [](const store::Segment& segment) {
        return segment.level == store::kSampleLevel && segment.state == store::SegmentState::live;
    });
}

Result<void> write_sample_logs(const std::filesystem::path& lake) {
    std::error_code ignored;
    std::filesystem::remove_all(sample_folder(lake), ignored);
    std::filesystem::create_directories(sample_folder(lake), ignored);
    simulate::Plan plan{.scenario = "key-leak", .seed = kSeed, .out = sample_folder(lake)};
    // Days that are just over, so that the screens' usual ranges show it.
    plan.start = current_time() - std::chrono::days(plan.days);
    YAGURA_CHECK(simulate::simulate(plan));
    return {};
}

SampleIngest::SampleIngest(std::shared_ptr<const CompiledRules> rules, store::Writer& writer)
    : rules_(std::move(rules)),
      worker_(writer.worker(store::kSampleLevel)),
      memory_(rules_->targets),
      batch_(rules_->targets, memory_, {}),
      consumer_(rules_->plans,
                options_,
                *worker_,
                rules_->targets.is_empty() ? nullptr : &batch_.new_collector(),
                rules_->policy.exceptions.size()) {}

Result<void> SampleIngest::read(const source::Object& object) {
    YAGURA_TRY(auto input, source::Input::open(object));
    YAGURA_TRY(const bool wanted, consumer_.begin(object, input));
    if (!wanted) return {};
    EventReader events(rules_->plans, consumer_);
    events.begin_object();
    auto stats = reader_.read(input, events);
    events.end_object();
    span_.merge(consumer_.take_span());
    if (!stats) return stats.error();
    return consumer_.end(object, *stats);
}

Result<void> SampleIngest::finish() {
    if (!rules_->targets.is_empty() && span_.last) {
        std::optional<FiringJudge> judge;
        if (!rules_->policy.is_empty())
            judge.emplace(rules_->policy, rules_->targets, current_time());
        match::ExceptionTally unheard(rules_->policy.exceptions.size());
        const auto tell = [&](const detect::Firing& firing) {
            if (!rules_->targets.reports(firing.target)) return;
            const match::RuleInfo* rule = firing.rule;
            if (judge) {
                const match::Verdict verdict = judge->look(firing, unheard);
                if (verdict.exception) return;
                rule = verdict.info;
            }
            finding::ToldEvent event = firing.event.told();
            event.time = firing.time;
            worker_->note(*rule, event, firing.resources);
        };
        YAGURA_CHECK(batch_.decide(*span_.last, tell));
    }
    return consumer_.finish();
}

Result<bool> load_sample(const std::filesystem::path& lake,
                         std::shared_ptr<const CompiledRules> rules,
                         store::Writer& writer) {
    if (has_sample(writer.segments())) return false;
    YAGURA_CHECK(write_sample_logs(lake));
    const std::vector<std::string> paths{(sample_folder(lake) / "logs").string()};
    YAGURA_TRY(const auto listing, source::list_objects(paths));
    SampleIngest sample(std::move(rules), writer);
    for (const source::Object& object : listing.objects) YAGURA_CHECK(sample.read(object));
    YAGURA_CHECK(sample.finish());
    return true;
}

Result<void> remove_sample(const std::filesystem::path& lake, store::Writer& writer) {
    std::vector<int64_t> segments;
    for (const store::Segment& segment : writer.segments()) {
        if (segment.level == store::kSampleLevel) segments.push_back(segment.id);
    }
    YAGURA_CHECK(writer.remove_objects(prefix_of(lake), segments));
    std::error_code ignored;
    std::filesystem::remove_all(sample_folder(lake), ignored);
    return {};
}

}  // namespace yagura::pipeline
