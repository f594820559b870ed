#include "rule/sigma/modifiers.h"

#include <algorithm>
#include <iterator>

#include <re2/re2.h>

#include "base/ip.h"
#include "base/messages/rule.h"
#include "match/regex.h"
#include "rule/sigma/detection.h"
#include "rule/sigma/encode.h"
#include "rule/sigma/expand.h"

// Sigma specification 2.1, appendix "Modifiers"; where the specification is silent or engines
// differ, the ruling is the one written in docs/sigma.md.

namespace yagura::rule::sigma {
namespace {

using match::Op;
using match::TimePart;

constexpr size_t kMaxExpandedBytes = 32 << 20;  // what one item may grow to

template <class Change>
void each_value(Item& item, Change change) {
    for (auto& alternatives : item.values) {
        for (Value& value : alternatives) change(value);
    }
}

// Applies `encode` to each literal part of a text value, wildcards staying where they are.
template <class Encode>
void encode_parts(Value& value, Encode encode) {
    std::vector<std::string> parts;
    for (std::string_view part : value.pattern.parts()) parts.push_back(encode(part));
    value.pattern = Pattern::join(parts, value.pattern.wildcards);
}

// --- where in the value ---

void open(Value& value, bool start, bool end, Op field_op) {
    switch (value.kind) {
        case Value::Kind::text:
            if (start) value.pattern.open_start();
            if (end) value.pattern.open_end();
            break;
        case Value::Kind::regex:  // a search is open on both sides already
            break;
        default:
            value.compare = field_op;
    }
}

void warn_of_anchoring(const Item& item, const Use& use, Problems& problems) {
    if (item.values[0][0].kind == Value::Kind::regex) {
        problems.warn(
            Lint::unanchored_regex, use.at, say(message::sigma_regex_unanchored, use.name));
    }
}

void apply_contains(Item& item, const Use& use, Problems& problems) {
    warn_of_anchoring(item, use, problems);
    each_value(item, [](Value& value) { open(value, true, true, Op::field_contains); });
}

void apply_startswith(Item& item, const Use& use, Problems& problems) {
    warn_of_anchoring(item, use, problems);
    each_value(item, [](Value& value) { open(value, false, true, Op::field_starts_with); });
}

void apply_endswith(Item& item, const Use& use, Problems& problems) {
    warn_of_anchoring(item, use, problems);
    each_value(item, [](Value& value) { open(value, true, false, Op::field_ends_with); });
}

// --- how values are linked ---

void apply_all(Item& item, const Use& use, Problems& problems) {
    if (item.values.size() == 1) {
        problems.warn(Lint::needless_all,
                      use.at,
                      say(message::sigma_all_single),
                      say(message::sigma_all_single_hint));
    }
    item.all = true;
}

void apply_neq(Item& item, const Use&, Problems&) {
    item.negated = true;
}
void apply_cased(Item& item, const Use&, Problems&) {
    item.cased = true;
}

// --- regular expressions ---

std::string regex_hint(std::string_view pattern) {
    for (std::string_view look_around : {"(?=", "(?!", "(?<=", "(?<!"}) {
        if (pattern.find(look_around) != std::string_view::npos)
            return say(message::sigma_regex_lookaround);
    }
    return {};
}

void apply_re(Item& item, const Use&, Problems&) {
    each_value(item, [](Value& value) { value.kind = Value::Kind::regex; });
}

// With all flags known: what the evaluator would not run must not load.
void check_regex(const Item& item, const Value& value, Problems& problems) {
    if (match::Regex(regex_pattern(item, value)).is_valid()) return;
    const RE2 regex(value.spelling, RE2::Quiet);
    if (regex.ok()) {
        problems.error(value.at, say(message::sigma_regex_size));
    } else {
        problems.error(
            value.at, say(message::sigma_regex, regex.error()), regex_hint(value.spelling));
    }
}

template <char kFlag>
void apply_regex_flag(Item& item, const Use&, Problems&) {
    if (item.regex_flags.find(kFlag) == std::string::npos) item.regex_flags += kFlag;
}

// --- encodings ---

bool refuse_wildcards(const Value& value, const Use& use, Problems& problems) {
    if (value.pattern.wildcards.empty()) return false;
    problems.error(value.at,
                   say(message::sigma_no_wildcards, use.name),
                   say(message::sigma_hint_escape_wildcards));
    return true;
}

void apply_base64(Item& item, const Use& use, Problems& problems) {
    each_value(item, [&](Value& value) {
        if (!refuse_wildcards(value, use, problems))
            value.pattern.text = base64(value.pattern.text);
    });
}

void apply_base64offset(Item& item, const Use& use, Problems& problems) {
    for (auto& alternatives : item.values) {
        std::vector<Value> expanded;
        for (const Value& value : alternatives) {
            if (refuse_wildcards(value, use, problems)) return;
            for (std::string& text : base64_at_offsets(value.pattern.text)) {
                if (text.empty()) continue;
                expanded.push_back(value);
                expanded.back().pattern.text = std::move(text);
            }
        }
        if (expanded.empty()) {
            problems.error(alternatives[0].at, say(message::sigma_too_short, use.name));
            return;
        }
        alternatives = std::move(expanded);
    }
}

void apply_utf16le(Item& item, const Use&, Problems&) {
    each_value(item, [](Value& value) { encode_parts(value, utf16_little_endian); });
}

void apply_utf16be(Item& item, const Use&, Problems&) {
    each_value(item, [](Value& value) { encode_parts(value, utf16_big_endian); });
}

// With byte order mark, at the very front.
void apply_utf16(Item& item, const Use&, Problems&) {
    each_value(item, [](Value& value) {
        bool first = true;
        encode_parts(value, [&](std::string_view part) {
            return (std::exchange(first, false) ? "\xFF\xFE" : "") + utf16_little_endian(part);
        });
    });
}

// Every combination of dashes over all parts of one value, at most kMaxDashVariants.
std::vector<std::vector<std::string>> dash_rows(const Pattern& pattern) {
    constexpr size_t kMaxDashVariants = 125;
    std::vector<std::vector<std::string>> rows{{}};
    for (std::string_view part : pattern.parts()) {
        const std::vector<std::string> variants = dash_variants(part);
        if (variants.empty() || rows.size() * variants.size() > kMaxDashVariants) return {};
        std::vector<std::vector<std::string>> longer;
        for (const auto& row : rows) {
            for (const std::string& variant : variants) {
                longer.push_back(row);
                longer.back().push_back(variant);
            }
        }
        rows = std::move(longer);
    }
    return rows;
}

void apply_windash(Item& item, const Use&, Problems& problems) {
    size_t bytes = 0;
    for (auto& alternatives : item.values) {
        std::vector<Value> expanded;
        for (const Value& value : alternatives) {
            const auto rows = dash_rows(value.pattern);
            bytes += rows.size() * (value.pattern.text.size() + sizeof(Value));
            if (rows.empty() || bytes > kMaxExpandedBytes) {
                problems.error(
                    value.at,
                    say(rows.empty() ? message::sigma_windash_many : message::sigma_rule_size));
                return;
            }
            for (const auto& row : rows) {
                expanded.push_back(value);
                expanded.back().pattern = Pattern::join(row, value.pattern.wildcards);
                expanded.back().spelling.clear();
            }
        }
        alternatives = std::move(expanded);
    }
}

// --- other kinds of comparison ---

void apply_cidr(Item& item, const Use&, Problems& problems) {
    each_value(item, [&](Value& value) {
        value.kind = Value::Kind::cidr;
        if (Cidr::parse(value.spelling)) return;
        problems.error(
            value.at, say(message::sigma_cidr, value.spelling), say(message::sigma_cidr_hint));
    });
}

void apply_exists(Item& item, const Use& use, Problems& problems) {
    if (item.values.size() > 1) problems.error(use.at, say(message::sigma_exists_single));
    each_value(item, [](Value& value) { value.kind = Value::Kind::existence; });
}

template <Op kOp>
void apply_compare(Item& item, const Use& use, Problems& problems) {
    if (item.values[0][0].compare != Op::equals)
        problems.error(use.at, say(message::sigma_two_bounds), say(message::sigma_two_bounds_hint));
    each_value(item, [](Value& value) { value.compare = kOp; });
}

void apply_fieldref(Item& item, const Use& use, Problems& problems) {
    each_value(item, [&](Value& value) {
        if (!value.pattern.wildcards.empty()) {
            problems.error(value.at,
                           say(message::sigma_no_wildcards, use.name),
                           say(message::sigma_fieldref_order));
            return;
        }
        value.kind = Value::Kind::field;
        value.spelling = value.pattern.text;
        value.compare = Op::field_equals;
        if (value.spelling.empty()) problems.error(value.at, say(message::sigma_fieldref_empty));
    });
}

void apply_expand(Item& item, const Use&, Problems& problems) {
    size_t values = 0;
    for (auto& alternatives : item.values) {
        std::vector<Value> expanded;
        for (const Value& value : alternatives) {
            auto more = expand_placeholders(value, item.lists, problems);
            if (!more) return;
            values += more->size();
            if (values > kMaxOperands) {
                problems.error(value.at, say(message::sigma_rule_size));
                return;
            }
            std::move(more->begin(), more->end(), std::back_inserter(expanded));
        }
        alternatives = std::move(expanded);
    }
}

template <TimePart kPart, int kLeast, int kMost>
void apply_part(Item& item, const Use& use, Problems& problems) {
    if (item.part != TimePart::none) problems.error(use.at, say(message::sigma_two_parts));
    item.part = kPart;
    each_value(item, [&](const Value& value) {
        if (value.number >= kLeast && value.number <= kMost) return;
        problems.warn(Lint::impossible_time,
                      value.at,
                      say(message::sigma_part_range, use.name, kLeast, kMost));
    });
}

// clang-format off
constexpr Modifier kModifiers[] = {
    // name         accepts           first  field  function                                  what it does
    {"contains",    kText|kRegex|kField, false, false, apply_contains,   {"the value stands anywhere in the field", "フィールドのどこかに値が含まれる"}},
    {"startswith",  kText|kRegex|kField, false, false, apply_startswith, {"the field begins with the value", "フィールドが値で始まる"}},
    {"endswith",    kText|kRegex|kField, false, false, apply_endswith,   {"the field ends with the value", "フィールドが値で終わる"}},
    {"all",         kAnything,        false, false, apply_all,        {"every value of the list must match, not just one", "リストの値すべてが一致する必要がある"}},
    {"cased",       kText|kField,     false, false, apply_cased,      {"upper and lower case differ", "大文字と小文字を区別する"}},
    {"neq",         kAnything,        false, true,  apply_neq,        {"the field does not match; true when it is missing", "フィールドが一致しない（フィールドがない場合も真）"}},
    {"exists",      kBoolean,         true,  true,  apply_exists,     {"yes: the field is in the record, even as null; no: it is not", "yes: フィールドがレコードにある（null を含む）、no: ない"}},
    {"re",          kText,            true,  false, apply_re,         {"regular expression (RE2), found anywhere, case counts", "正規表現（RE2）。部分一致、大文字と小文字を区別"}},
    {"i",           kRegex,           false, false, apply_regex_flag<'i'>, {"the regular expression ignores case", "正規表現で大文字と小文字を区別しない"}},
    {"ignorecase",  kRegex,           false, false, apply_regex_flag<'i'>, {"the same as i", "i と同じ"}},
    {"m",           kRegex,           false, false, apply_regex_flag<'m'>, {"^ and $ match at every line", "^ と $ が各行の先頭と末尾に一致する"}},
    {"multiline",   kRegex,           false, false, apply_regex_flag<'m'>, {"the same as m", "m と同じ"}},
    {"s",           kRegex,           false, false, apply_regex_flag<'s'>, {"the dot matches line breaks too", "ドットが改行にも一致する"}},
    {"dotall",      kRegex,           false, false, apply_regex_flag<'s'>, {"the same as s", "s と同じ"}},
    {"base64",      kText,            false, false, apply_base64,     {"the value in base64", "値を base64 にしたもの"}},
    {"base64offset",kText,            false, false, apply_base64offset, {"the value inside base64, at each of the three alignments", "base64 の中にある値（3 通りの位置）"}},
    {"wide",        kText,            false, false, apply_utf16le,    {"the value in UTF-16, little endian", "値を UTF-16（リトルエンディアン）にしたもの"}},
    {"utf16le",     kText,            false, false, apply_utf16le,    {"the same as wide", "wide と同じ"}},
    {"utf16be",     kText,            false, false, apply_utf16be,    {"the value in UTF-16, big endian", "値を UTF-16（ビッグエンディアン）にしたもの"}},
    {"utf16",       kText,            false, false, apply_utf16,      {"the value in UTF-16 with byte order mark", "値を BOM 付き UTF-16 にしたもの"}},
    {"windash",     kText,            false, false, apply_windash,    {"option dashes may be any of - / – — ―", "オプションの記号が - / – — ― のいずれでもよい"}},
    {"cidr",        kText,            true,  true,  apply_cidr,       {"the field is an address inside the block", "フィールドがアドレスブロックに含まれる"}},
    {"lt",          kNumber,          false, true,  apply_compare<Op::less>,          {"less than", "より小さい"}},
    {"lte",         kNumber,          false, true,  apply_compare<Op::less_equal>,    {"less than or equal to", "以下"}},
    {"gt",          kNumber,          false, true,  apply_compare<Op::greater>,       {"greater than", "より大きい"}},
    {"gte",         kNumber,          false, true,  apply_compare<Op::greater_equal>, {"greater than or equal to", "以上"}},
    {"fieldref",    kText,            false, true,  apply_fieldref,   {"compare with another field of the same event", "同じイベントの別のフィールドと比べる"}},
    {"expand",      kText,            false, false, apply_expand,     {"fill %name% from a list of that name", "%名前% を同名のリストで置き換える"}},
    {"minute",      kNumber,          false, true,  apply_part<TimePart::minute, 0, 59>,  {"minute of the time, UTC", "時刻の分（UTC）"}},
    {"hour",        kNumber,          false, true,  apply_part<TimePart::hour, 0, 23>,    {"hour of the time, UTC", "時刻の時（UTC）"}},
    {"day",         kNumber,          false, true,  apply_part<TimePart::day, 1, 31>,     {"day of the month, UTC", "日（UTC）"}},
    {"week",        kNumber,          false, true,  apply_part<TimePart::week, 1, 53>,    {"ISO week of the year, UTC", "年の ISO 週番号（UTC）"}},
    {"month",       kNumber,          false, true,  apply_part<TimePart::month, 1, 12>,   {"month, UTC", "月（UTC）"}},
    {"year",        kNumber,          false, true,  apply_part<TimePart::year, 1970, 9999>, {"year, UTC", "年（UTC）"}},
};
// clang-format on

std::vector<std::string_view> modifier_names() {
    std::vector<std::string_view> names;
    for (const Modifier& modifier : kModifiers) names.push_back(modifier.name);
    return names;
}

// Lists may hold address blocks, so `expand` may stand before `cidr`.
bool opens(const Modifier& modifier, std::span<const Use> uses, const Use& use) {
    return use.index == 0 ||
           (use.index == 1 && uses[0].name == "expand" && modifier.name == "cidr");
}

// The first value a modifier cannot take is reported where it stands.
bool accepts_values(const Modifier& modifier, const Item& item, Problems& problems) {
    for (const auto& alternatives : item.values) {
        for (const Value& value : alternatives) {
            if (modifier.accepts & static_cast<Kinds>(value.kind)) continue;
            const bool to_quote =
                (modifier.accepts & kText) && !value.spelling.empty() &&
                (value.kind == Value::Kind::number || value.kind == Value::Kind::boolean);
            const bool to_unquote = (modifier.accepts == kNumber || modifier.accepts == kBoolean) &&
                                    value.kind == Value::Kind::text;
            problems.error(value.at,
                           say(message::sigma_modifier_kind, modifier.name, kind_name(value.kind)),
                           to_quote     ? say(message::sigma_hint_quote)
                           : to_unquote ? say(message::sigma_hint_unquote)
                                        : "");
            return false;
        }
    }
    return true;
}

}  // namespace

std::span<const Modifier> modifiers() {
    return kModifiers;
}

const Modifier* find_modifier(std::string_view name) {
    for (const Modifier& modifier : kModifiers) {
        if (modifier.name == name) return &modifier;
    }
    return nullptr;
}

std::string regex_pattern(const Item& item, const Value& value) {
    return item.regex_flags.empty() ? value.spelling
                                    : "(?" + item.regex_flags + ")" + value.spelling;
}

bool apply_modifiers(Item& item, std::span<const Use> uses, Problems& problems) {
    const size_t before = problems.errors();
    for (const Use& use : uses) {
        const Modifier* modifier = find_modifier(use.name);
        if (!modifier) {
            problems.error(use.at,
                           say(message::sigma_modifier_unknown, use.name),
                           problems.nearest(use.name, modifier_names()));
        } else if (modifier->first && !opens(*modifier, uses, use)) {
            problems.error(use.at, say(message::sigma_modifier_first, use.name));
        } else if (modifier->needs_field && item.field.empty()) {
            problems.error(use.at, say(message::sigma_modifier_field, use.name));
        } else if (accepts_values(*modifier, item, problems)) {
            modifier->apply(item, use, problems);
        }
        if (problems.errors() != before) return false;
    }
    each_value(item, [&](const Value& value) {
        if (value.kind == Value::Kind::regex) check_regex(item, value, problems);
    });
    return problems.errors() == before;
}

}  // namespace yagura::rule::sigma
