// `yagura rules test --lake DIR RULE…`: what rules would have matched in a lake.
//
// Per rule, how many events and findings (the same account, principal and address are one finding,
// as in a scan), when, who and from where, and the first of them to look at.
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/messages/hunt.h"
#include "base/text.h"
#include "cli/chosen_rules.h"
#include "cli/rules_commands.h"
#include "cli/screen.h"
#include "detect/batch.h"
#include "detect/first_seen.h"
#include "finding/hit.h"
#include "query/hunt.h"
#include "query/records.h"

namespace yagura::cli {
namespace {

constexpr size_t kTop = 3;
constexpr size_t kShowEmpty = 20;  // rules without matches are listed when there are so few

struct Options {
    std::vector<std::string> words;
    std::vector<std::string> more;
    bool no_default = false;
    std::string lake;
    std::string from;
    std::string to;
    std::string since;
    std::string format = "table";
};

// Says how far the hunt is, on a terminal.
class Ticker {
  public:
    Ticker(const Session& session, uint64_t total) {
        if (session.quiet || !isatty(STDERR_FILENO)) return;
        thread_ = std::thread([this, total] {
            std::unique_lock lock(mutex_);
            while (!wake_.wait_for(lock, std::chrono::milliseconds(200), [this] { return done_; }))
                fmt::print(stderr,
                           "\r{}\x1b[K",
                           say(message::hunt_progress,
                               with_thousands(asked.load()),
                               with_thousands(total)));
            fmt::print(stderr, "\r\x1b[K");
        });
    }
    ~Ticker() {
        if (!thread_.joinable()) return;
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    std::atomic<uint64_t> asked{0};

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    bool done_ = false;
    std::thread thread_;
};

// A rule of the answer: several conditions of one id are one rule.
struct Tested {
    match::RuleInfo info;  // graver than informational, or it would make no findings
    match::Level level;
    std::string reason;  // why it was not asked; empty when it was
    uint64_t count = 0;
    int64_t first = 0;
    int64_t last = 0;
    std::vector<const finding::Finding*> findings;
};

using Counts = std::vector<std::pair<std::string_view, uint64_t>>;

// The most frequent texts among a rule's findings, most first.
Counts top(const Tested& tested,
           const finding::HitCollector& hits,
           finding::StringId finding::Finding::*which) {
    std::map<std::string_view, uint64_t> counts;
    for (const finding::Finding* finding : tested.findings) {
        const std::string_view text = hits.strings().text(finding->*which);
        if (!text.empty()) counts[text] += finding->count;
    }
    Counts sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.second > b.second;
    });
    if (sorted.size() > kTop) sorted.resize(kTop);
    return sorted;
}

// The earliest events of all its findings.
std::vector<const finding::EventFacts*> samples(const Tested& tested) {
    std::vector<const finding::EventFacts*> all;
    for (const finding::Finding* finding : tested.findings) {
        for (size_t i = 0; i < finding->sample_count; ++i) all.push_back(&finding->samples[i]);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto* a, const auto* b) {
        return std::tie(a->time, a->ordinal) < std::tie(b->time, b->ordinal);
    });
    if (all.size() > kTop) all.resize(kTop);
    return all;
}

// What rules over several events look at, and how far back.
struct Correlating {
    std::set<uint32_t> rules;         // whose matches they count
    std::set<uint32_t> correlations;  // all that are needed, chosen or not
    std::set<std::string> fields;
    int64_t reach = 0;  // microseconds

    void need(const rule::RuleSet& set, uint32_t index) {
        if (!correlations.insert(index).second) return;
        const match::Correlation& correlation = set.correlations[index];
        reach = std::max(reach, 2 * correlation.timespan);
        fields.insert(correlation.group_by.begin(), correlation.group_by.end());
        for (const match::CorrelationReference& reference : correlation.references) {
            rules.insert(reference.rules.begin(), reference.rules.end());
            fields.insert(reference.group_by.begin(), reference.group_by.end());
            fields.insert(reference.value_fields.begin(), reference.value_fields.end());
            for (const uint32_t inner : reference.correlations) need(set, inner);
        }
    }
    void need(const match::FirstSeen& first_seen) {
        rules.insert(first_seen.rules.begin(), first_seen.rules.end());
        fields.insert(first_seen.fields.begin(), first_seen.fields.end());
        fields.insert(first_seen.entity.begin(), first_seen.entity.end());
        reach = std::max(reach,
                         first_seen.history + std::max(first_seen.learning, first_seen.entity_age));
    }
};

