// `yagura ingest`: logs into a lake.
#include "pipeline/ingest.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/report.h"
#include "base/messages/scan.h"
#include "base/messages/store.h"
#include "base/text.h"
#include "cli/rule_options.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "console/exceptions.h"
#include "desk/cost_book.h"
#include "report/notices.h"
#include "rule/loader.h"

namespace yagura::cli {
namespace {

constexpr uint32_t kMeasureOneIn = 64;  // events, for what rules cost

struct Options {
    pipeline::IngestOptions ingest;
    RuleOptions choice;
    bool no_correlations = false;
    uint32_t wait_seconds = 0;
    uint32_t memory_mib = 320;
};

void tell(const pipeline::IngestResult& result, const Options& options) {
    const auto& lake = result.totals;
    const double rate = static_cast<double>(lake.records) / std::max(result.seconds, 0.001);
    std::vector<std::vector<std::string>> rows = {
        {say(message::ingest_new), with_thousands(lake.records_stored)},
        {say(message::ingest_duplicate), with_thousands(lake.records_duplicate)},
        {say(message::ingest_objects), with_thousands(lake.objects)},
        {say(message::ingest_objects_known), with_thousands(lake.objects_duplicate)},
    };
    if (lake.objects_rewritten > 0) {
        rows.push_back(
            {say(message::ingest_objects_rewritten), with_thousands(lake.objects_rewritten)});
    }
    const auto& quarantine = result.quarantine;
    if (!quarantine.is_empty()) {
        rows.push_back({say(message::ingest_faults),
                        with_thousands(quarantine.records() + quarantine.objects())});
    }
    rows.push_back({say(message::ingest_written),
                    say(message::ingest_written_detail,
                        with_thousands(lake.segments),
                        human_bytes(lake.segment_bytes))});
    rows.push_back({say(message::ingest_time),
                    say(message::ingest_time_detail,
                        fmt::format("{:.1f}", result.seconds),
                        with_thousands(static_cast<uint64_t>(rate)))});
    print_table(rows);
    for (const auto& part : quarantine.parts()) {
        fmt::print(stderr,
                   "{}: {}\n",
                   printable(part.object),
                   printable(report::place_and_reason(part, language())));
    }
    if (quarantine.unlisted() > 0)
        complain(say(message::tell_more, with_thousands(quarantine.unlisted())));
    const std::string next =
        result.stopped ? say(message::ingest_stopped)
                       : say(message::ingest_next, printable(options.ingest.lake.string()));
    fmt::print("{}\n", next);
}

int run_ingest(Options& options, const Session& session) {
    options.ingest.workers.threads = session.threads;
    options.ingest.listing = pipeline::start_listing(options.ingest.paths, options.ingest.workers);
    const auto rules = rule::load_rules(load_options(options.choice, session));
    if (!rules) return complain(rules.error()), kUsage;
    const auto context =
        load_context(options.choice, session, console::policy_files(options.ingest.lake));
    if (!context) return complain(context.error()), kUsage;
    options.ingest.policy = &context->policy;
    const Interrupt interrupt;
    ProgressLine progress(session);
    options.ingest.measure_one_in = kMeasureOneIn;
    options.ingest.writer.wait = std::chrono::seconds(options.wait_seconds);
    options.ingest.writer.buffer_bytes = size_t{options.memory_mib} << 20;
    options.ingest.workers.stop = interrupt.flag();
    options.ingest.workers.on_progress = [&](const pipeline::Progress& state) {
        progress.show(state);
    };
    const auto result =
        options.no_correlations
            ? pipeline::ingest(rules->rules, options.ingest)
            : pipeline::ingest({rules->rules, rules->correlations, rules->first_seen},
                               options.ingest);
    progress.clear();
    if (!result) return complain(result.error()), kFailed;
    desk::CostBook(options.ingest.lake / "console").add(result->costs);
    if (!session.quiet) tell(*result, options);
    if (result->stopped) return kInterrupted;
    return result->quarantine.is_empty() ? kOk : kPartial;
}

}  // namespace

void add_ingest(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("ingest", say(message::ingest_help));
    command->add_option("PATH", options->ingest.paths, say(message::ingest_opt_path))->required();
    command->add_option("--lake", options->ingest.lake, say(message::lake_opt_lake))->required();
    command->add_flag(
        "--keep-raw", options->ingest.writer.keep_raw, say(message::ingest_opt_keep_raw));
    add_rule_options(*command, options->choice);
    command->add_flag(
        "--no-correlations", options->no_correlations, say(message::ingest_opt_no_correlations));
    command->add_option("--wait", options->wait_seconds, say(message::lake_opt_wait));
    command->add_option("--memory", options->memory_mib, say(message::ingest_opt_memory))
        ->check(CLI::Range(1, 65536));
    command->callback([options, &session] { session.exit_code = run_ingest(*options, session); });
}

}  // namespace yagura::cli
