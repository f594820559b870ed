#include "query/commands.h"

#include <algorithm>
#include <cmath>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/parser.h"

namespace yagura::query {
namespace {

constexpr uint64_t kMaxLimit = 1'000'000;
constexpr size_t kMaxNames = 200;

bool parse_fields(Parser& parser, Command& command) {
    return parser.parse_items(command.items);
}

bool parse_filter(Parser& parser, Command& command) {
    command.condition = parser.parse_expression();
    return command.condition != nullptr;
}

bool parse_stats(Parser& parser, Command& command) {
    if (!parser.parse_items(command.items)) return false;
    if (parser.take_word("by") && !parser.parse_items(command.keys)) return false;
    if (parser.peek().is_word("offset")) {
        return parser.error(parser.peek().span, say(message::query_not_yet, "stats … offset"));
    }
    return true;
}

bool parse_sort(Parser& parser, Command& command) {
    parser.take_word("by");
    do {
        SortKey key;
        const uint32_t from = parser.peek().span.offset;
        key.expr = parser.parse_expression();
        if (!key.expr) return false;
        const bool is_field = key.expr->kind == Expr::Kind::field;
        key.name =
            is_field ? path_text(key.expr->path) : parser.spelling(from, parser.previous_end());
        key.descending = parser.take_word("desc");
        if (!key.descending) parser.take_word("asc");
        command.order.push_back(std::move(key));
    } while (parser.take_symbol(","));
    return true;
}

bool parse_limit(Parser& parser, Command& command) {
    command.any = parser.take_word("any");
    const Token& token = parser.peek();
    if (token.kind != Token::Kind::number)
        return parser.unexpected(say(message::query_wanted_number));
    if (token.number < 1 || token.number > kMaxLimit || token.number != std::floor(token.number)) {
        return parser.error(token.span, say(message::query_bad_limit, kMaxLimit));
    }
    command.limit = static_cast<uint64_t>(parser.take().number);
    return true;
}

bool parse_dedup(Parser& parser, Command& command) {
    do {
        ExprPtr field = parser.parse_field();
        if (!field) return false;
        command.fields.push_back(std::move(field));
    } while (parser.take_symbol(","));
    return true;
}

// [as] a, b, c
bool parse_names(Parser& parser, Command& command) {
    parser.take_word("as");
    while (parser.peek().kind == Token::Kind::name) {
        if (command.names.size() == kMaxNames) break;
        command.names.push_back(parser.take().text);
        if (!parser.take_symbol(",")) return true;
    }
    return parser.unexpected(say(message::query_wanted_name));
}

bool parse_glob(Parser& parser, Command& command) {
    const Token pattern = parser.take();
    command.mode = ParseMode::glob;
    command.pattern = pattern.text;
    command.pattern_span = pattern.span;
    if (!parse_names(parser, command)) return false;
    const auto stars =
        static_cast<size_t>(std::count(pattern.text.begin(), pattern.text.end(), '*'));
    if (stars == command.names.size()) return true;
    return parser.error(pattern.span, say(message::query_glob_count, stars, command.names.size()));
}

bool parse_regex(Parser& parser, Command& command) {
    const Token pattern = parser.take();
    command.mode = ParseMode::regex;
    command.pattern = pattern.text;
    command.pattern_span = pattern.span;
    if (parser.peek().is_word("as") && !parse_names(parser, command)) return false;
    if (parser.peek().is_word("multi")) {
        return parser.error(parser.peek().span, say(message::query_not_yet, "parse … multi"));
    }
    return true;
}

// parse [field] "glob *" as a | /regex/ [as a] | logfmt as a | csv as a, b
bool parse_parse(Parser& parser, Command& command) {
    const bool is_pattern = parser.open_regex() || parser.peek().kind == Token::Kind::text;
    if (!is_pattern) {
        command.subject = parser.parse_operand();  // a slash behind it opens a regex
        if (!command.subject) return false;
    }
    if (parser.open_regex()) return parse_regex(parser, command);
    if (parser.peek().kind == Token::Kind::text) return parse_glob(parser, command);
    for (const auto& [word, mode] :
         {std::pair{"logfmt", ParseMode::logfmt}, {"csv", ParseMode::csv}}) {
        if (!parser.take_word(word)) continue;
        command.mode = mode;
        if (!parse_names(parser, command)) return false;
        if (mode == ParseMode::csv || command.names.size() == 1) return true;
        return parser.error(command.span, say(message::query_logfmt_names));
    }
    return parser.unexpected(say(message::query_wanted_pattern));
}

// clang-format off
constexpr CommandRow kCommands[] = {
    {"fields",  "",      "fields expr [as name], …",                     parse_fields, {"shows these fields and computes new ones; several add up", "表示するフィールドを指定し、新しいフィールドを計算します（複数回の指定は追加されます）"}},
    {"display", "",      "display expr [as name], …",                    parse_fields, {"shows exactly these; the last one counts", "表示するフィールドを限定します（最後の指定が有効です）"}},
    {"filter",  "where", "filter condition",                             parse_filter, {"keeps the events for which the condition is true", "条件が真になるイベントだけを残します"}},
    {"stats",   "",      "stats aggregate [as name], … [by expr, …]",    parse_stats,  {"counts and sums, over everything or per group", "全体またはグループごとに集計します"}},
    {"sort",    "",      "sort [by] expr [asc|desc], …",                 parse_sort,   {"orders the result; ascending unless told otherwise", "結果を並べ替えます（既定は昇順）"}},
    {"limit",   "",      "limit [any] N",                                parse_limit,  {"keeps the first N rows; any: whichever come first", "先頭の N 行を残します（any を付けると順序を問いません）"}},
    {"dedup",   "",      "dedup field, …",                               parse_dedup,  {"keeps the first row of each combination of values", "値の組み合わせごとに最初の行だけを残します"}},
    {"parse",   "",      "parse [field] \"glob *\" as name, … | /(?<name>re)/ | logfmt as name | csv as name, …", parse_parse, {"takes new fields out of a text", "テキストから新しいフィールドを取り出します"}},

    {"filterIndex",    "", "", nullptr, {"like filter, through the index only", "インデックスだけを使う filter"}},
    {"source",         "", "", nullptr, {"chooses log groups", "ロググループを選びます"}},
    {"json",           "", "", nullptr, {"takes a field out of a JSON object", "JSON オブジェクトからフィールドを取り出します"}},
    {"unmask",         "", "", nullptr, {"shows masked data", "マスクされたデータを表示します"}},
    {"pattern",        "", "", nullptr, {"groups messages of the same shape", "同じ形のメッセージをまとめます"}},
    {"diff",           "", "", nullptr, {"compares with an earlier period", "以前の期間と比較します"}},
    {"anomaly",        "", "", nullptr, {"finds unusual patterns", "通常と異なるパターンを見つけます"}},
    {"unnest",         "", "", nullptr, {"one row per item of a list", "リストの要素ごとに 1 行にします"}},
    {"expand",         "", "", nullptr, {"one event per element of an array field", "配列フィールドの要素ごとに 1 イベントにします"}},
    {"lookup",         "", "", nullptr, {"adds columns from a table", "表から列を追加します"}},
    {"cidrlookup",     "", "", nullptr, {"adds columns from a table of networks", "ネットワークの表から列を追加します"}},
    {"join",           "", "", nullptr, {"joins with another query", "別のクエリと結合します"}},
    {"appendcols",     "", "", nullptr, {"puts the columns of another query beside", "別のクエリの列を横に並べます"}},
    {"addtotals",      "", "", nullptr, {"adds sums of rows or columns", "行や列の合計を追加します"}},
    {"accum",          "", "", nullptr, {"running sum", "累計を計算します"}},
    {"autoregress",    "", "", nullptr, {"values of earlier rows as columns", "前の行の値を列として追加します"}},
    {"filldown",       "", "", nullptr, {"fills gaps with the value above", "欠けた値を直前の値で埋めます"}},
    {"fillmissing",    "", "", nullptr, {"fills missing time bins", "欠けた時間区間を埋めます"}},
    {"outlier",        "", "", nullptr, {"removes or marks outliers", "外れ値を除去または表示します"}},
    {"sessionize",     "", "", nullptr, {"groups events into sessions", "イベントをセッションにまとめます"}},
    {"countFrequent",  "count_frequent", "", nullptr, {"approximate most frequent values", "頻出する値を近似的に数えます"}},
    {"logcompare",     "", "", nullptr, {"compares with a time-shifted query", "時間をずらしたクエリと比較します"}},
    {"relevantfields", "", "", nullptr, {"fields that tell matching events apart", "条件に合うイベントを特徴づけるフィールドを探します"}},
    {"estimate",       "", "", nullptr, {"how much a query would read", "クエリが読み取る量を見積もります"}},
};
// clang-format on

}  // namespace

std::span<const CommandRow> commands() {
    return kCommands;
}

const CommandRow* find_command(std::string_view name) {
    for (const CommandRow& row : kCommands) {
        if (equals_ignore_case(row.name, name)) return &row;
        if (!row.alias.empty() && equals_ignore_case(row.alias, name)) return &row;
    }
    return nullptr;
}

std::vector<std::string_view> command_names() {
    std::vector<std::string_view> names;
    for (const CommandRow& row : kCommands) {
        names.push_back(row.name);
        if (!row.alias.empty()) names.push_back(row.alias);
    }
    return names;
}

}  // namespace yagura::query
