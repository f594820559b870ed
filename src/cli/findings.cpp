// `yagura findings`: what the rules found in a lake, the one to look at first on top.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/json_text.h"
#include "base/messages/scan.h"
#include "base/messages/store.h"
#include "base/text.h"
#include "cli/result_writer.h"
#include "cli/screen.h"
#include "console/board.h"
#include "console/finding_list.h"
#include "finding/severity.h"
#include "logtype/resource.h"
#include "store/lake.h"

namespace yagura::cli {
namespace {

using query::ValueType;

// A finding, its place in the order, and what people decided about it.
struct Shown {
    const store::KeptFinding& finding;
    double score;
    const console::Standing& standing;
};

struct Options {
    std::string lake;
    std::string least = "low";
    std::string format = "table";
    std::string status;
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

// "logs +2": the most touched one and how many more.
std::string resources_brief(const store::KeptFinding& finding) {
    if (finding.resources.empty()) return {};
    std::string out(logtype::parse_resource(finding.resources[0].key).name);
    if (finding.resources.size() > 1) out += fmt::format(" +{}", finding.resources.size() - 1);
    return out;
}

std::string resources_json(const store::KeptFinding& finding) {
    std::string out;
    JsonList list(out);
    for (const store::KeptResource& one : finding.resources) {
        JsonObject row(list.next());
        logtype::write_members(row, logtype::parse_resource(one.key));
        row.number("count", one.count);
        row.close();
    }
    list.close();
    return out;
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
    sql::Value (*value)(const Shown& shown, bool for_people);
};

// clang-format off
constexpr Column kColumns[] = {
    {"level", ValueType::text, [] { return say(message::findings_head_level); },
     [](const Shown& r, bool for_people) {
         const finding::Severity& severity = finding::severity(r.finding.level);
         return sql::Value(std::string(for_people ? severity.title.in(language()) : severity.name));
     }},
    {"rule_title", ValueType::text, [] { return say(message::findings_head_rule); },
     [](const Shown& r, bool for_people) {
         const bool japanese =
             for_people && language() == Language::japanese && !r.finding.title_ja.empty();
         return sql::Value(japanese ? r.finding.title_ja : r.finding.title);
     }},
    {"principal", ValueType::text, [] { return say(message::find_head_who); },
     [](const Shown& r, bool) { return text_or_nothing(r.finding.principal); }},
    {"source_ip", ValueType::text, [] { return say(message::find_head_source); },
     [](const Shown& r, bool) { return text_or_nothing(r.finding.source_ip); }},
    {"account_id", ValueType::text, [] { return say(message::findings_head_account); },
     [](const Shown& r, bool) { return text_or_nothing(r.finding.account); }},
    {"resources", ValueType::json, [] { return say(message::findings_head_resources); },
     [](const Shown& r, bool for_people) {
         if (for_people) return text_or_nothing(resources_brief(r.finding));
         return sql::Value(resources_json(r.finding));
     }},
    {"other_resources", ValueType::integer, nullptr,
     [](const Shown& r, bool) { return sql::Value(static_cast<int64_t>(r.finding.other_resources)); }},
    {"count", ValueType::integer, [] { return say(message::findings_head_count); },
     [](const Shown& r, bool) { return sql::Value(static_cast<int64_t>(r.finding.count)); }},
    {"failed", ValueType::integer, [] { return say(message::findings_head_failed); },
     [](const Shown& r, bool) { return sql::Value(static_cast<int64_t>(r.finding.failed)); }},
    {"first", ValueType::time, [] { return say(message::findings_head_first); },
     [](const Shown& r, bool) { return sql::Value(r.finding.first); }},
    {"last", ValueType::time, [] { return say(message::findings_head_last); },
     [](const Shown& r, bool) { return sql::Value(r.finding.last); }},
    {"rule_author", ValueType::text, [] { return say(message::findings_head_author); },
     [](const Shown& r, bool) { return text_or_nothing(r.finding.author); }},
    {"rule_id", ValueType::text, nullptr,
     [](const Shown& r, bool) { return sql::Value(r.finding.rule_id); }},
    {"tags", ValueType::text, nullptr,
     [](const Shown& r, bool) { return text_or_nothing(r.finding.tags); }},
    {"score", ValueType::real, nullptr, [](const Shown& r, bool) { return sql::Value(r.score); }},
    {"samples", ValueType::json, nullptr,
     [](const Shown& r, bool) { return sql::Value(samples_json(r.finding)); }},
    {"status", ValueType::text, nullptr,
     [](const Shown& r, bool) { return sql::Value(std::string(console::status_name(r.standing.status))); }},
    {"assignee", ValueType::text, nullptr,
     [](const Shown& r, bool) { return text_or_nothing(r.standing.assignee); }},
};
// clang-format on

void write_rows(const console::Sight& sight,
                const console::FindingList& list,
                bool is_table,
                ResultWriter& writer) {
    std::vector<query::ResultColumn> columns;
    for (const Column& column : kColumns) {
        if (!is_table) columns.push_back({std::string(column.name), column.type});
        if (is_table && column.heading) columns.push_back({column.heading(), column.type});
    }
    writer.columns(columns);
    std::vector<sql::Value> cells;
    for (const uint32_t place : list.page) {
        const Shown shown{sight.finding(place).kept, sight.score(place), sight.standing(place)};
        cells.clear();
        for (const Column& column : kColumns) {
            if (!is_table || column.heading) cells.push_back(column.value(shown, is_table));
        }
        writer.row(cells);
    }
    writer.end();
}

void tell_counts(const console::FindingList& list) {
    const size_t shown = list.page.size();
    fmt::print(
        stderr,
        "{}\n",
        list.total == 0 ? say(message::findings_none)
        : shown < list.total
            ? say(message::findings_count_shown, with_thousands(list.total), with_thousands(shown))
            : say(message::findings_count, with_thousands(shown)));
    if (list.suppressed > 0)
        fmt::print(
            stderr, "{}\n", say(message::findings_suppressed, with_thousands(list.suppressed)));
}

Result<void> tell(const console::Sight& sight,
                  const console::FindingList& list,
                  const Options& options,
                  const Session& session) {
    YAGURA_TRY(auto out, report::Output::open("-"));
    report::Terminal terminal = terminal_of(STDOUT_FILENO, session);
    if (!isatty(STDOUT_FILENO)) terminal.width = 0;
    const bool is_table = options.format == "table";
    if (!is_table || !list.page.empty())
        write_rows(sight, list, is_table, *make_result_writer(options.format, terminal, out));
    YAGURA_CHECK(out.close());
    if (!session.quiet) tell_counts(list);
    return {};
}

// What the options ask for, or what is wrong with them.
Result<console::FindingFilter> filter_of(const Options& options) {
    console::FindingFilter filter;
    const auto least = match::level_from_name(options.least);
    if (!least) {
        constexpr std::string_view kNames = "low, medium, high, critical";
        return fail(Code::invalid,
                    say(message::scan_unknown_level, printable(options.least), kNames));
    }
    for (auto level = static_cast<int>(*least); level <= static_cast<int>(match::Level::critical);
         ++level)
        filter.levels.push_back(static_cast<match::Level>(level));
    filter.any_status = options.status == "all";
    filter.only_open = options.status == "open";
    if (const auto status = console::status_from_name(options.status)) filter.statuses = {*status};
    filter.limit = options.limit == 0 ? SIZE_MAX : options.limit;
    return filter;
}

// Ranked among all: what everybody does is told from all findings, shown or not.
Result<console::Sight> sight_of(const std::string& lake) {
    YAGURA_TRY(const auto notebook, console::Notebook::find(lake));
    console::ExceptionBook exceptions(lake);
    console::FindingBoard board(lake, notebook.get(), exceptions);
    return board.sight(AccountScope::all(), current_time());
}

int run_findings(const Options& options, const Session& session) {
    const auto filter = filter_of(options);
    if (!filter) return complain(filter.error()), kUsage;
    if (const auto lake = store::Lake::open(options.lake); !lake)
        return complain(lake.error()), kUsage;
    const auto sight = sight_of(options.lake);
    if (!sight) return complain(sight.error()), kFailed;
    if (const auto& mistake = sight->standings->exceptions->mistake) complain(*mistake);
    if (const auto told = tell(*sight, console::list_findings(*sight, *filter), options, session);
        !told)
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
    command->add_option("--status", options->status, say(message::findings_opt_status))
        ->check(CLI::IsMember({"new", "acknowledged", "suppressed", "closed", "open", "all"}));
    command->add_option("--limit", options->limit, say(message::findings_opt_limit));
    command->callback([options, &session] { session.exit_code = run_findings(*options, session); });
}

}  // namespace yagura::cli
