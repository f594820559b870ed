#include "query/text_bounds.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "sql/value.h"

namespace yagura::query {
namespace {

// A call makes 2,048 values at a time: 256 MiB at the most.
constexpr int64_t kMostMade = 128 << 10;
// Replacing makes long texts only of texts that are long already.
constexpr int64_t kMostReplaced = 64 << 20;

struct TextMaker {
    std::string_view name;
    std::string_view arguments;
    std::string_view size;  // in bytes, or a little more
    int64_t most;
};

// Texts and lists both can be repeated. Padding counts characters, of four bytes at the most.
constexpr TextMaker kTextMakers[] = {
    {"repeat", "a, n", "strlen(CAST(a AS VARCHAR)) * CAST(n AS HUGEINT)", kMostMade},
    {"lpad", "a, n, p", "4 * CAST(n AS HUGEINT)", kMostMade},
    {"rpad", "a, n, p", "4 * CAST(n AS HUGEINT)", kMostMade},
    {"replace", "a, f, t", "strlen(a) * CAST(strlen(t) AS HUGEINT)", kMostReplaced},
};

// Of formats the width: five digits of it, or one that is an argument itself.
struct Formatter {
    std::string_view name;
    std::string_view wide;
};
constexpr Formatter kFormatters[] = {
    {"format", R"(\{[0-9]*:[^{}]*(\{|[0-9]{5}))"},
    {"printf", R"(%[-+ #0-9.]*(\*|[0-9]{5}))"},
};
constexpr size_t kMostArguments = 20;

std::string macro(std::string_view name,
                  std::string_view arguments,
                  std::string_view is_too_large,
                  int64_t most) {
    const std::string why =
        say(message::query_sql_long_text, name, human_bytes(static_cast<uint64_t>(most)));
    return fmt::format("({1}) AS CASE WHEN {2} THEN error({3}) ELSE system.main.{0}({1}) END",
                       name,
                       arguments,
                       is_too_large,
                       sql::quote_literal(why));
}

// One macro has all variants of a name.
std::string macros_of(std::string_view name) {
    std::vector<std::string> variants;
    for (const TextMaker& maker : kTextMakers) {
        if (maker.name == name)
            variants.push_back(macro(
                name, maker.arguments, fmt::format("{} > {}", maker.size, maker.most), maker.most));
    }
    for (const Formatter& formatter : kFormatters) {
        if (formatter.name != name) continue;
        const std::string is_wide =
            fmt::format("regexp_matches(f, {})", sql::quote_literal(formatter.wide));
        std::string arguments = "f";
        for (size_t i = 0; i <= kMostArguments; ++i) {
            variants.push_back(macro(name, arguments, is_wide, kMostMade));
            arguments += fmt::format(", a{}", i);
        }
    }
    return fmt::format("{}", fmt::join(variants, ", "));
}

constexpr std::string_view kNames[] = {"repeat", "lpad", "rpad", "replace", "format", "printf"};

}  // namespace

bool is_text_maker(std::string_view function) {
    return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view name) {
        return equals_ignore_case(name, function);
    });
}

Result<void> bound_text_makers(sql::Connection& connection) {
    for (const std::string_view name : kNames)
        YAGURA_CHECK(connection.execute(
            fmt::format("CREATE OR REPLACE TEMP MACRO {} {}", name, macros_of(name))));
    return {};
}

}  // namespace yagura::query
