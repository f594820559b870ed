// `yagura findings`: what the rules found in a lake, the one to look at first on top.
#include "store/findings.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/messages/scan.h"
#include "base/messages/store.h"
#include "base/text.h"
#include "cli/result_writer.h"
#include "cli/screen.h"
#include "finding/severity.h"
#include "store/lake.h"

namespace yagura::cli {
namespace {

using query::ValueType;
using store::RankedFinding;

struct Options {
    std::string lake;
    std::string least = "low";
    std::string format = "table";
    size_t limit = 0;
};

std::string samples_json(const store::KeptFinding& finding) {
    std::string out = "[";
    for (const store::FindingSample& sample : finding.samples) {
        out +=
            fmt::format(R"({}{{"time":"{}","log_type":{},"event_id":{},"object":{},"ordinal":{}}})",
                        out.size() > 1 ? "," : "",
                        format_iso8601(sample.time),
                        json_quote(sample.log_type),
                        json_quote(sample.event_id),
                        json_quote(sample.object),
                        sample.ordinal);
    }
    return out + "]";
}

sql::Value text_or_nothing(const std::string& text) {
    return text.empty() ? sql::Value() : sql::Value(text);
}

// One column: its name in files, and its heading where a table shows it.
struct Column {
    std::string_view name;
    ValueType type;
    std::string (*heading)();  // null: in files only
    // `for_people`: in their language, where there are two.
    sql::Value (*value)(const RankedFinding& ranked, bool for_people);
};

// clang-format off
constexpr Column kColumns[] = {
    {"level", ValueType::text, [] { return say(message::findings_head_level); },
     [](const RankedFinding& r, bool for_people) {
         const finding::Severity& severity = finding::severity(r.finding.level);
         return sql::Value(std::string(for_people ? severity.title.in(language()) : severity.name));
     }},
    {"rule_title", ValueType::text, [] { return say(message::findings_head_rule); },
     [](const RankedFinding& r, bool for_people) {
         const bool japanese =
             for_people && language() == Language::japanese && !r.finding.title_ja.empty();
         return sql::Value(japanese ? r.finding.title_ja : r.finding.title);
     }},
    {"principal", ValueType::text, [] { return say(message::find_head_who); },
     [](const RankedFinding& r, bool) { return text_or_nothing(r.finding.principal); }},
    {"source_ip", ValueType::text, [] { return say(message::find_head_source); },
     [](const RankedFinding& r, bool) { return text_or_nothing(r.finding.source_ip); }},
    {"account_id", ValueType::text, [] { return say(message::findings_head_account); },
     [](const RankedFinding& r, bool) { return text_or_nothing(r.finding.account); }},
    {"count", ValueType::integer, [] { return say(message::findings_head_count); },
     [](const RankedFinding& r, bool) { return sql::Value(static_cast<int64_t>(r.finding.count)); }},
    {"failed", ValueType::integer, [] { return say(message::findings_head_failed); },
     [](const RankedFinding& r, bool) { return sql::Value(static_cast<int64_t>(r.finding.failed)); }},
    {"first", ValueType::time, [] { return say(message::findings_head_first); },
     [](const RankedFinding& r, bool) { return sql::Value(r.finding.first); }},
    {"last", ValueType::time, [] { return say(message::findings_head_last); },
     [](const RankedFinding& r, bool) { return sql::Value(r.finding.last); }},
    {"rule_author", ValueType::text, [] { return say(message::findings_head_author); },
     [](const RankedFinding& r, bool) { return text_or_nothing(r.finding.author); }},
    {"rule_id", ValueType::text, nullptr,
     [](const RankedFinding& r, bool) { return sql::Value(r.finding.rule_id); }},
    {"tags", ValueType::text, nullptr,
     [](const RankedFinding& r, bool) { return text_or_nothing(r.finding.tags); }},
    {"score", ValueType::real, nullptr, [](const RankedFinding& r, bool) { return sql::Value(r.score); }},
    {"samples", ValueType::json, nullptr,
     [](const RankedFinding& r, bool) { return sql::Value(samples_json(r.finding)); }},
};
// clang-format on

void write_rows(const std::vector<RankedFinding>& ranked,
                size_t limit,
                bool is_table,
                ResultWriter& writer) {
    std::vector<query::ResultColumn> columns;
    for (const Column& column : kColumns) {
        if (!is_table) columns.push_back({std::string(column.name), column.type});
        if (is_table && column.heading) columns.push_back({column.heading(), column.type});
    }
    writer.columns(columns);
    std::vector<sql::Value> cells;
    for (size_t i = 0; i < ranked.size() && i < limit; ++i) {
        cells.clear();
        for (const Column& column : kColumns) {
            if (!is_table || column.heading) cells.push_back(column.value(ranked[i], is_table));
        }
        writer.row(cells);
    }
    writer.end();
}

Result<void> tell(const std::vector<RankedFinding>& ranked,
                  const Options& options,
                  const Session& session) {
    YAGURA_TRY(auto out, report::Output::open("-"));
    report::Terminal terminal = terminal_of(STDOUT_FILENO, session);
    if (!isatty(STDOUT_FILENO)) terminal.width = 0;
    const bool is_table = options.format == "table";
    const size_t limit = options.limit == 0 ? ranked.size() : options.limit;
    if (!is_table || !ranked.empty())
        write_rows(ranked, limit, is_table, *make_result_writer(options.format, terminal, out));
    YAGURA_CHECK(out.close());
    if (session.quiet) return {};
    const size_t shown = std::min(limit, ranked.size());
    fmt::print(stderr,
               "{}\n",
               ranked.empty()          ? say(message::findings_none)
               : shown < ranked.size() ? say(message::findings_count_shown,
                                             with_thousands(ranked.size()),
                                             with_thousands(shown))
                                       : say(message::findings_count, with_thousands(shown)));
    return {};
}

int run_findings(const Options& options, const Session& session) {
    const auto least = match::level_from_name(options.least);
    if (!least) {
        constexpr std::string_view kNames = "low, medium, high, critical";
        return complain(say(message::scan_unknown_level, printable(options.least), kNames)), kUsage;
    }
    auto lake = store::Lake::open(options.lake);
    if (!lake) return complain(lake.error()), kUsage;
    auto findings = lake->catalog().findings();
    if (!findings) return complain(findings.error()), kFailed;
    // Ranked among all: what everybody does is told from all findings, shown or not.
    auto ranked = store::rank(std::move(*findings));
    std::erase_if(ranked, [&](const RankedFinding& one) { return one.finding.level < *least; });
    if (const auto told = tell(ranked, options, session); !told)
        return complain(told.error()), kFailed;
    return kOk;
}

}  // namespace

void add_findings(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("findings", say(message::findings_help));
    command->add_option("--lake", options->lake, say(message::lake_opt_lake))->required();
    command->add_option("-m,--min-level", options->least, say(message::findings_opt_level));
    command->add_option("-f,--format", options->format, say(message::find_opt_format))
        ->check(CLI::IsMember({"table", "csv", "jsonl"}));
    command->add_option("--limit", options->limit, say(message::findings_opt_limit));
    command->callback([options, &session] { session.exit_code = run_findings(*options, session); });
}

}  // namespace yagura::cli
