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
#include "base/messages/scan.h"
#include "base/text.h"
#include "cli/chosen_rules.h"
#include "cli/rule_options.h"
#include "cli/rules_commands.h"
#include "cli/screen.h"
#include "pipeline/backtest.h"

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
    RuleOptions context;
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

using pipeline::Backtest;
using pipeline::Tested;

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

// "3 high, 2 low", where the context moved some of a rule's matches to another level.
std::string levels_text(const Tested& tested) {
    std::string out;
    for (size_t i = tested.levels.size(); i-- > 0;) {
        if (tested.levels[i] == 0) continue;
        const auto level = static_cast<match::Level>(i);
        out += fmt::format("{}{} {}",
                           out.empty() ? "" : ", ",
                           with_thousands(tested.levels[i]),
                           match::level_name(level));
    }
    return out;
}

bool is_shifted(const Tested& tested) {
    return tested.count > 0 && tested.levels[static_cast<size_t>(tested.level)] != tested.count;
}

// What the context made of the matches.
void print_context(const Tested& tested) {
    Counts hidden;
    for (const auto& [exception, count] : tested.hidden) hidden.emplace_back(exception->id, count);
    std::sort(hidden.begin(), hidden.end());
    if (!hidden.empty()) fmt::print("    {}\n", say(message::hunt_hidden, counts_text(hidden)));
    if (is_shifted(tested)) fmt::print("    {}\n", say(message::hunt_levels, levels_text(tested)));
    if (tested.throttled > 0)
        fmt::print("    {}\n", say(message::hunt_throttled, with_thousands(tested.throttled)));
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
        print_context(tested);
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
    print_context(tested);
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

std::string context_json(const Tested& tested) {
    std::string out;
    for (const auto& [exception, count] : tested.hidden)
        out += fmt::format(R"({}{{"exception":{},"matches":{}}})",
                           out.empty() ? "" : ",",
                           json_quote(exception->id),
                           count);
    if (!out.empty()) out = ",\"hidden\":[" + out + "]";
    if (is_shifted(tested)) {
        std::string levels;
        for (size_t i = tested.levels.size(); i-- > 0;) {
            if (tested.levels[i] == 0) continue;
            levels += fmt::format(R"({}"{}":{})",
                                  levels.empty() ? "" : ",",
                                  match::level_name(static_cast<match::Level>(i)),
                                  tested.levels[i]);
        }
        out += ",\"levels\":{" + levels + "}";
    }
    if (tested.throttled > 0) out += fmt::format(R"(,"throttled":{})", tested.throttled);
    return out;
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
    out += context_json(tested);
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
        } else if (one->count > 0 || !one->hidden.empty() || tested.size() <= kShowEmpty) {
            print_text(*one, backtest.hits);
        }
    }
}

// Each exception that met a match, held back or only counted.
void print_exceptions(const Backtest& backtest, const match::Policy& policy) {
    for (size_t i = 0; i < backtest.exceptions.size(); ++i) {
        const match::Exception& exception = policy.exceptions[i];
        if (backtest.exceptions[i] == 0) continue;
        fmt::print(
            stderr,
            "{}\n",
            say(exception.only_counts ? message::hunt_exception_counts : message::hunt_exception,
                printable(exception.id),
                with_thousands(backtest.exceptions[i]),
                printable(exception.owner)));
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

Result<void> run(Backtest& backtest,
                 store::Lake& lake,
                 query::Hunt request,
                 const Session& session) {
    YAGURA_TRY(const auto snapshot, lake.snapshot());
    Ticker ticker(session, snapshot.rows());
    request.asked = &ticker.asked;
    return backtest.run(lake, std::move(request));
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
    request.interrupted = interrupt.flag();
    const auto context = load_context(options.context, session);
    if (!context) return complain(context.error()), kUsage;
    pipeline::BacktestOptions how{.all = options.words.empty(), .now = current_time()};
    if (!context->policy.is_empty()) how.policy = &context->policy;
    Backtest backtest(chosen->set, chosen->chosen, how);
    const auto ran = run(backtest, *lake, std::move(request), session);
    if (!ran) {
        if (interrupt.is_set()) return kInterrupted;
        return complain(ran.error()), kFailed;
    }
    print_answer(backtest, options);
    if (!session.quiet) {
        print_summary(backtest, *range);
        print_exceptions(backtest, context->policy);
    }
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
    command->add_option("--context", options->context.context, say(message::scan_opt_context))
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
