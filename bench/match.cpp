// Rules per event: the walk over a record alone, and with programs of growing size behind it.
//
// With the shared data (YAGURA_SHARED) real events and all rules of it are used as well; the rest
// needs nothing. The events stay in memory and are read again and again, so the memo is as warm as
// it gets in steady state. With YAGURA_BENCH_EVENTS=FOLDER those events are read instead, up to
// kMostEvents bytes of them, and YAGURA_BENCH_RULES=FOLDER[:FOLDER…] adds a benchmark for the rules
// of each folder: that is how bench/whole.py asks what part of its scans is matching.
//
// "walk" is the time an event takes to be walked for the fields these rules ask for, "matching"
// what asking them adds to that.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/text.h"
#include "decode/record_reader.h"
#include "event/json_document.h"
#include "logtype/log_type.h"
#include "match/program.h"
#include "pipeline/event_reader.h"
#include "rule/loader.h"

namespace {

using namespace yagura;

const logtype::LogType& cloudtrail() {
    return *logtype::find("cloudtrail");
}

std::filesystem::path shared_data() {
    const char* named = std::getenv("YAGURA_SHARED");
    return std::filesystem::path(named ? named : "../shared") / "data";
}

// The text of the CloudTrail events below a folder, one record after another.
class Collector final : public pipeline::EventConsumer {
  public:
    void consume(event::Event& event,
                 const pipeline::TypePlan& plan,
                 const decode::RecordOrigin&) override {
        if (plan.type != &cloudtrail()) return;
        text += event.record;
        text += '\n';
    }
    void fault(const Fault&, const decode::RecordOrigin&, std::string_view) override {}
    std::string text;
};

constexpr size_t kMostEvents = 160 << 20;

std::string read_events() {
    const char* named = std::getenv("YAGURA_BENCH_EVENTS");
    const std::vector<std::string> paths = {named ? named
                                                  : (shared_data() / "cloudtrail").string()};
    const auto listing = source::list_objects(paths);
    if (!listing) return {};
    const pipeline::TypePlans plans({}, {});
    Collector collector;
    pipeline::EventReader events(plans, collector);
    decode::RecordReader records;
    for (const source::Object& object : listing->objects) {
        events.begin_object();
        if (collector.text.size() > kMostEvents) break;
        if (!records.read(object, events)) continue;
    }
    return std::move(collector.text);
}

// Nine events in ten look alike, as in real logs; ids never do.
std::string make_events() {
    constexpr const char* kNames[] = {"GetObject",
                                      "PutObject",
                                      "AssumeRole",
                                      "ListBuckets",
                                      "DescribeInstances",
                                      "GetCallerIdentity",
                                      "CreateUser",
                                      "DeleteTrail",
                                      "Decrypt",
                                      "ConsoleLogin"};
    std::string out;
    for (int i = 0; i < 2000; ++i) {
        out += fmt::format(
            R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","principalId":"AIDA{0}","arn":)"
            R"("arn:aws:iam::111122223333:user/u{0}","accountId":"111122223333","userName":"u{0}"}},"eventTime":)"
            R"("2024-07-31T12:{1:02}:16Z","eventSource":"s3.amazonaws.com","eventName":"{2}","awsRegion":"us-east-1",)"
            R"("sourceIPAddress":"203.0.113.{0}","userAgent":"aws-cli/2.15.{0}","requestParameters":{{"bucketName":)"
            R"("b{3}","key":"k/{3}"}},"responseElements":null,"eventID":"0d6a3dc4-32b4-4ad8-a4d9-{3:012}",)"
            R"("readOnly":true,"eventType":"AwsApiCall","recipientAccountId":"111122223333"}})",
            i % 40,
            i % 60,
            kNames[i % 13 % std::size(kNames)],
            i);
        out += '\n';
    }
    return out;
}

const event::PaddedText& events() {
    static const event::PaddedText text = [] {
        const std::string given = read_events();
        return event::PaddedText(given.empty() ? make_events() : given);
    }();
    return text;
}

// Our own rules; with `shared` those of the shared data too.
const std::vector<match::Rule>& rules(bool shared) {
    static const auto load = [](std::vector<std::filesystem::path> folders) {
        auto set = rule::load_rules({.bundled = std::move(folders)});
        return set ? std::move(set->rules) : std::vector<match::Rule>();
    };
    static const auto own = load({"rules"});
    static const auto all = load({"rules", shared_data() / "rules"});
    return shared ? all : own;
}

// `copies` of every rule. Each copy asks for other event names, or (`same_names`) for the same
// names and another value that no event has.
std::vector<match::Rule> multiply(const std::vector<match::Rule>& from,
                                  int copies,
                                  bool same_names) {
    std::vector<match::Rule> out = from;
    for (int copy = 1; copy < copies; ++copy) {
        for (match::Rule rule : from) {
            for (match::Predicate& predicate : rule.predicates) {
                if ((predicate.field == "eventName") == same_names) continue;
                for (match::Operand& operand : predicate.operands)
                    operand.text += fmt::format("x{}", copy);
            }
            out.push_back(std::move(rule));
        }
    }
    return out;
}

// A part of the events as large as a file of them, indexed: its text stays in the nearest caches,
// as a file just inflated does.
std::vector<event::JsonDocument> pieces() {
    constexpr size_t kPiece = 64 << 10;
    std::vector<event::JsonDocument> out;
    const std::string_view all = events().view();
    for (size_t from = 0; from < all.size();) {
        const size_t end = all.find('\n', std::min(from + kPiece, all.size()));
        const size_t to = end == std::string_view::npos ? all.size() : end + 1;
        event::JsonDocument piece;
        if (!piece.index(all.substr(from, to - from))) out.push_back(std::move(piece));
        from = to;
    }
    return out;
}

// One pass over a piece: seconds, and how many events there were.
template <class Each>
std::pair<double, size_t> pass(event::JsonDocument& document,
                               const event::FieldPlan& plan,
                               event::Event& event,
                               Each&& each) {
    const auto start = std::chrono::steady_clock::now();
    size_t count = 0;
    for (uint32_t at = 0; at < document.size(); ++count) {
        event.reset(plan);
        if (walk_record(document, at, event)) break;
        each(event);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return {took.count(), count};
}

// Each piece is walked to warm it, walked, and walked with the rules asked.
void run(benchmark::State& state,
         const std::vector<match::Rule>& all,
         const match::Tuning& tuning = {}) {
    std::vector<const match::Rule*> views;
    for (const match::Rule& rule : all) views.push_back(&rule);
    const match::Program program(cloudtrail(), views, tuning);
    event::FieldPlan plan(cloudtrail().dictionary());
    program.want_fields(plan);
    plan.freeze();
    match::Evaluator evaluator(program, plan);
    static std::vector<event::JsonDocument> documents = pieces();
    if (documents.empty()) return state.SkipWithError("no events");
    event::Event event;
    std::vector<uint32_t> hits;
    size_t count = 0;
    size_t matched = 0;
    double walk = 0;
    double both = 0;
    for (auto _ : state) {
        const double before = both;
        for (event::JsonDocument& document : documents) {
            const auto nothing = [](event::Event&) {};
            pass(document, plan, event, nothing);
            walk += pass(document, plan, event, nothing).first;
            const auto asked = pass(document, plan, event, [&](event::Event& one) {
                hits.clear();
                evaluator.match(one, hits);
                matched += hits.size();
            });
            both += asked.first;
            count += asked.second;
        }
        state.SetIterationTime(both - before);
    }
    const double per_event = 1.0 / static_cast<double>(std::max<size_t>(count, 1));
    state.counters["rules"] = static_cast<double>(program.rule_count());
    state.counters["hits/event"] = static_cast<double>(matched) * per_event;
    state.counters["walk"] = walk * per_event;
    state.counters["matching"] = (both - walk) * per_event;
}

void match_own_rules(benchmark::State& state) {
    run(state, rules(false));
}
BENCHMARK(match_own_rules)->UseManualTime();

void match_all_rules(benchmark::State& state) {
    run(state, rules(true));
}
BENCHMARK(match_all_rules)->UseManualTime();

// As if no value ever came twice.
void match_all_rules_without_memo(benchmark::State& state) {
    match::Tuning tuning;
    tuning.memo_bytes = 0;
    run(state, rules(true), tuning);
}
BENCHMARK(match_all_rules_without_memo)->UseManualTime();

void match_copies_with_other_names(benchmark::State& state) {
    run(state, multiply(rules(true), static_cast<int>(state.range(0)), false));
}
BENCHMARK(match_copies_with_other_names)->Arg(2)->Arg(6)->UseManualTime();

void match_copies_with_same_names(benchmark::State& state) {
    run(state, multiply(rules(true), static_cast<int>(state.range(0)), true));
}
BENCHMARK(match_copies_with_same_names)->Arg(2)->Arg(6)->UseManualTime();

// Our rules and copies of them that ask of other fields' other values, up to a number of rules:
// what rules cost beyond those that anybody has published, without the shared data.
std::vector<match::Rule> grow(size_t count) {
    const std::vector<match::Rule> own = rules(false);
    const size_t copies = own.empty() ? 1 : (count + own.size() - 1) / own.size();
    std::vector<match::Rule> out = multiply(own, static_cast<int>(copies), true);
    out.resize(std::min(out.size(), count));
    return out;
}

void match_generated_rules(benchmark::State& state) {
    run(state, grow(static_cast<size_t>(state.range(0))));
}
BENCHMARK(match_generated_rules)->Arg(1000)->Arg(5000)->UseManualTime();

// The rules of a folder each, as the environment names them.
const bool kFoldersAdded = [] {
    const char* named = std::getenv("YAGURA_BENCH_RULES");
    for (const std::string_view folder : split(named ? named : "", ':')) {
        if (folder.empty()) continue;
        const std::filesystem::path path(folder);
        benchmark::RegisterBenchmark(("match_folder/" + path.filename().string()).c_str(),
                                     [path](benchmark::State& state) {
                                         auto set = rule::load_rules({.bundled = {path}});
                                         if (!set) return state.SkipWithError("no rules");
                                         run(state, set->rules);
                                     })
            ->UseManualTime();
    }
    return true;
}();

// How long until the first event can be matched.
void build_program(benchmark::State& state) {
    const auto all = multiply(rules(true), static_cast<int>(state.range(0)), true);
    std::vector<const match::Rule*> views;
    for (const match::Rule& rule : all) views.push_back(&rule);
    for (auto _ : state) benchmark::DoNotOptimize(match::Program(cloudtrail(), views).rule_count());
}
BENCHMARK(build_program)->Arg(1)->Arg(6)->Unit(benchmark::kMillisecond);

}  // namespace
