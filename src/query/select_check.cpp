#include "query/select_check.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/text_bounds.h"

namespace yagura::query {
namespace {

constexpr size_t kMaxSelectBytes = 256 * 1024;

// The engine turns PRAGMAs into SELECTs and opens files of some statements while it prepares them,
// so the first word is looked at before it sees the text.
bool may_be_select(std::string_view sql) {
    for (;;) {
        sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n("), sql.size()));
        size_t end = std::string_view::npos;
        if (sql.starts_with("--")) {
            end = sql.find('\n');
        } else if (sql.starts_with("/*")) {
            end = sql.find("*/");
        } else {
            break;
        }
        if (end == std::string_view::npos) return false;
        sql.remove_prefix(end + 1 + (sql.starts_with("/*") ? 1 : 0));
    }
    size_t end = 0;
    while (end < sql.size() && ascii_lower(sql[end]) >= 'a' && ascii_lower(sql[end]) <= 'z') ++end;
    for (const std::string_view word : {"select", "with", "from", "values"}) {
        if (equals_ignore_case(sql.substr(0, end), word)) return true;
    }
    return false;
}

// Everything the statement names that the engine would have to look up: what it is and its name.
constexpr std::string_view kNamed = R"sql(
    SELECT kind, name, outer_name FROM (
        SELECT json_extract_string(value, '$.type') AS kind,
               coalesce(json_extract_string(value, '$.table_name'),
                        json_extract_string(value, '$.function.function_name'),
                        json_extract_string(value, '$.function_name'), '') AS name,
               concat(json_extract_string(value, '$.schema_name'),
                      json_extract_string(value, '$.catalog_name'),
                      json_extract_string(value, '$.schema'),
                      json_extract_string(value, '$.catalog'),
                      json_extract_string(value, '$.function.schema'),
                      json_extract_string(value, '$.function.catalog')) AS outer_name
        FROM json_tree(CAST($1 AS VARCHAR)) WHERE type = 'OBJECT')
    WHERE kind IN ('BASE_TABLE', 'TABLE_FUNCTION', 'FUNCTION', 'WINDOW_AGGREGATE')
       OR kind LIKE 'SHOW%' OR kind = 'COPY_DATABASE'
    UNION ALL
    SELECT 'CTE', json_extract_string(entry.value, '$.key'), ''
    FROM json_tree(CAST($1 AS VARCHAR)) AS maps, json_each(maps.value, '$.map') AS entry
    WHERE maps.key = 'cte_map')sql";

// A name that the engine cannot take for a file when the expression is out of sight, nor for one of
// its own tables.
bool is_harmless_name(std::string_view name) {
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') ||
               c == '_' || static_cast<unsigned char>(c) >= 0x80;
    });
    std::string lower = fold_case(name);
    return plain && !lower.starts_with("duckdb_") && !lower.starts_with("sqlite_") &&
           !lower.starts_with("pragma_") && !lower.starts_with("pg_");
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view known) {
        return equals_ignore_case(known, name);
    });
}

constexpr std::array<std::string_view, 5> kRowMakers = {
    "range", "generate_series", "unnest", "json_each", "json_tree"};
// What tells about the engine or the machine, or writes.
constexpr std::array<std::string_view, 5> kNeverFunctions = {
    "current_setting", "getvariable", "getenv", "write_log", "nextval"};
constexpr std::array<std::string_view, 3> kByNumber = {
    "yagura_message", "yagura_object", "yagura_object_time"};

struct Name {
    std::string kind, name, outer;
};

