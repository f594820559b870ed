// `yagura lake compact|retain|replay`: care for a lake.
#include "store/lake.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/scan.h"
#include "base/messages/store.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/rule_options.h"
#include "cli/screen.h"
#include "pipeline/ingest.h"
#include "rule/loader.h"
#include "store/compact.h"

namespace yagura::cli {
namespace {

struct Options {
    std::string lake;
    uint32_t days = 0;
    store::CompactOptions compact;
    uint32_t wait_seconds = 0;
    RuleOptions choice;
};

int run_compact(Options& options, const Session& session) {
    const Interrupt interrupt;
    const std::function<bool()> stop = [&] { return interrupt.is_set(); };
    options.compact.stop = &stop;
    options.compact.wait = std::chrono::seconds(options.wait_seconds);
    const auto totals = store::compact(options.lake, options.compact);
    if (!totals) return complain(totals.error()), kFailed;
    if (!session.quiet) {
        fmt::print("{}\n",
                   say(message::lake_compacted,
                       totals->days,
                       with_thousands(totals->segments_before),
                       with_thousands(totals->segments_after),
                       human_bytes(totals->bytes_before),
                       human_bytes(totals->bytes_after)));
    }
    return interrupt.is_set() ? kInterrupted : kOk;
}

int run_retain(Options& options, const Session& session) {
    options.compact.wait = std::chrono::seconds(options.wait_seconds);
    const auto now = current_time();
    const auto totals =
        store::retain(options.lake, now - std::chrono::days(options.days), options.compact);
    if (!totals) return complain(totals.error()), kFailed;
    if (!session.quiet) {
        fmt::print("{}\n",
                   say(message::lake_retained,
                       with_thousands(totals->days),
                       with_thousands(totals->rows),
                       human_bytes(totals->bytes)));
    }
    return kOk;
}

int run_replay(const Options& options, const Session& session) {
    const auto rules = rule::load_rules(load_options(options.choice, session));
    if (!rules) return complain(rules.error()), kUsage;
    const auto context = load_context(options.choice, session);
    if (!context) return complain(context.error()), kUsage;
    if (auto lake = store::Lake::open(options.lake); !lake) return complain(lake.error()), kUsage;
    const Interrupt interrupt;
    ProgressLine progress(session);
    pipeline::ReplayOptions replay;
    replay.lake = options.lake;
    replay.policy = &context->policy;
    replay.writer.wait = std::chrono::seconds(options.wait_seconds);
    replay.workers.stop = interrupt.flag();
    replay.workers.on_progress = [&](const pipeline::Progress& state) { progress.show(state); };
    const auto result =
        pipeline::replay({rules->rules, rules->correlations, rules->first_seen}, replay);
    progress.clear();
    if (!result) return complain(result.error()), kFailed;
    const finding::Quarantine& left = result->read.quarantine;
    if (!session.quiet) {
        fmt::print("{}\n",
                   say(message::lake_replayed,
                       with_thousands(result->read.objects_found),
                       with_thousands(result->read.totals.records_stored),
                       with_thousands(left.records() + left.objects())));
        if (result->objects_gone > 0)
            fmt::print("{}\n",
                       say(message::lake_replay_gone, with_thousands(result->objects_gone)));
    }
    if (result->read.stopped) return kInterrupted;
    return left.is_empty() && result->objects_gone == 0 ? kOk : kPartial;
}

}  // namespace

void add_lake(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("lake", say(message::lake_help));
    command->require_subcommand(1);
    CLI::App* compact = command->add_subcommand("compact", say(message::lake_compact_help));
    CLI::App* retain = command->add_subcommand("retain", say(message::lake_retain_help));
    CLI::App* replay = command->add_subcommand("replay", say(message::lake_replay_help));
    for (CLI::App* each : {compact, retain, replay}) {
        each->add_option("--lake", options->lake, say(message::lake_opt_lake))->required();
        each->add_option("--wait", options->wait_seconds, say(message::lake_opt_wait));
    }
    retain->add_option("--days", options->days, say(message::lake_retain_opt_days))->required();
    add_rule_options(*replay, options->choice);
    replay->callback([options, &session] { session.exit_code = run_replay(*options, session); });
    compact->callback([options, &session] { session.exit_code = run_compact(*options, session); });
    retain->callback([options, &session] { session.exit_code = run_retain(*options, session); });
}

}  // namespace yagura::cli
