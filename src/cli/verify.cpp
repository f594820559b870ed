// `yagura verify`: is the lake what it was when it was written?
#include "store/verify.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/store.h"
#include "base/text.h"
#include "cli/screen.h"

namespace yagura::cli {
namespace {

int run_verify(const std::string& lake, const Session& session) {
    const auto report = store::verify(lake);
    if (!report) return complain(report.error()), kFailed;
    for (const store::LakeProblem& problem : report->problems) {
        fmt::print(
            "{}: {}\n  → {}\n", printable(problem.file), printable(problem.what), problem.remedy);
    }
    for (const std::string& orphan : report->orphans) {
        fmt::print("{}: {}\n", printable(orphan), say(message::verify_orphan));
    }
    if (!report->problems.empty()) {
        fmt::print("{}\n", say(message::verify_problems, report->problems.size()));
        return kFailed;
    }
    if (!session.quiet) {
        fmt::print("{}\n",
                   say(message::verify_ok,
                       with_thousands(report->segments),
                       with_thousands(report->rows),
                       human_bytes(report->bytes)));
        if (report->signal_bytes > 0)
            fmt::print(
                "{}\n",
                say(message::verify_signals,
                    human_bytes(report->signal_bytes),
                    fmt::format("{:.1f}",
                                static_cast<double>(report->signal_bytes) /
                                    static_cast<double>(std::max<uint64_t>(report->rows, 1)))));
    }
    return kOk;
}

}  // namespace

void add_verify(CLI::App& program, Session& session) {
    auto lake = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("verify", say(message::verify_help));
    command->add_option("--lake", *lake, say(message::lake_opt_lake))->required();
    command->callback([lake, &session] { session.exit_code = run_verify(*lake, session); });
}

}  // namespace yagura::cli
