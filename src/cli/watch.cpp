// `yagura watch`: matches as logs are written, with rules that follow their files.
//
// Matches go to standard output, one a line, as soon as they are known; everything about rules goes
// to standard error. Ends with Ctrl+C, which decides what correlations still wait for.
#include "base/messages/watch.h"

#include <chrono>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/messages/scan.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/rule_options.h"
#include "cli/screen.h"
#include "pipeline/follow.h"
#include "report/notices.h"
#include "report/outputs.h"

namespace yagura::cli {
namespace {

using finding::Part;

constexpr std::chrono::milliseconds kStep{250};

struct Options {
    std::vector<std::string> paths;
    RuleOptions choice;
    std::string format = "text";
    std::string min_level = "low";
    std::string lateness = "15m";
    bool from_start = false;
    bool poll = false;
    bool once = false;
};

// "2026-11-22 01:02:03  high    Root user signed in · root · 203.0.113.7 · 111122223333 us-east-1"
std::string match_line(const finding::HitView& hit, const report::Terminal& terminal) {
    std::string time = format_iso8601(hit.time()).substr(0, 19);
    time[10] = ' ';
    const std::string_view title = report::title_of(*hit.rule, language());
    std::string line = fmt::format("{}  {}  {}",
                                   terminal.dim(time),
                                   terminal.level(hit.rule->level, 13),
                                   terminal.bold(report::shown(title)));
    for (const Part part :
         {Part::principal, Part::source_ip, Part::event_name, Part::account, Part::region}) {
        const std::string_view text = hit.text(part);
        if (!text.empty()) line += terminal.dim(" · ") + report::shown(text, 60);
    }
    const std::string_view error = hit.text(Part::error_code);
    if (!error.empty()) line += terminal.dim(" · ") + report::shown(error, 40);
    if (hit.correlated && hit.correlated->is_count)
        line += terminal.dim(" · ") + fmt::format("×{:.0f}", hit.correlated->measured);
    return line;
}

void print_matches(const pipeline::ScanResult& result,
                   const Options& options,
                   const report::Terminal& terminal) {
    if (options.format == "jsonl") {
        auto out = report::Output::open("-");
        if (!out) return;
        write_json_lines(report::make_report(result.hits, result.totals), *out);
        if (auto closed = out->close(); !closed) complain(closed.error());
    } else {
        for (size_t i = 0; i < result.hits.hit_count(); ++i)
            fmt::print("{}\n", match_line(result.hits.hit(i), terminal));
    }
    std::fflush(stdout);
}

void tell_faults(const pipeline::ScanResult& result) {
    for (const finding::QuarantinedPart& part : result.totals.quarantine.parts()) {
        complain(fmt::format("{}: {}",
                             report::shown(part.object),
                             report::shown(report::place_and_reason(part, language()))));
    }
}

void tell_reload(const rule::Reload& reload) {
    complain(say(message::watch_reloaded, reload.rules->loaded, reload.added, reload.removed));
    show_rule_problems(reload.mistakes);
    for (const std::string& file : reload.kept)
        complain(say(message::watch_kept, report::shown(file)));
}

Result<pipeline::FollowOptions> follow_options(const Options& options,
                                               const match::Policy& policy,
                                               const Interrupt& interrupt) {
    pipeline::FollowOptions follow;
    follow.stop = interrupt.flag();
    follow.paths = options.paths;
    follow.policy = &policy;
    follow.from_start = options.from_start || options.once;
    follow.poll = options.poll;
    if (const auto level = match::level_from_name(options.min_level)) follow.keep_from = *level;
    const auto lateness = parse_duration(options.lateness);
    if (!lateness) return fail(Code::invalid, say(message::watch_lateness, options.lateness));
    follow.lateness = *lateness;
    return follow;
}

int run_watch(const Options& options, const Session& session) {
    const auto context = load_context(options.choice, session);
    if (!context) return complain(context.error()), kUsage;
    const Interrupt interrupt;
    const auto follow = follow_options(options, context->policy, interrupt);
    if (!follow) return complain(follow.error()), kUsage;
    auto follower = pipeline::Follower::start(load_options(options.choice, session), *follow);
    if (!follower) return complain(follower.error()), kUsage;
    if (!session.quiet) {
        show_rule_problems(follower->rules()->quarantined);
        complain(say(message::watch_started, follower->rules()->loaded));
    }
    const report::Terminal terminal = terminal_of(STDOUT_FILENO, session);
    pipeline::FollowSinks sinks;
    uint64_t late = 0;  // of the rules in use
    sinks.matches = [&](const pipeline::ScanResult& result) {
        print_matches(result, options, terminal);
        if (session.quiet) return;
        tell_faults(result);
        if (result.correlations.late > late)
            complain(say(message::watch_late, result.correlations.late - late));
        late = result.correlations.late;
    };
    sinks.reload = [&](const rule::Reload& reload) {
        late = 0;  // windows begin anew, and what they count with them
        if (!session.quiet) tell_reload(reload);
    };
    sinks.reload_failed = [](const Error& error) {
        complain(say(message::watch_reload_failed, error.sentence()));
    };
    do {
        if (auto stepped = follower->step(kStep, sinks); !stepped)
            return complain(stepped.error()), kFailed;
    } while (!options.once && !interrupt.is_set());
    if (auto finished = follower->finish(sinks); !finished)
        return complain(finished.error()), kFailed;
    return interrupt.is_set() ? kInterrupted : kOk;
}

}  // namespace

void add_watch(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("watch", say(message::watch_help));
    command->add_option("PATH", options->paths, say(message::watch_opt_path))->required();
    add_rule_options(*command, options->choice);
    command->add_option("-f,--format", options->format, say(message::watch_opt_format))
        ->check(CLI::IsMember({"text", "jsonl"}));
    command->add_option("-m,--min-level", options->min_level, say(message::scan_opt_min_level))
        ->check(CLI::IsMember({"informational", "low", "medium", "high", "critical"}));
    command->add_flag("--from-start", options->from_start, say(message::watch_opt_from_start));
    command->add_flag("--once", options->once, say(message::watch_opt_once));
    command->add_option("--lateness", options->lateness, say(message::watch_opt_lateness));
    command->add_flag("--poll", options->poll, say(message::watch_opt_poll));
    command->callback([options, &session] { session.exit_code = run_watch(*options, session); });
}

}  // namespace yagura::cli
