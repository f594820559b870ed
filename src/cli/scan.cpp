// `yagura scan`: a folder of logs in, what happened out.
//
// The details go where -o says or to standard output; then the summary moves to standard error, so
// that output can be piped. Without -f or -o the summary itself is the output.
#include "pipeline/scan.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/messages/detect.h"
#include "base/messages/falco.h"
#include "base/messages/scan.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/geo_option.h"
#include "cli/rule_options.h"
#include "cli/screen.h"
#include "report/console.h"
#include "report/outputs.h"
#include "rule/context.h"
#include "rule/loader.h"

namespace yagura::cli {
namespace {

struct Options {
    std::vector<std::string> paths;
    RuleOptions choice;
    std::string format;
    std::string output;
    std::string min_level;
    std::string profile = "standard";
    std::string from;
    std::string to;
    std::string summary_json;
    std::string fail_level;
    std::string first_seen_state;
    std::string lake;
    std::vector<std::string> geo;
    bool byte_order_mark = false;
    bool falco_first_wins = false;
    bool explain = false;
};

// What the words on the command line mean.
struct Wanted {
    std::string format;  // empty: no details
    std::string output = "-";
    const report::Profile* profile = nullptr;
    std::optional<match::Level> fail_level;
    pipeline::ScanOptions scan;
    bool details_to_stdout() const { return !format.empty() && output == "-"; }
};

std::string format_of_file(std::string_view path) {
    if (path.ends_with(".jsonl") || path.ends_with(".ndjson") || path.ends_with(".json"))
        return "jsonl";
    if (path.ends_with(".html") || path.ends_with(".htm")) return "html";
    return "csv";
}

Result<std::optional<match::Level>> level_of(const std::string& name) {
    if (name.empty()) return std::optional<match::Level>();
    if (const auto level = match::level_from_name(name)) return level;
    constexpr std::string_view kNames[] = {"informational", "low", "medium", "high", "critical"};
    const std::string near = suggest(name, kNames);
    const std::string hint = near.empty() ? fmt::format("{}", fmt::join(kNames, ", ")) : near;
    return fail(Code::invalid, say(message::scan_unknown_level, name, hint));
}

Result<Wanted> interpret(const Options& options, const Session& session) {
    Wanted wanted;
    wanted.format = options.format.empty() && !options.output.empty()
                        ? format_of_file(options.output)
                        : options.format;
    if (!options.output.empty()) wanted.output = options.output;
    wanted.profile = report::find_profile(options.profile);
    YAGURA_TRY(wanted.fail_level, level_of(options.fail_level));
    YAGURA_TRY(const auto min_level, level_of(options.min_level));
    YAGURA_TRY(wanted.scan.range, parse_time_range(options.from, options.to, current_time()));
    wanted.scan.paths = options.paths;
    wanted.scan.workers.threads = session.threads;
    const match::Level every =
        wanted.format.empty() ? match::Level::low : match::Level::informational;
    wanted.scan.keep_from = min_level.value_or(every);
    wanted.scan.list = !wanted.format.empty();
    wanted.scan.print = wanted.format.starts_with("falco");
    wanted.scan.falco_first_wins = options.falco_first_wins;
    wanted.scan.first_seen_state = options.first_seen_state;
    wanted.scan.first_seen_lake = options.lake;
    wanted.scan.explain = options.explain;
    if (options.explain && wanted.format != "jsonl")
        return fail(Code::invalid, say(message::scan_explain_format));
    return wanted;
}

Result<void> write_details(const report::ScanReport& report,
                           const pipeline::ScanResult& result,
                           const Wanted& wanted,
                           bool byte_order_mark) {
    YAGURA_TRY(report::Output out, report::Output::open(wanted.output));
    if (wanted.format == "csv") write_csv(report, {wanted.profile, byte_order_mark}, out);
    if (wanted.format == "jsonl")
        write_json_lines(report, out, wanted.scan.explain ? &result.whys : nullptr);
    if (wanted.format == "timesketch") write_timesketch(report, out);
    if (wanted.format == "html") write_html(report, out);
    if (wanted.format == "falco") write_falco(result.printed, out);
    if (wanted.format == "falco-json") write_falco_json(result.printed, out);
    return out.close();
}

// Writes everything that was asked for and says where.
Result<void> tell(const report::ScanReport& report,
                  const pipeline::ScanResult& result,
                  const Options& options,
                  const Wanted& wanted,
                  const Session& session) {
    std::vector<report::Written> written;
    if (!wanted.format.empty()) {
        YAGURA_CHECK(write_details(report, result, wanted, options.byte_order_mark));
        if (!wanted.details_to_stdout()) written.push_back({wanted.output, true});
    }
    if (!options.summary_json.empty()) {
        YAGURA_TRY(report::Output out, report::Output::open(options.summary_json));
        write_summary_json(report, out);
        YAGURA_CHECK(out.close());
        if (options.summary_json != "-") written.push_back({options.summary_json, false});
    }
    if (session.quiet) return {};
    const bool stdout_taken = wanted.details_to_stdout() || options.summary_json == "-";
    const int file = stdout_taken ? STDERR_FILENO : STDOUT_FILENO;
    const std::string summary = console_summary(report, terminal_of(file, session), written);
    std::fwrite(summary.data(), 1, summary.size(), stdout_taken ? stderr : stdout);
    return {};
}

int exit_code_of(const pipeline::ScanResult& result, const Wanted& wanted) {
    if (result.stopped) return kInterrupted;
    if (wanted.fail_level) {
        for (size_t i = static_cast<size_t>(*wanted.fail_level); i < finding::kLevels; ++i) {
            if (result.hits.by_level()[i] > 0) return kFound;
        }
    }
    return result.totals.quarantine.is_empty() ? kOk : kPartial;
}

std::vector<report::ExceptionUse> exception_uses(const match::Policy& policy,
                                                 const match::ExceptionTally& tally) {
    std::vector<report::ExceptionUse> uses;
    const Timestamp now = current_time();
    for (size_t i = 0; i < policy.exceptions.size(); ++i) {
        const match::Exception& exception = policy.exceptions[i];
        uses.push_back({&exception, tally[i], exception.expires && *exception.expires <= now});
    }
    return uses;
}

// Keeps what is worked with until the process ends, which is soon: taking rules and findings apart
// piece by piece first would take as long as reading hundreds of files.
template <class T>
T& keep_to_the_end(T&& value) {
    static auto* const kept = new std::deque<T>();
    return kept->emplace_back(std::move(value));
}

Result<pipeline::ScanResult> scan_with_progress(const rule::RuleSet& rules,
                                                pipeline::ScanOptions options,
                                                const Session& session) {
    ProgressLine progress(session);
    options.workers.on_progress = [&](const pipeline::Progress& state) { progress.show(state); };
    auto result = pipeline::scan({rules.rules, rules.correlations, rules.first_seen}, options);
    progress.clear();
    return result;
}

// `geo` is asked while the report is written.
report::ScanReport report_of(const pipeline::ScanResult& result,
                             const rule::RuleSet& rules,
                             const match::Policy& policy,
                             const enrich::GeoBook& geo,
                             const Options& options,
                             const Wanted& wanted) {
    report::ScanReport report =
        report::make_report(result.hits, result.totals, pipeline::core_count(wanted.scan.workers));
    report.rules = {rules.loaded, rules.quarantined_count};
    report.seconds = result.seconds;
    report.interrupted = result.stopped;
    report.inputs = options.paths;
    report.made = current_time();
    report.exceptions = exception_uses(policy, result.exceptions);
    report.throttled = result.throttled;
    if (options.geo.empty()) return report;
    report.place_of = [&geo](std::string_view address) {
        const auto place = geo.look(address);
        return place ? place->sentence(language()) : std::string();
    };
    return report;
}

void show_problems(const rule::RuleSet& rules, const Session& session) {
    if (!session.quiet) show_rule_problems(rules.quarantined);
    if (!session.quiet) show_filters(rules);
    if (rules.rules.empty()) complain(say(message::scan_no_rules));
}

int run_scan(const Options& options, const Session& session) {
    auto wanted = interpret(options, session);
    if (!wanted) return complain(wanted.error()), kUsage;
    wanted->scan.listing = pipeline::start_listing(wanted->scan.paths, wanted->scan.workers);
    const auto& rules = keep_to_the_end(rule::load_rules(load_options(options.choice, session)));
    if (!rules) return complain(rules.error()), kUsage;
    show_problems(*rules, session);
    const auto context = load_context(options.choice, session);
    if (!context) return complain(context.error()), kUsage;
    wanted->scan.policy = &context->policy;
    const auto geo = open_geo(options.geo);
    if (!geo) return complain(geo.error()), kUsage;

    const Interrupt interrupt;
    wanted->scan.workers.stop = interrupt.flag();
    const auto& result = keep_to_the_end(scan_with_progress(*rules, wanted->scan, session));
    if (!result) return complain(result.error()), kFailed;
    if (result->printed_left_out)
        complain(say(message::falco_lines_left_out, result->printed_left_out));
    const report::ScanReport& report =
        keep_to_the_end(report_of(*result, *rules, context->policy, **geo, options, *wanted));
    if (const auto told = tell(report, *result, options, *wanted, session); !told)
        return complain(told.error()), kFailed;
    return exit_code_of(*result, *wanted);
}

std::vector<std::string> profile_names() {
    std::vector<std::string> names;
    for (const report::Profile& profile : report::profiles()) names.emplace_back(profile.name);
    return names;
}

}  // namespace

void add_scan(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("scan", say(message::scan_help));
    command->add_option("PATH", options->paths, say(message::scan_opt_path))->required();
    add_rule_options(*command, options->choice);
    add_geo_option(*command, options->geo);
    command->add_option("-f,--format", options->format, say(message::scan_opt_format))
        ->check(CLI::IsMember({"csv", "jsonl", "timesketch", "html", "falco", "falco-json"}));
    command->add_option("-o,--output", options->output, say(message::scan_opt_output));
    command->add_option("-m,--min-level", options->min_level, say(message::scan_opt_min_level));
    command->add_option("--profile-columns", options->profile, say(message::scan_opt_profile))
        ->check(CLI::IsMember(profile_names()));
    command->add_flag(
        "--falco-first-wins", options->falco_first_wins, say(message::falco_opt_first_wins));
    command->add_option(
        "--first-seen-state", options->first_seen_state, say(message::detect_opt_state));
    command->add_option("--lake", options->lake, say(message::detect_opt_lake));
    command->add_flag("--explain", options->explain, say(message::scan_opt_explain));
    command->add_flag("--bom", options->byte_order_mark, say(message::scan_opt_bom));
    command->add_option("--from", options->from, say(message::scan_opt_from));
    command->add_option("--to", options->to, say(message::scan_opt_to));
    command->add_option(
        "--summary-json", options->summary_json, say(message::scan_opt_summary_json));
    command->add_option("--fail-level", options->fail_level, say(message::scan_opt_fail_level));
    command->callback([options, &session] { session.exit_code = run_scan(*options, session); });
}

}  // namespace yagura::cli
