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
// What joining and replacing may make, or add: more than the longest record of AWS has.
constexpr int64_t kMostJoined = 256 << 10;

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
};

// Joining two, replacing: their first argument may be a call of the same again, many times over, so
// that each stands once, in front of `->`. Whoever asks has no column of such a name.
struct Maker {
    std::string_view name;
    std::string_view arguments;
    std::string_view first;  // as a value
    std::string_view size;   // asked only when `guess` is too large; both of the value `made_of`
    std::string_view guess;
    std::string_view call;
};
constexpr std::string_view kReplaceGuess = "(strlen(made_of) + 1) * CAST(strlen(t) AS HUGEINT)";
constexpr Maker kMakers[] = {
    {"||",
     "a, b",
     "struct_pack(a := a, b := b)",
     "{guess}",
     "strlen(CAST(made_of.a AS VARCHAR)) + strlen(CAST(made_of.b AS VARCHAR))",
     R"(system.main."||"(made_of.a, made_of.b))"},
    {"replace",
     "a, f, t",
     "CAST(a AS VARCHAR)",
     "(strlen(made_of) - strlen(system.main.replace(made_of, f, ''))) // strlen(f) * "
     "CAST(strlen(t) AS HUGEINT)",
     kReplaceGuess,
     "system.main.replace(made_of, f, t)"},
};

// A call of regexp_replace. Its options have to be a constant where it stands, so those of `o` are
// put into the pattern, but for `g`.
std::string replaced_by(std::string_view replacement, bool has_options) {
    if (!has_options) return fmt::format("system.main.regexp_replace(made_of, p, {})", replacement);
    constexpr std::string_view kPattern =
        R"(system.main."||"(CASE WHEN contains(o, 'i') THEN '(?i)' ELSE '' END, )"
        R"(system.main."||"(CASE WHEN contains(o, 's') THEN '(?s)' ELSE '' END, )"
        "CASE WHEN contains(o, 'l') THEN regexp_escape(p) ELSE p END))";
    return fmt::format(
        "CASE WHEN regexp_matches(o, '[^cgilmnps]') THEN error('Unrecognized Regex option') WHEN "
        "contains(o, 'g') THEN system.main.regexp_replace(made_of, {0}, {1}, 'g') ELSE "
        "system.main.regexp_replace(made_of, {0}, {1}) END",
        kPattern,
        replacement);
}

// How often it is replaced shows in how much longer one character makes the text than none does.
// Each `\1` may stand for all of the text once.
std::string regexp_size(bool has_options) {
    return fmt::format(
        "(strlen({}) - strlen({})) * CAST(strlen(t) AS HUGEINT) + "
        "strlen(made_of) * (strlen(t) - strlen(system.main.replace(t, '\\', '')))",
        replaced_by("'x'", has_options),
        replaced_by("''", has_options));
}

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
constexpr size_t kMostJoinedTexts = 40;

std::string refusal(std::string_view name, int64_t most) {
    return "error(" +
           sql::quote_literal(
               say(message::query_sql_long_text, name, human_bytes(static_cast<uint64_t>(most)))) +
           ")";
}

std::string macro(std::string_view name,
                  std::string_view arguments,
                  std::string_view is_too_large,
                  int64_t most) {
    return fmt::format("({1}) AS CASE WHEN {2} THEN {3} ELSE system.main.{0}({1}) END",
                       name,
                       arguments,
                       is_too_large,
                       refusal(name, most));
}

std::string macro(const Maker& maker) {
    return fmt::format(
        "({}) AS list_transform([{}], made_of -> CASE WHEN {} > {} AND {} > {} THEN {} ELSE {} "
        "END)[1]",
        maker.arguments,
        maker.first,
        maker.guess,
        kMostJoined,
        maker.size == "{guess}" ? maker.guess : maker.size,
        kMostJoined,
        refusal(maker.name, kMostJoined),
        maker.call);
}

void add_regexp_replace(std::vector<std::string>& variants) {
    for (const bool has_options : {false, true}) {
        const std::string size = regexp_size(has_options);
        const std::string call = replaced_by("t", has_options);
        variants.push_back(macro(Maker{"regexp_replace",
                                       has_options ? "a, p, t, o" : "a, p, t",
                                       "CAST(a AS VARCHAR)",
                                       size,
                                       kReplaceGuess,
                                       call}));
    }
}

// Any number of texts, of which concat_ws puts the first between the others.
void add_joiners(std::string_view name, std::vector<std::string>& variants) {
    std::string arguments = "a0";
    std::string size = "coalesce(strlen(CAST(a0 AS VARCHAR)), 0)";
    const bool is_between = name == "concat_ws";
    for (size_t i = 1; i <= kMostJoinedTexts; ++i) {
        if (i > 1 || !is_between)
            variants.push_back(
                macro(name, arguments, fmt::format("{} > {}", size, kMostJoined), kMostJoined));
        arguments += fmt::format(", a{}", i);
        size += fmt::format(" + coalesce(strlen(CAST(a{} AS VARCHAR)), 0)", i);
        if (is_between && i > 1) size += " + coalesce(strlen(CAST(a0 AS VARCHAR)), 0)";
    }
}

// One macro has all variants of a name.
std::string macros_of(std::string_view name) {
    std::vector<std::string> variants;
    for (const TextMaker& maker : kTextMakers) {
        if (maker.name == name)
            variants.push_back(macro(
                name, maker.arguments, fmt::format("{} > {}", maker.size, maker.most), maker.most));
    }
    for (const Maker& maker : kMakers) {
        if (maker.name == name) variants.push_back(macro(maker));
    }
    if (name == "regexp_replace") add_regexp_replace(variants);
    if (name.starts_with("concat")) add_joiners(name, variants);
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

constexpr std::string_view kNames[] = {"repeat",
                                       "lpad",
                                       "rpad",
                                       "replace",
                                       "regexp_replace",
                                       "format",
                                       "printf",
                                       "concat",
                                       "concat_ws",
                                       "||"};

}  // namespace

bool is_text_maker(std::string_view function) {
    return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view name) {
        return equals_ignore_case(name, function);
    });
}

Result<void> bound_text_makers(sql::Connection& connection,
                               std::span<const std::string> functions) {
    for (const std::string& name : functions)
        YAGURA_CHECK(connection.execute(fmt::format(
            "CREATE OR REPLACE TEMP MACRO {} {}", sql::quote_name(name), macros_of(name))));
    return {};
}

}  // namespace yagura::query