Result<std::vector<Name>> names_in(sql::Connection& connection, std::string_view sql) {
    YAGURA_TRY(auto tree_rows,
               connection.query("SELECT json_serialize_sql(CAST($1 AS VARCHAR))",
                                {sql::Value(std::string(sql))}));
    YAGURA_TRY(const auto tree, tree_rows.all());
    const auto* text = tree.empty() ? nullptr : std::get_if<std::string>(&tree[0][0]);
    if (text == nullptr) return fail(Code::invalid, say(message::query_only_select));
    YAGURA_TRY(auto flags,
               connection.query("SELECT json_extract_string(CAST($1 AS VARCHAR), '$.error'), "
                                "json_array_length(CAST($1 AS VARCHAR), '$.statements'), "
                                "json_extract_string(CAST($1 AS VARCHAR), '$.error_message')",
                                {sql::Value(*text)}));
    YAGURA_TRY(const auto flag, flags.all());
    const auto* failed = std::get_if<std::string>(&flag[0][0]);
    if (failed == nullptr || *failed != "false") {
        // The mistake itself, where there is one, is told by preparing the statement.
        const auto statement = connection.prepare(sql);
        if (!statement && statement.error().code() != Code::conflict) return statement.error();
        return fail(Code::invalid, say(message::query_only_select));
    }
    const auto* count = std::get_if<int64_t>(&flag[0][1]);
    if (count == nullptr || *count != 1)
        return fail(Code::invalid, say(message::query_only_select));
    YAGURA_TRY(auto rows, connection.query(kNamed, {sql::Value(*text)}));
    YAGURA_TRY(const auto all, rows.all());
    std::vector<Name> names;
    for (const auto& row : all) {
        const auto cell = [&](size_t i) {
            const auto* value = std::get_if<std::string>(&row[i]);
            return value == nullptr ? std::string() : *value;
        };
        names.push_back({cell(0), cell(1), cell(2)});
    }
    return names;
}

}  // namespace

Result<UsedNames> check_select(sql::Connection& connection,
                               std::string_view sql,
                               const std::vector<std::string>& offered,
                               const AccountScope& scope) {
    if (sql.size() > kMaxSelectBytes) return fail(Code::limit, say(message::query_too_complex));
    if (sql.find('\0') != std::string_view::npos || !may_be_select(sql))
        return fail(Code::invalid, say(message::query_only_select));
    YAGURA_TRY(const auto names, names_in(connection, sql));
    std::set<std::string> expressions;
    for (const Name& name : names) {
        if (name.kind != "CTE") continue;
        if (!is_harmless_name(name.name))
            return fail(Code::invalid, say(message::query_sql_name, printable(name.name)));
        expressions.insert(fold_case(name.name));
    }
    std::set<std::string> used, text_makers;
    for (const Name& name : names) {
        if (name.kind == "CTE") continue;
        const bool is_own = name.outer.empty() || name.outer == "main";
        const auto refuse = [&](const Text& message) {
            return fail(Code::invalid, say(message, printable(name.name)));
        };
        if (name.kind == "BASE_TABLE") {
            const auto found = std::find_if(offered.begin(), offered.end(), [&](const auto& table) {
                return equals_ignore_case(table, name.name);
            });
            if (found != offered.end() && name.outer.empty()) {
                used.insert(*found);
            } else if (!name.outer.empty() || expressions.count(fold_case(name.name)) == 0) {
                return refuse(message::query_sql_table);
            }
        } else if (name.kind == "TABLE_FUNCTION") {
            if (!is_own || !is_one_of(name.name, kRowMakers))
                return refuse(message::query_sql_table);
        } else if (name.kind == "FUNCTION" || name.kind == "WINDOW_AGGREGATE") {
            if (is_one_of(name.name, kNeverFunctions) ||
                (!name.outer.empty() && is_text_maker(name.name)) ||
                (!scope.is_all() && is_one_of(name.name, kByNumber)))
                return refuse(message::query_sql_function);
            if (is_text_maker(name.name)) text_makers.insert(fold_case(name.name));
        } else {
            return fail(Code::invalid, say(message::query_only_select));
        }
    }
    return UsedNames{{used.begin(), used.end()}, {text_makers.begin(), text_makers.end()}};
}

}  // namespace yagura::query
