#include "query/zones.h"

#include <charconv>
#include <vector>

#include "base/text.h"
#include "sql/database.h"

namespace yagura::query {
namespace {

Result<std::vector<std::string>> read_names() {
    YAGURA_TRY(auto database, sql::Database::open({.threads = 1, .memory_limit_bytes = 64u << 20}));
    YAGURA_TRY(auto connection, database.connect());
    YAGURA_TRY(auto rows, connection.query("SELECT name FROM pg_timezone_names() ORDER BY name"));
    YAGURA_TRY(const auto all, rows.all());
    std::vector<std::string> names;
    for (const auto& row : all) {
        if (const auto* name = std::get_if<std::string>(&row[0])) names.push_back(*name);
    }
    return names;
}

std::optional<int> number(std::string_view digits, int most) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
        value < 0 || value > most)
        return std::nullopt;
    return value;
}

// "Z", "+9", "+09", "+0930", "+09:30" in minutes.
std::optional<int> offset_of(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const size_t hours_end = std::min<size_t>(text.size() == 1 ? 1 : 2, text.size());
    const auto hours = number(text.substr(0, hours_end), 18);
    std::string_view rest = text.substr(hours_end);
    if (rest.starts_with(':')) rest.remove_prefix(1);
    if (!hours || (!rest.empty() && rest.size() != 2)) return std::nullopt;
    const auto minutes = rest.empty() ? std::optional(0) : number(rest, 59);
    if (!minutes) return std::nullopt;
    return sign * (*hours * 60 + *minutes);
}

}  // namespace

std::span<const std::string> zone_names() {
    static const std::vector<std::string> names = read_names().value_or(std::vector<std::string>());
    return names;
}

std::optional<Zone> find_zone(std::string_view text) {
    if (const auto offset = offset_of(text)) return Zone{"", offset};
    for (const std::string& name : zone_names()) {
        if (equals_ignore_case(name, text)) return Zone{name, std::nullopt};
    }
    return std::nullopt;
}

}  // namespace yagura::query