class Backtest {
  public:
    Backtest(const ChosenRules& chosen, bool all)
        : chosen_(chosen),
          targets_({chosen.set.rules, chosen.set.correlations, chosen.set.first_seen}),
          memory_(targets_) {
        std::map<std::string_view, size_t> by_id;
        // A first-seen rule and the rule whose matches it looks at are one file and one id.
        std::set<std::string_view> over_several;
        for (const uint32_t index : chosen.first_seen)
            over_several.insert(chosen.set.first_seen[index].info.id);
        for (const uint32_t index : chosen.rules) {
            const match::Rule& rule = chosen.set.rules[index];
            if (!rule.reports && (all || over_several.count(rule.info.id) > 0)) continue;
            const auto [at, is_new] = by_id.try_emplace(rule.info.id, tested.size());
            if (is_new) add(rule.info);
            ask(rule, at->second);
        }
        for (const uint32_t index : chosen.correlations) {
            targets_chosen_[index] = tested.size();
            add(chosen.set.correlations[index].info);
            correlating_.need(chosen.set, index);
        }
        for (const uint32_t index : chosen.first_seen) {
            targets_chosen_[targets_.correlation_count() + index] = tested.size();
            add(chosen.set.first_seen[index].info);
            correlating_.need(chosen.set.first_seen[index]);
        }
        for (const uint32_t index : correlating_.rules) {
            const match::Rule& rule = chosen.set.rules[index];
            if (std::find(asked_.begin(), asked_.end(), &rule) == asked_.end()) ask(rule, kNobody);
        }
    }

    Result<void> run(store::Lake& lake, query::Hunt request, const Session& session) {
        YAGURA_TRY(const auto snapshot, lake.snapshot());
        give_reasons(snapshot);
        query::Objects objects(lake);
        detect::Batch batch(targets_, memory_, {.threads = std::max(1u, session.threads)});
        detect::SignalCollector& signals = batch.new_collector();
        std::map<const logtype::LogType*, detect::SignalPlan> plans;
        const TimeRange range = request.range;
        // Windows and memories that reach into the range begin before it.
        if (range.from)
            request.range.from =
                from_micros(std::max<int64_t>(0, to_micros(*range.from) - correlating_.reach));
        request.rules = asked_;
        request.fields = shown_fields();
        request.fields.insert(
            request.fields.end(), correlating_.fields.begin(), correlating_.fields.end());
        request.want_fields = [&](const logtype::LogType& type, event::FieldPlan& fields) {
            auto& plan = plans[&type];
            plan = detect::SignalPlan(targets_, asked_, chosen_.set.rules);
            plan.want_fields(fields);
        };
        Ticker ticker(session, snapshot.rows());
        request.asked = &ticker.asked;
        YAGURA_TRY(totals, query::hunt(lake, request, [&](const query::HuntHit& hit) {
                       const auto object = objects.find(hit.object);
                       const std::string_view path = object ? std::string_view(object->path) : "";
                       if (!correlating_.rules.empty())
                           signals.add(plans[&hit.type],
                                       hit.rules,
                                       hit.event,
                                       hit.type,
                                       path,
                                       hit.event.ordinal,
                                       identity_of(hit));
                       if (range.contains(hit.event.time)) add_hit(hit, path);
                   }));
        YAGURA_TRY(correlations,
                   batch.decide(last_event(snapshot, range), [&](const detect::Firing& firing) {
                       const bool is_chosen = targets_chosen_.count(firing.target) > 0;
                       if (is_chosen && range.contains(from_micros(firing.time)))
                           detect::add_to(hits, firing, targets_);
                   }));
        hits.finish();
        settle();
        return {};
    }

