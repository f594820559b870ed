// `yagura find`: where was this ever seen?
#include "store/find.h"

#include <chrono>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/store.h"
#include "base/text.h"
#include "cli/geo_option.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "report/terminal.h"

namespace yagura::cli {
namespace {

struct Options {
    std::vector<std::string> indicators;
    std::string lake, from, to, since;
    std::string format = "table";
    size_t limit = 100;
    std::vector<std::string> geo;
};

std::string text_of(const sql::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
    if (const auto* time = std::get_if<Timestamp>(&value)) return format_iso8601(*time);
    return {};
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

// The value of a role's field, such as who did it.
std::string role_text(const store::FoundRow& row, const store::Schema& schema, int slot) {
    if (slot < 0) return {};
    const int column = schema.column_of(static_cast<size_t>(slot));
    if (column < 0 || static_cast<size_t>(column) >= row.values.size()) return {};
    return text_of(row.values[static_cast<size_t>(column)]);
}

void print_as_table(const store::Found& found) {
    std::vector<std::vector<std::string>> rows = {{say(message::find_head_time),
                                                   say(message::find_head_log),
                                                   say(message::find_head_where),
                                                   say(message::find_head_event),
                                                   say(message::find_head_who),
                                                   say(message::find_head_source),
                                                   say(message::find_head_target)}};
    for (const store::FoundRow& row : found.rows) {
        const auto& type = *logtype::find(row.log_type);
        const auto& schema = store::schema_of(type);
        const auto cell = [&](int slot) {
            return shorten(printable(role_text(row, schema, slot)), 48);
        };
        rows.push_back({format_iso8601(row.time),
                        row.log_type,
                        shorten(joined(row.columns), 32),
                        cell(type.roles.event_name),
                        cell(type.roles.principal),
                        cell(type.roles.source_ip),
                        cell(type.roles.target)});
    }
    print_table(rows);
}

// The row as one JSON object; columns without a value are left out.
std::string row_json(const store::FoundRow& row) {
    const auto columns = store::schema_of(*logtype::find(row.log_type)).columns();
    std::string out = "{";
    for (size_t i = 0; i < row.values.size() && i < columns.size(); ++i) {
        if (sql::is_null(row.values[i])) continue;
        const bool bare = std::holds_alternative<int64_t>(row.values[i]) ||
                          std::holds_alternative<double>(row.values[i]) ||
                          std::holds_alternative<bool>(row.values[i]);
        const std::string text = text_of(row.values[i]);
        if (out.size() > 1) out += ',';
        out += json_quote(columns[i].name) + ":" + (bare ? text : json_quote(text));
    }
    return out + "}";
}

void print_as_json_lines(const store::Found& found) {
    for (const store::FoundRow& row : found.rows) {
        fmt::print("{{\"log_type\":{},\"indicator\":{},\"found_in\":{},\"row\":{}}}\n",
                   json_quote(row.log_type),
                   json_quote(row.indicator),
                   json_quote(joined(row.columns)),
                   row_json(row));
    }
}

// RFC 4180; a cell that a spreadsheet would take for a formula gets a quote in front.
std::string csv_cell(const std::string& text) {
    std::string out = "\"";
    if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos)
        out += '\'';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

void print_as_csv(const store::Found& found) {
    fmt::print("time,log_type,indicator,found_in,object_id,ordinal,row\r\n");
    for (const store::FoundRow& row : found.rows) {
        fmt::print("{},{},{},{},{},{},{}\r\n",
                   format_iso8601(row.time),
                   row.log_type,
                   csv_cell(row.indicator),
                   csv_cell(joined(row.columns)),
                   row.object_id,
                   row.ordinal,
                   csv_cell(row_json(row)));
    }
}

// Where those of the indicators are that are addresses, beside the answer.
Result<void> show_places(const Options& options) {
    YAGURA_TRY(const auto geo, open_geo(options.geo));
    for (const std::string& indicator : options.indicators) {
        const auto place = geo->look(indicator);
        const std::string sentence = place ? place->sentence(language()) : "";
        if (!sentence.empty()) fmt::print(stderr, "{}: {}\n", indicator, sentence);
    }
    return {};
}

void show_footer(store::Lake& lake, const store::Found& found, double milliseconds) {
    const std::string taken = fmt::format("{:.0f}", milliseconds);
    if (found.total == 0) {
        const auto snapshot = lake.snapshot();
        return complain(
            say(message::find_none, with_thousands(snapshot ? snapshot->rows() : 0), taken));
    }
    fmt::print(stderr,
               "{}\n",
               say(message::find_count,
                   report::counted_rows(found.total),
                   with_thousands(found.segments_read),
                   with_thousands(found.segments),
                   taken));
    if (found.rows.size() < found.total)
        fmt::print(stderr, "{}\n", say(message::find_shown, with_thousands(found.rows.size())));
}

int run_find(const Options& options, const Session& session) {
    const auto range = parse_time_range(
        options.since.empty() ? options.from : options.since, options.to, current_time());
    if (!range) return complain(range.error()), kUsage;
    const auto started = std::chrono::steady_clock::now();
    auto lake = store::Lake::open(options.lake);
    if (!lake) return complain(lake.error()), kFailed;
    if (!options.geo.empty() && !session.quiet) {
        if (const auto shown = show_places(options); !shown) return complain(shown.error()), kUsage;
    }
    std::vector<store::Indicator> indicators;
    for (const std::string& text : options.indicators) indicators.emplace_back(text);
    const auto found = store::find(*lake, indicators, {*range, options.limit});
    if (!found) return complain(found.error()), kFailed;
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - started;
    if (options.format == "csv") print_as_csv(*found);
    if (options.format == "jsonl") print_as_json_lines(*found);
    if (options.format == "table" && found->total > 0) print_as_table(*found);
    if (!session.quiet) show_footer(*lake, *found, taken.count());
    return kOk;
}

}  // namespace

void add_find(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("find", say(message::find_help));
    command->add_option("INDICATOR", options->indicators, say(message::find_opt_indicator))
        ->required();
    command->add_option("--lake", options->lake, say(message::lake_opt_lake))->required();
    add_geo_option(*command, options->geo);
    command->add_option("--from", options->from, say(message::find_opt_from));
    command->add_option("--to", options->to, say(message::find_opt_to));
    command->add_option("--since", options->since, say(message::find_opt_since));
    command->add_option("-f,--format", options->format, say(message::find_opt_format))
        ->check(CLI::IsMember({"table", "csv", "jsonl"}));
    command->add_option("--limit", options->limit, say(message::find_opt_limit))
        ->check(CLI::Range(size_t{1}, size_t{1'000'000}));
    command->callback([options, &session] { session.exit_code = run_find(*options, session); });
}

}  // namespace yagura::cli
