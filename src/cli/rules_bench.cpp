// `yagura rules bench`: how fast rules load, and how fast they meet events.
//
// The events are those beside the bundled rules: real in shape, every kind in them, the same on
// every machine. They are read over and over for a second, once without rules and once with them;
// the difference is what matching costs. A third time every match is measured rule by rule
// (match/cost.h), for the dearest ones.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/rules.h"
#include "event/json_document.h"
#include "event/plan.h"
#include "match/cost.h"
#include "match/program.h"
#include "rule/samples.h"

namespace yagura::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLongEnough{600};
constexpr size_t kDearest = 5;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// The records beside the bundled rules that look like this log type.
std::vector<std::string> records_of(const logtype::LogType& type) {
    std::vector<std::string> records;
    const auto files = rule::find_rule_files(shipped_rules_dir());
    if (!files) return records;
    for (const auto& file : *files) {
        auto samples = rule::read_samples(rule::sample_file_of(file));
        if (!samples) continue;
        for (rule::Sample& sample : *samples) {
            for (std::string& record : sample.records) {
                std::string_view shown = record;  // for text logs the header line tells
                if (type.shape == logtype::Shape::text) shown = shown.substr(0, shown.find('\n'));
                if (logtype::recognise(type.shape, shown, {}) == &type)
                    records.push_back(std::move(record));
            }
        }
    }
    return records;
}

class Track {
  public:
    Track(const logtype::LogType& type, const std::vector<const match::Rule*>& rules)
        : type_(type), program_(type, rules), plan_(type.dictionary()) {
        program_.want_fields(plan_);
        plan_.freeze();
        evaluator_.emplace(program_, plan_);
        meter_.emplace(program_);
    }

    enum class Way : uint8_t { read, match, measure };

    // Records a second, reading them and asking the rules.
    double run(const std::vector<std::string>& records, Way way) {
        std::vector<event::PaddedText> texts;
        for (const std::string& record : records) texts.emplace_back(record);
        const auto start = Clock::now();
        uint64_t done = 0;
        while (Clock::now() - start < kLongEnough) {
            for (const event::PaddedText& text : texts) {
                event_.reset(plan_);
                if (!read(text.view())) continue;
                ++done;
                hits_.clear();
                if (way == Way::match) evaluator_->match(event_, hits_);
                if (way == Way::measure) evaluator_->match(event_, hits_, *meter_);
            }
        }
        return static_cast<double>(done) / seconds_since(start);
    }

    // Microseconds per event of the rules that cost most, after a run that measured.
    std::vector<std::pair<double, uint32_t>> dearest() const {
        std::vector<std::pair<double, uint32_t>> out;
        const double events = std::max<double>(1, static_cast<double>(meter_->events()));
        for (const match::RuleShare& share : meter_->shares())
            out.emplace_back(share.nanoseconds / events / 1000, share.rule);
        std::sort(out.rbegin(), out.rend());
        out.resize(std::min(out.size(), kDearest));
        return out;
    }

  private:
    bool read(std::string_view text) {
        if (type_.shape == logtype::Shape::json) {
            uint32_t at = 0;
            return !document_.index(text) && document_.size() != 0 &&
                   !event::walk_record(document_, at, event_) && !type_.finish(event_, {});
        }
        std::vector<int> order;
        const size_t end = text.find('\n');
        if (end != std::string_view::npos && type_.read_header(text.substr(0, end), order))
            text.remove_prefix(end + 1);
        return !type_.read_line(text, order, event_, {});
    }

    const logtype::LogType& type_;
    match::Program program_;
    event::FieldPlan plan_;
    std::optional<match::Evaluator> evaluator_;
    std::optional<match::CostMeter> meter_;
    event::Event event_;
    event::JsonDocument document_;
    std::vector<uint32_t> hits_;
};

std::string rate(double per_second) {
    return with_thousands(static_cast<uint64_t>(per_second));
}

void bench_log_type(const logtype::LogType& type, const rule::RuleSet& set) {
    const std::vector<const match::Rule*> rules = set.select_for(type);
    const auto start = Clock::now();
    Track track(type, rules);
    fmt::print("{}\n",
               say(message::rules_bench_compile,
                   type.name,
                   rules.size(),
                   fmt::format("{:.1f}", seconds_since(start) * 1000)));
    const std::vector<std::string> records = records_of(type);
    if (records.empty() || rules.empty()) return;
    const double reading = track.run(records, Track::Way::read);
    const double matching = track.run(records, Track::Way::match);
    if (reading <= 0 || matching <= 0) return;
    const double share = 1 - matching / reading;
    fmt::print("  {}\n",
               say(message::rules_bench_match,
                   records.size(),
                   rate(reading),
                   rate(matching),
                   fmt::format("{:.0f}", share > 0 ? share * 100 : 0)));
    track.run(records, Track::Way::measure);
    fmt::print("  {}\n", say(message::rules_bench_costs));
    for (const auto& [micros, rule] : track.dearest()) {
        const match::RuleInfo& info = rules[rule]->info;
        fmt::print("    {:>8.3f}  {}  {}\n", micros, printable(info.id), shown_title(info));
    }
}

}  // namespace

int bench_rules(const CheckOptions& options, const Session& session) {
    const auto start = Clock::now();
    const auto set = load_for_check(options, false, session);
    if (!set) return kUsage;
    const double spent = seconds_since(start);
    fmt::print("{}\n",
               say(message::rules_bench_load,
                   set->loaded,
                   set->files,
                   fmt::format("{:.1f}", spent * 1000),
                   rate(set->loaded / spent)));
    for (const logtype::LogType* type : logtype::all()) bench_log_type(*type, *set);
    return kOk;
}

}  // namespace yagura::cli