    detect::CorrelationCounts correlations;
    std::vector<std::unique_ptr<Tested>> tested;
    finding::HitCollector hits{
        std::make_shared<finding::HitLimits>(match::Level::informational, 0)};
    query::HuntTotals totals;

  private:
    static constexpr size_t kNobody = SIZE_MAX;  // asked only for correlations

    void ask(const match::Rule& rule, size_t for_whom) {
        asked_.push_back(&rule);
        tested_of_.push_back(for_whom);
    }

    void add_hit(const query::HuntHit& hit, std::string_view path) {
        size_t last = kNobody;
        for (const uint32_t rule : hit.rules) {
            const size_t which = tested_of_[rule];
            if (which == last || which == kNobody) continue;  // another condition of the same rule
            last = which;
            hits.add(tested[which]->info, hit.event, hit.type, path, hit.event.ordinal);
        }
    }

    // What tells an event from the same event delivered twice; the lake holds each once.
    static uint64_t identity_of(const query::HuntHit& hit) {
        if (const auto own = logtype::event_identity(hit.type, hit.event)) return own->low;
        const uint64_t place[] = {static_cast<uint64_t>(hit.object), hit.event.ordinal};
        return hash128({reinterpret_cast<const char*>(place), sizeof place}).low;
    }

    static int64_t last_event(const store::Snapshot& snapshot, const TimeRange& range) {
        int64_t last = 0;
        for (const std::string& type : snapshot.log_types()) {
            for (const store::Segment* segment : snapshot.segments(type, range))
                last = std::max(last, to_micros(segment->max_time));
        }
        return range.to ? std::min(last, to_micros(*range.to) - 1) : last;
    }

    Tested& add(const match::RuleInfo& info) {
        tested.push_back(std::make_unique<Tested>());
        tested.back()->info = info;
        tested.back()->level = info.level;
        tested.back()->info.level = std::max(info.level, match::Level::low);
        return *tested.back();
    }

    void give_reasons(const store::Snapshot& snapshot) {
        const auto types = snapshot.log_types();
        for (size_t i = 0; i < asked_.size(); ++i) {
            if (tested_of_[i] == kNobody) continue;
            const bool known = std::any_of(types.begin(), types.end(), [&](const auto& name) {
                const logtype::LogType* type = logtype::find(name);
                return type && asked_[i]->source.covers(type->logsource);
            });
            if (!known) tested[tested_of_[i]]->reason = say(message::hunt_no_logs);
        }
    }

    static std::vector<std::string> shown_fields() {
        std::set<std::string> fields;
        for (const logtype::LogType* type : logtype::all()) {
            for (const int slot : finding::part_slots_of(*type)) {
                if (slot >= 0) fields.emplace(type->fields[static_cast<size_t>(slot)].name);
            }
        }
        return {fields.begin(), fields.end()};
    }

    void settle() {
        std::map<const match::RuleInfo*, Tested*> by_info;
        for (const auto& one : tested) by_info[&one->info] = one.get();
        for (const auto& [target, which] : targets_chosen_)
            by_info[&targets_.info(target)] = tested[which].get();
        for (const finding::RuleTally& tally : hits.rules()) {
            Tested& one = *by_info.at(tally.rule);
            one.count = tally.count;
            one.first = tally.first;
            one.last = tally.last;
        }
        for (const finding::Finding& finding : hits.findings())
            by_info.at(hits.rules()[finding.rule].rule)->findings.push_back(&finding);
    }

    const ChosenRules& chosen_;
    detect::Targets targets_;
    detect::FirstSeenMemory memory_;
    Correlating correlating_;
    std::map<uint32_t, size_t> targets_chosen_;  // target → index into tested
    std::vector<const match::Rule*> asked_;
    std::vector<size_t> tested_of_;  // index into tested, or kNobody
};

std::string period_text(const TimeRange& range) {
    if (range.is_open()) return say(message::hunt_all_time);
    const auto end = [](const std::optional<Timestamp>& time) {
        return time ? format_iso8601(*time) : std::string("…");
    };
    return say(message::hunt_period, end(range.from), end(range.to));
}

