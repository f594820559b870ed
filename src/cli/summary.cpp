// `yagura summary`: what each principal did, as responders know it: every value as count – value
// (first ~ last).
#include <chrono>
#include <deque>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/messages/report.h"
#include "base/messages/scan.h"
#include "base/text.h"
#include "cli/screen.h"
#include "pipeline/scan.h"
#include "report/principals.h"

namespace yagura::cli {
namespace {

struct Options {
    std::vector<std::string> paths;
    std::string format;  // empty: as the name of the output says, else a table
    std::string output = "-";
    std::string from;
    std::string to;
    report::PrincipalOptions shown;
    std::optional<size_t> principals;  // else as many as suit the form
};

constexpr size_t kPagePrincipals = 200;

class Summing final : public pipeline::EventSink {
  public:
    void add(event::Event& event, const logtype::LogType& type) override {
        summary.add(event, type);
    }
    finding::PrincipalSummary summary;
};

std::string format_of(const Options& options) {
    if (!options.format.empty()) return options.format;
    const std::string_view name = options.output;
    if (name.ends_with(".csv")) return "csv";
    if (name.ends_with(".jsonl") || name.ends_with(".ndjson") || name.ends_with(".json"))
        return "jsonl";
    if (name.ends_with(".html") || name.ends_with(".htm")) return "html";
    return "table";
}

Result<void> tell(const report::SummaryReport& told,
                  const Options& options,
                  const Session& session) {
    YAGURA_TRY(report::Output out, report::Output::open(options.output));
    const int file = options.output == "-" ? STDOUT_FILENO : -1;
    const std::string format = format_of(options);
    report::PrincipalOptions shown = options.shown;
    if (format == "html") shown.principals = kPagePrincipals;
    if (format == "csv" || format == "jsonl") shown.principals = 0;
    if (options.principals) shown.principals = *options.principals;
    if (format == "table")
        out.write(principal_table(told.summary, shown, terminal_of(file, session)));
    if (format == "csv") write_principal_csv(told.summary, shown, out);
    if (format == "jsonl") write_principal_json_lines(told.summary, shown, out);
    if (format == "html") write_principal_html(told, shown, out);
    return out.close();
}

int run_summary(const Options& options, const Session& session) {
    pipeline::ScanOptions scan;
    auto range = parse_time_range(options.from, options.to, current_time());
    if (!range) return complain(range.error()), kUsage;
    scan.range = *range;
    const Interrupt interrupt;
    ProgressLine progress(session);
    std::deque<Summing> workers;
    scan.paths = options.paths;
    scan.workers.threads = session.threads;
    scan.workers.stop = interrupt.flag();
    scan.workers.on_progress = [&](const pipeline::Progress& state) { progress.show(state); };
    scan.new_sink = [&] { return &workers.emplace_back(); };
    const auto result = pipeline::scan({}, scan);
    progress.clear();
    if (!result) return complain(result.error()), kFailed;

    finding::PrincipalSummary summary;
    for (const Summing& worker : workers) summary.merge(worker.summary);
    const report::SummaryReport report{summary, result->totals, options.paths, result->stopped};
    if (const auto told = tell(report, options, session); !told)
        return complain(told.error()), kFailed;
    const finding::Quarantine& quarantine = result->totals.quarantine;
    if (!quarantine.is_empty() && !session.quiet) {
        complain(say(message::summary_unreadable,
                     with_thousands(quarantine.objects()),
                     with_thousands(quarantine.records())));
    }
    if (result->stopped) return complain(say(message::tell_interrupted)), kInterrupted;
    return quarantine.is_empty() ? kOk : kPartial;
}

}  // namespace

void add_summary(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("summary", say(message::summary_help));
    command->add_option("PATH", options->paths, say(message::scan_opt_path))->required();
    command->add_option("-f,--format", options->format, say(message::summary_opt_format))
        ->check(CLI::IsMember({"table", "csv", "jsonl", "html"}));
    command->add_option("-o,--output", options->output, say(message::summary_opt_output));
    command->add_option("--principal", options->shown.only, say(message::summary_opt_principal));
    command->add_option(
        "-n,--principals", options->principals, say(message::summary_opt_principals));
    command->add_option("--values", options->shown.values, say(message::summary_opt_values));
    command->add_flag(
        "--temporary-keys", options->shown.temporary_keys, say(message::summary_opt_keys));
    command->add_option("--from", options->from, say(message::scan_opt_from));
    command->add_option("--to", options->to, say(message::scan_opt_to));
    command->callback([options, &session] { session.exit_code = run_summary(*options, session); });
}

}  // namespace yagura::cli
