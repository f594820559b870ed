#include "store/account_filter.h"

#include <fmt/format.h>

#include "sql/value.h"

namespace yagura::store {

std::string account_filter(const logtype::LogType& type, const AccountScope& scope) {
    if (scope.is_all()) return "";
    if (type.roles.account < 0 || scope.accounts().empty()) return "FALSE";
    std::string list;
    for (const std::string& account : scope.accounts())
        list += (list.empty() ? "" : ", ") + sql::quote_literal(account);
    const auto column = type.fields[static_cast<size_t>(type.roles.account)].column;
    return fmt::format("({} IN ({}))", sql::quote_name(column), list);
}

std::string visible(std::string_view expression, std::string_view filter) {
    if (filter.empty()) return std::string(expression);
    return fmt::format("CASE WHEN {} THEN {} END", filter, expression);
}

std::string visible_columns(const Schema& schema, std::string_view filter) {
    if (filter.empty()) return "*";
    std::string out;
    for (const ColumnSpec& column : schema.columns()) {
        const std::string name = sql::quote_name(column.name);
        out += fmt::format("{}{} AS {}", out.empty() ? "" : ", ", visible(name, filter), name);
    }
    return out;
}

namespace {

// Account ids have twelve digits.
bool names_foreign_account(std::string_view path, const AccountScope& scope) {
    constexpr size_t kAccountDigits = 12;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (size_t i = 0; i < path.size();) {
        size_t end = i;
        while (end < path.size() && is_digit(path[end])) ++end;
        if (end - i == kAccountDigits && !scope.contains(path.substr(i, end - i))) return true;
        i = end + 1;
    }
    return false;
}

}  // namespace

std::string visible_path(std::string_view path, const AccountScope& scope) {
    if (scope.is_all()) return std::string(path);
    constexpr std::string_view kRoot = "AWSLogs/";
    size_t start = path.find(kRoot);
    if (start == std::string_view::npos) start = path.rfind('/') + 1;
    path.remove_prefix(start);
    return names_foreign_account(path, scope) ? "" : std::string(path);
}

}  // namespace yagura::store