std::string counts_text(const Counts& counts) {
    std::string out;
    for (const auto& [name, count] : counts)
        out += fmt::format(
            "{}{} ({})", out.empty() ? "" : ", ", printable(name), with_thousands(count));
    return out;
}

void print_text(const Tested& tested, const finding::HitCollector& hits) {
    const bool japanese = language() == Language::japanese && !tested.info.title_ja.empty();
    fmt::print("{:<13} {} ({})\n",
               match::level_name(tested.level),
               printable(japanese ? tested.info.title_ja : tested.info.title),
               printable(tested.info.id));
    if (!tested.reason.empty()) {
        fmt::print("    {}\n", tested.reason);
        return;
    }
    if (tested.count == 0) {
        fmt::print("    {}\n", say(message::hunt_nothing));
        return;
    }
    const std::string first = format_iso8601(from_micros(tested.first));
    fmt::print("    {}\n",
               tested.count == 1 ? say(message::hunt_match, first)
                                 : say(message::hunt_matches,
                                       with_thousands(tested.count),
                                       with_thousands(tested.findings.size()),
                                       first,
                                       format_iso8601(from_micros(tested.last))));
    const auto line = [&](const Text& label, finding::StringId finding::Finding::*which) {
        const std::string text = counts_text(top(tested, hits, which));
        if (!text.empty()) fmt::print("    {}: {}\n", say(label), text);
    };
    line(message::hunt_accounts, &finding::Finding::account);
    line(message::hunt_principals, &finding::Finding::principal);
    line(message::hunt_addresses, &finding::Finding::source_ip);
    for (const finding::EventFacts* facts : samples(tested)) {
        const auto part = [&](finding::Part which) {
            return printable(hits.strings().text(facts->parts[static_cast<size_t>(which)]));
        };
        fmt::print("      {}  {}  {}  {}  {} #{}\n",
                   format_iso8601(from_micros(facts->time)),
                   part(finding::Part::event_name),
                   part(finding::Part::principal),
                   part(finding::Part::source_ip),
                   printable(hits.strings().text(facts->object)),
                   facts->ordinal);
    }
}

std::string counts_json(const Counts& counts) {
    std::string out;
    for (const auto& [name, count] : counts)
        out += fmt::format(
            R"({}{{"name":{},"count":{}}})", out.empty() ? "" : ",", json_quote(name), count);
    return "[" + out + "]";
}

void print_json(const Tested& tested, const finding::HitCollector& hits) {
    std::string out =
        fmt::format(R"({{"rule_id":{},"title":{},"level":{},"matches":{},"findings":{})",
                    json_quote(tested.info.id),
                    json_quote(tested.info.title),
                    json_quote(match::level_name(tested.level)),
                    tested.count,
                    tested.findings.size());
    if (!tested.reason.empty()) out += fmt::format(R"(,"reason":{})", json_quote(tested.reason));
    if (tested.count > 0) {
        std::string events;
        for (const finding::EventFacts* facts : samples(tested)) {
            const auto part = [&](finding::Part which) {
                return json_quote(hits.strings().text(facts->parts[static_cast<size_t>(which)]));
            };
            events += fmt::format(
                R"({}{{"time":"{}","log_type":{},"event_id":{},"event_name":{},"account_id":{},"principal":{},"source_ip":{},"object":{},"ordinal":{}}})",
                events.empty() ? "" : ",",
                format_iso8601(from_micros(facts->time)),
                json_quote(facts->type->name),
                part(finding::Part::event_id),
                part(finding::Part::event_name),
                part(finding::Part::account),
                part(finding::Part::principal),
                part(finding::Part::source_ip),
                json_quote(hits.strings().text(facts->object)),
                facts->ordinal);
        }
        out += fmt::format(
            R"(,"first":"{}","last":"{}","accounts":{},"principals":{},"addresses":{},"samples":[{}])",
            format_iso8601(from_micros(tested.first)),
            format_iso8601(from_micros(tested.last)),
            counts_json(top(tested, hits, &finding::Finding::account)),
            counts_json(top(tested, hits, &finding::Finding::principal)),
            counts_json(top(tested, hits, &finding::Finding::source_ip)),
            events);
    }
    fmt::print("{}}}\n", out);
}

