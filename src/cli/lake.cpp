// `yagura lake compact|retain`: care for a lake.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/store.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/screen.h"
#include "store/compact.h"

namespace yagura::cli {
namespace {

struct Options {
    std::string lake;
    uint32_t days = 0;
    store::CompactOptions compact;
    uint32_t wait_seconds = 0;
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

}  // namespace

void add_lake(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("lake", say(message::lake_help));
    command->require_subcommand(1);
    CLI::App* compact = command->add_subcommand("compact", say(message::lake_compact_help));
    CLI::App* retain = command->add_subcommand("retain", say(message::lake_retain_help));
    for (CLI::App* each : {compact, retain}) {
        each->add_option("--lake", options->lake, say(message::lake_opt_lake))->required();
        each->add_option("--wait", options->wait_seconds, say(message::lake_opt_wait));
    }
    retain->add_option("--days", options->days, say(message::lake_retain_opt_days))->required();
    compact->callback([options, &session] { session.exit_code = run_compact(*options, session); });
    retain->callback([options, &session] { session.exit_code = run_retain(*options, session); });
}

}  // namespace yagura::cli
