// `yagura lake compact|retain|replay|sample`: care for a lake.
#include "store/lake.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/live.h"
#include "base/messages/report.h"
#include "base/messages/scan.h"
#include "base/messages/store.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/rule_options.h"
#include "cli/screen.h"
#include "pipeline/ingest.h"
#include "pipeline/sample.h"
#include "report/terminal.h"
#include "rule/loader.h"
#include "store/compact.h"

namespace yagura::cli {
namespace {

struct Options {
    std::string lake;
    uint32_t days = 0;
    store::CompactOptions compact;
    uint32_t wait_seconds = 0;
    bool is_removal = false;
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
    // Days before 1970 are more than there can be; a larger number must not come round to today.
    const auto since_1970 = std::chrono::floor<std::chrono::days>(current_time());
    const std::chrono::days kept(
        std::min<int64_t>(options.days, since_1970.time_since_epoch().count()));
    const auto totals = store::retain(options.lake, current_time() - kept, options.compact);
    if (!totals) return complain(totals.error()), kFailed;
    if (!session.quiet) {
        fmt::print("{}\n",
                   say(message::lake_retained,
                       report::counted(totals->days, message::tell_day, message::tell_days),
                       report::counted_rows(totals->rows),
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

void tell_sample(const Session& session, const std::string& sentence) {
    if (!session.quiet) fmt::print("{}\n", sentence);
}

Result<void> load_sample(const Options& options, const Session& session, store::Writer& writer) {
    YAGURA_TRY(auto rules, rule::load_rules(load_options(options.choice, session)));
    YAGURA_TRY(auto context, load_context(options.choice, session));
    auto compiled = std::make_shared<const pipeline::CompiledRules>(
        std::make_shared<const rule::RuleSet>(std::move(rules)), std::move(context.policy));
    YAGURA_TRY(const bool is_new, pipeline::load_sample(options.lake, std::move(compiled), writer));
    const auto logs = pipeline::sample_folder(options.lake) / "logs";
    tell_sample(
        session,
        is_new ? say(message::lake_sample_loaded, logs.string()) : say(message::live_sample_there));
    return {};
}

Result<void> remove_sample(const Options& options, const Session& session, store::Writer& writer) {
    if (!pipeline::has_sample(writer.segments())) {
        tell_sample(session, say(message::lake_sample_absent));
        return {};
    }
    YAGURA_CHECK(pipeline::remove_sample(options.lake, writer));
    tell_sample(session, say(message::lake_sample_removed));
    return {};
}

int run_sample(const Options& options, const Session& session) {
    store::WriterOptions writing;
    writing.wait = std::chrono::seconds(options.wait_seconds);
    const auto done = [&]() -> Result<void> {
        YAGURA_TRY(auto writer, store::Writer::open(options.lake, writing));
        return options.is_removal ? remove_sample(options, session, *writer)
                                  : load_sample(options, session, *writer);
    }();
    if (!done) return complain(done.error()), kFailed;
    return kOk;
}

}  // namespace

void add_lake(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("lake", say(message::lake_help));
    command->require_subcommand(1);
    CLI::App* compact = command->add_subcommand("compact", say(message::lake_compact_help));
    CLI::App* retain = command->add_subcommand("retain", say(message::lake_retain_help));
    CLI::App* replay = command->add_subcommand("replay", say(message::lake_replay_help));
    CLI::App* sample = command->add_subcommand("sample", say(message::lake_sample_help));
    for (CLI::App* each : {compact, retain, replay, sample}) {
        each->add_option("--lake", options->lake, say(message::lake_opt_lake))->required();
        each->add_option("--wait", options->wait_seconds, say(message::lake_opt_wait));
    }
    retain->add_option("--days", options->days, say(message::lake_retain_opt_days))->required();
    add_rule_options(*replay, options->choice);
    add_rule_options(*sample, options->choice);
    sample->add_flag("--remove", options->is_removal, say(message::lake_sample_opt_remove));
    sample->callback([options, &session] { session.exit_code = run_sample(*options, session); });
    replay->callback([options, &session] { session.exit_code = run_replay(*options, session); });
    compact->callback([options, &session] { session.exit_code = run_compact(*options, session); });
    retain->callback([options, &session] { session.exit_code = run_retain(*options, session); });
}

}  // namespace yagura::cli