void print_answer(Backtest& backtest, const Options& options) {
    auto& tested = backtest.tested;
    std::stable_sort(tested.begin(), tested.end(), [](const auto& a, const auto& b) {
        return std::tie(b->level, b->count) < std::tie(a->level, a->count);
    });
    for (const auto& one : tested) {
        if (options.format == "json") {
            print_json(*one, backtest.hits);
        } else if (one->count > 0 || tested.size() <= kShowEmpty) {
            print_text(*one, backtest.hits);
        }
    }
}

void print_summary(const Backtest& backtest, const TimeRange& range) {
    size_t with_matches = 0;
    size_t unasked = 0;
    for (const auto& one : backtest.tested) {
        with_matches += one->count > 0;
        unasked += !one->reason.empty();
    }
    fmt::print(stderr,
               "{}\n",
               say(message::hunt_summary,
                   with_thousands(with_matches),
                   with_thousands(backtest.tested.size()),
                   with_thousands(backtest.totals.rows),
                   period_text(range)));
    if (unasked > 0) fmt::print(stderr, "{}\n", say(message::hunt_unasked, unasked));
    if (backtest.correlations.is_incomplete())
        fmt::print(stderr, "{}\n", say(message::hunt_incomplete));
    if (backtest.totals.unreadable > 0)
        fmt::print(stderr, "{}\n", say(message::hunt_unreadable, backtest.totals.unreadable));
}

int backtest_rules(const Options& options, const Session& session) {
    const auto range = parse_time_range(
        options.since.empty() ? options.from : options.since, options.to, current_time());
    if (!range) return complain(range.error()), kUsage;
    auto lake = store::Lake::open(options.lake);
    if (!lake) return complain(lake.error()), kUsage;
    const auto chosen = choose_rules(options.words, options.more, options.no_default, session);
    if (!chosen) return kUsage;
    const Interrupt interrupt;
    query::Hunt request;
    request.range = *range;
    request.threads = session.threads;
    request.temp_directory = std::filesystem::temp_directory_path();
    request.interrupted = interrupt.flag();
    Backtest backtest(*chosen, options.words.empty());
    if (const auto ran = backtest.run(*lake, std::move(request), session); !ran) {
        if (interrupt.is_set()) return kInterrupted;
        return complain(ran.error()), kFailed;
    }
    print_answer(backtest, options);
    if (!session.quiet) print_summary(backtest, *range);
    return kOk;
}

}  // namespace

void add_rules_test(CLI::App* rules, Session& session, CheckSamples check) {
    auto options = std::make_shared<Options>();
    CLI::App* command = rules->add_subcommand("test", say(message::hunt_test));
    command->add_option("RULE", options->words, say(message::hunt_opt_test_rule));
    auto* lake = command->add_option("--lake", options->lake, say(message::hunt_opt_lake));
    const auto of_lake = [&](const char* name, std::string& value, const Text& sentence) {
        return command->add_option(name, value, say(sentence))->needs(lake);
    };
    auto* from = of_lake("--from", options->from, message::hunt_opt_from);
    of_lake("--to", options->to, message::hunt_opt_to_time);
    of_lake("--since", options->since, message::hunt_opt_since)->excludes(from);
    of_lake("-f,--format", options->format, message::hunt_opt_format)
        ->check(CLI::IsMember({"table", "json"}));
    command->add_option("-r,--rules", options->more, say(message::hunt_opt_more))
        ->allow_extra_args(false)
        ->needs(lake);
    command->add_flag("--no-default-rules", options->no_default, say(message::hunt_opt_no_default))
        ->needs(lake);
    command->callback([options, check = std::move(check), &session] {
        session.exit_code =
            options->lake.empty() ? check(options->words) : backtest_rules(*options, session);
    });
}

}  // namespace yagura::cli
