#include "query/builders.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/ip.h"
#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/native.h"
#include "query/typing.h"
#include "query/zones.h"

namespace yagura::query {
namespace {

// Units of a period with the most one may write of them before Logs Insights cuts the number back.
struct Unit {
    std::string_view names;  // separated by blanks
    int64_t micros;          // 0: counted in months
    int months;
    int cap;                  // 0: none
    std::string_view larger;  // what to write instead of too many
    int per_larger;
};
constexpr int64_t kSecond = 1'000'000;
// Times have four digits of a year; a longer period would be all there is.
constexpr int64_t kMostMonths = 12 * 10'000;
constexpr int64_t kMostMicros = int64_t{3'652'425} * 86400 * kSecond;
constexpr Unit kUnits[] = {
    {"ms msec msecs millisecond milliseconds", 1000, 0, 1000, "s", 1000},
    {"s sec secs second seconds", kSecond, 0, 60, "m", 60},
    {"m min mins minute minutes", 60 * kSecond, 0, 60, "h", 60},
    {"h hr hrs hour hours", 3600 * kSecond, 0, 24, "d", 24},
    {"d day days", 86400 * kSecond, 0, 0, "", 0},
    {"w week weeks", 7 * 86400 * kSecond, 0, 0, "", 0},
    {"mo mon mons month months", 0, 1, 0, "", 0},
    {"q qtr qtrs quarter quarters", 0, 3, 0, "", 0},
    {"y yr yrs year years", 0, 12, 0, "", 0},
};

struct Period {
    int64_t micros = 0;
    int64_t months = 0;
    bool is_weeks = false;
};

const Unit* find_unit(std::string_view name) {
    for (const Unit& unit : kUnits) {
        for (const std::string_view known : split(unit.names, ' ')) {
            if (equals_ignore_case(known, name)) return &unit;
        }
    }
    return nullptr;
}

std::optional<Period> read_period(Typing& typing, const Expr& expr) {
    const size_t digits = expr.text.find_first_not_of("0123456789");
    const Unit* unit = digits == std::string::npos
                           ? nullptr
                           : find_unit(std::string_view(expr.text).substr(digits));
    if (expr.kind != Expr::Kind::period || unit == nullptr || !(expr.number >= 1) ||
        expr.number > 1e6) {
        typing.error(expr.span,
                     say(message::query_bad_period, printable(typing.spelling(expr.span))),
                     "bin(5m)");
        return std::nullopt;
    }
    auto count = static_cast<int64_t>(expr.number);
    if (count * unit->months > kMostMonths ||
        count > kMostMicros / std::max<int64_t>(unit->micros, 1)) {
        typing.error(expr.span, say(message::query_bad_period, printable(expr.text)), "bin(1y)");
        return std::nullopt;
    }
    if (unit->cap > 0 && count > unit->cap) {
        std::string better;
        if (count % unit->per_larger == 0)
            better = fmt::format("bin({}{})", count / unit->per_larger, unit->larger);
        typing.warning(
            expr.span,
            say(message::query_period_capped, expr.text, unit->cap, split(unit->names, ' ')[0]),
            better);
        count = unit->cap;
    }
    return Period{count * unit->micros, count * unit->months, unit->names.starts_with("w ")};
}

// Start of the period `time` lies in. Weeks begin on Monday, everything is UTC.
NodePtr floor_to(const Period& period, NodePtr time) {
    if (period.months > 0) {
        return Typing::apply(ValueType::time,
                             "bin",
                             "time_bucket(to_months(CAST({1} AS INTEGER)), {0})",
                             {std::move(time), Typing::constant(period.months)});
    }
    // The engine divides towards zero, so everything is counted from a period long before; weeks
    // from a Monday (1970-01-01 was a Thursday).
    constexpr int64_t kYearOne = -62'135'596'800 * kSecond;
    const int64_t monday = period.is_weeks ? 4 * 86400 * kSecond : 0;
    const int64_t shift = monday - (monday - kYearOne) / period.micros * period.micros;
    return Typing::apply(
        ValueType::time,
        "bin",
        "make_timestamp((epoch_us({0}) - {2}) // {1} * {1} + {2})",
        {std::move(time), Typing::constant(period.micros), Typing::constant(shift)});
}

NodePtr build_floor(Typing& typing, const Expr& call, NodePtr time, size_t period_at) {
    const auto period = read_period(typing, *call.operands[period_at]);
    return period ? floor_to(*period, std::move(time)) : Typing::null();
}

double millis(Timestamp time) {
    return static_cast<double>(to_micros(time)) / 1000;
}

NodePtr extreme(NodePtr argument, std::string_view name, std::string_view sql, Typing& typing) {
    // Values taken out of JSON or by parse are numbers to min and max; declared text has text
    // order.
    if (argument->type == ValueType::any || argument->type == ValueType::boolean)
        argument = typing.to_number(std::move(argument));
    if (argument->type == ValueType::uuid) argument = typing.to_text(std::move(argument));
    if (argument->type == ValueType::json) argument = Typing::null();
    const ValueType type = argument->type;
    return Typing::apply(type, name, sql, {std::move(argument)});
}

}  // namespace

NodePtr build_bin(Typing& typing, const Expr& call, Nodes arguments) {
    // bin(5m): the planner puts @timestamp in front.
    return build_floor(typing, call, typing.to_time(std::move(arguments[0]), call.span), 0);
}

NodePtr build_datefloor(Typing& typing, const Expr& call, Nodes arguments) {
    return build_floor(
        typing, call, typing.to_time(std::move(arguments[0]), call.operands[0]->span), 1);
}

NodePtr build_dateceil(Typing& typing, const Expr& call, Nodes arguments) {
    const auto period = read_period(typing, *call.operands[1]);
    if (!period) return Typing::null();
    NodePtr time = typing.to_time(std::move(arguments[0]), call.operands[0]->span);
    NodePtr floor = floor_to(*period, time);
    if (period->months > 0) {
        return Typing::apply(
            ValueType::time,
            "dateceil",
            "CASE WHEN {1} = {0} THEN {0} ELSE {1} + to_months(CAST({2} AS INTEGER)) END",
            {std::move(time), std::move(floor), Typing::constant(period->months)});
    }
    return Typing::apply(ValueType::time,
                         "dateceil",
                         "CASE WHEN {1} = {0} THEN {0} ELSE {1} + to_microseconds({2}) END",
                         {std::move(time), std::move(floor), Typing::constant(period->micros)});
}

NodePtr build_now(Typing& typing, const Expr&, Nodes) {
    return Typing::constant(to_micros(typing.clock().now) / kSecond);
}

NodePtr build_query_start(Typing& typing, const Expr&, Nodes) {
    const auto& range = typing.clock().range;
    return range.from ? Typing::constant(millis(*range.from)) : Typing::null();
}

NodePtr build_query_end(Typing& typing, const Expr&, Nodes) {
    const auto& range = typing.clock().range;
    return Typing::constant(millis(range.to.value_or(typing.clock().now)));
}

NodePtr build_query_range(Typing& typing, const Expr&, Nodes) {
    const auto& range = typing.clock().range;
    if (!range.from) return Typing::null();
    return Typing::constant(millis(range.to.value_or(typing.clock().now)) - millis(*range.from));
}

// case(c1, v1, c2, v2, …[, otherwise])
NodePtr build_case(Typing& typing, const Expr&, Nodes arguments) {
    Nodes values;
    for (size_t i = 1; i < arguments.size(); i += 2) values.push_back(arguments[i]);
    if (arguments.size() % 2 == 1) values.push_back(arguments.back());
    values = typing.unify(std::move(values));
    ValueType type = ValueType::nothing;
    for (const NodePtr& value : values) {
        if (value->type != ValueType::nothing) type = value->type;
    }
    // Nested from the last branch to the first.
    NodePtr result = arguments.size() % 2 == 1 ? values.back() : Typing::null();
    for (size_t branch = arguments.size() / 2; branch-- > 0;) {
        result = Typing::apply(
            type,
            "case",
            "CASE WHEN {0} THEN {1} ELSE {2} END",
            {typing.to_condition(arguments[2 * branch]), values[branch], std::move(result)});
    }
    return result;
}

NodePtr build_if(Typing& typing, const Expr& call, Nodes arguments) {
    return build_case(typing, call, std::move(arguments));
}

NodePtr build_coalesce(Typing& typing, const Expr&, Nodes arguments) {
    arguments = typing.unify(std::move(arguments));
    ValueType type = ValueType::nothing;
    for (const NodePtr& argument : arguments) {
        if (argument->type != ValueType::nothing) type = argument->type;
    }
    return Typing::apply(type, "coalesce", "coalesce({*})", std::move(arguments));
}

NodePtr build_subnet(Typing& typing, const Expr& call, Nodes arguments) {
    const std::string text = typing.constant_text(arguments[1], call.operands[1]->span);
    const auto block = Cidr::parse(text);
    if (!text.empty() && !block)
        typing.error(call.operands[1]->span,
                     say(message::query_bad_cidr, printable(text)),
                     "\"192.0.2.0/24\"");
    const bool v4 = equals_ignore_case(call.text, "isIpv4InSubnet");
    const bool v6 = equals_ignore_case(call.text, "isIpv6InSubnet");
    if (!block || (v4 && !block->base.is_v4) || (v6 && block->base.is_v4)) {
        return Typing::apply(ValueType::boolean,
                             "isIpInSubnet",
                             "CASE WHEN {0} IS NOT NULL THEN FALSE END",
                             {arguments[0]});
    }
    return Typing::apply(ValueType::boolean,
                         "isIpInSubnet",
                         "yagura_in_subnet({0}, {1})",
                         {arguments[0], arguments[1]});
}

namespace {

// The zone that argument 2 names; nullopt when there is none, or none like that.
std::optional<Zone> zone_of(Typing& typing, const Expr& call, const Nodes& arguments) {
    if (arguments.size() < 3) return std::nullopt;
    const std::string text = typing.constant_text(arguments[2], call.operands[2]->span);
    auto zone = find_zone(text);
    if (!zone) {
        const std::vector<std::string_view> names(zone_names().begin(), zone_names().end());
        typing.error(call.operands[2]->span,
                     say(message::query_bad_zone, printable(text)),
                     suggest(text, names));
    }
    return zone;
}

NodePtr minutes(int count) {
    return Typing::constant(int64_t{count});
}

}  // namespace

// A time zone in the text itself counts before the one given.
NodePtr build_parse_date(Typing& typing, const Expr& call, Nodes arguments) {
    const std::string pattern = typing.constant_text(arguments[1], call.operands[1]->span);
    const DatePattern read = check_java_pattern(pattern);
    if (!read.unknown.empty())
        typing.error(call.operands[1]->span,
                     say(message::query_bad_date_pattern, printable(read.unknown)),
                     "\"yyyy-MM-dd HH:mm:ss\"");
    const auto zone = zone_of(typing, call, arguments);
    if (!zone || read.has_offset)
        return Typing::apply(ValueType::integer,
                             "parseDate",
                             "epoch_ms(yagura_parse_date({0}, {1}))",
                             {arguments[0], arguments[1]});
    if (zone->minutes_east)
        return Typing::apply(ValueType::integer,
                             "parseDate",
                             "(epoch_ms(yagura_parse_date({0}, {1})) - {2} * 60000)",
                             {arguments[0], arguments[1], minutes(*zone->minutes_east)});
    return Typing::apply(ValueType::integer,
                         "parseDate",
                         "TRY(epoch_ms(timezone({2}, yagura_parse_date({0}, {1}))))",
                         {arguments[0], arguments[1], Typing::constant(zone->name)});
}

NodePtr build_format_date(Typing& typing, const Expr& call, Nodes arguments) {
    const std::string format = typing.constant_text(arguments[1], call.operands[1]->span);
    if (const std::string unknown = unknown_in_strftime(format); !unknown.empty())
        typing.error(call.operands[1]->span,
                     say(message::query_bad_date_format, printable(unknown)),
                     "\"%Y-%m-%d %H:%M:%S\"");
    const auto zone = zone_of(typing, call, arguments);
    if (!zone)
        return Typing::apply(
            ValueType::text, "formatDate", "TRY(strftime({0}, {1}))", {arguments[0], arguments[1]});
    if (zone->minutes_east)
        return Typing::apply(ValueType::text,
                             "formatDate",
                             "TRY(strftime({0} + to_minutes({2}), {1}))",
                             {arguments[0], arguments[1], minutes(*zone->minutes_east)});
    return Typing::apply(ValueType::text,
                         "formatDate",
                         "TRY(strftime(timezone({2}, timezone('UTC', {0})), {1}))",
                         {arguments[0], arguments[1], Typing::constant(zone->name)});
}

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// $1 as people write it and \1 as RE2 wants it; any other backslash is one.
std::string rewrite_of(std::string_view with) {
    std::string out;
    for (size_t i = 0; i < with.size(); ++i) {
        const bool names_group = i + 1 < with.size() && is_digit(with[i + 1]);
        if (names_group && (with[i] == '$' || with[i] == '\\')) {
            out += '\\';
            out += with[++i];
        } else {
            if (with[i] == '\\') out += '\\';
            out += with[i];
        }
    }
    return out;
}

int highest_group(std::string_view rewrite) {
    int highest = 0;
    for (size_t i = 0; i + 1 < rewrite.size(); ++i) {
        if (rewrite[i] != '\\') continue;
        if (is_digit(rewrite[++i])) highest = std::max(highest, rewrite[i] - '0');
    }
    return highest;
}

}  // namespace

NodePtr build_regex_replace(Typing& typing, const Expr& call, Nodes arguments) {
    const Expr& written = *call.operands[1];
    const std::string pattern = written.kind == Expr::Kind::regex
                                    ? written.text
                                    : typing.constant_text(arguments[1], written.span);
    const std::string with = typing.constant_text(arguments[2], call.operands[2]->span);
    std::vector<std::string> groups;
    const std::string regex = typing.checked_regex(pattern, written.span, &groups);
    const std::string rewrite = rewrite_of(with);
    if (const int highest = highest_group(rewrite); highest > static_cast<int>(groups.size()))
        typing.error(call.operands[2]->span,
                     say(message::query_no_such_group, highest, groups.size()));
    return Typing::apply(ValueType::text,
                         "regexReplace",
                         "regexp_replace({0}, {1}, {2}, 'g')",
                         {arguments[0], Typing::constant(regex), Typing::constant(rewrite)});
}

NodePtr build_sum(Typing&, const Expr&, Nodes arguments) {
    const bool whole = arguments[0]->type == ValueType::integer;
    return Typing::apply(whole ? ValueType::integer : ValueType::real,
                         "sum",
                         whole ? "TRY_CAST(sum({0}) AS BIGINT)" : "sum({0})",
                         std::move(arguments));
}

NodePtr build_min(Typing& typing, const Expr&, Nodes arguments) {
    return extreme(std::move(arguments[0]), "min", "min({0})", typing);
}
NodePtr build_max(Typing& typing, const Expr&, Nodes arguments) {
    return extreme(std::move(arguments[0]), "max", "max({0})", typing);
}

NodePtr build_pct(Typing& typing, const Expr& call, Nodes arguments) {
    const Expr& rank = *call.operands[1];
    if (rank.kind != Expr::Kind::number || !(rank.number >= 0) || rank.number > 100) {
        typing.error(rank.span, say(message::query_bad_percentile), "pct(field, 95)");
        return Typing::null();
    }
    return Typing::apply(ValueType::real,
                         "pct",
                         "quantile_cont(CAST({0} AS DOUBLE), {1})",
                         {arguments[0], Typing::constant(rank.number / 100)});
}

NodePtr build_sorts_first(Typing& typing, const Expr&, Nodes arguments) {
    if (!is_textual(arguments[0]->type))
        return extreme(std::move(arguments[0]), "sortsFirst", "min({0})", typing);
    const ValueType type = arguments[0]->type;
    return Typing::apply(
        type, "sortsFirst", "arg_min({0}, yagura_natural({0}))", std::move(arguments));
}

NodePtr build_sorts_last(Typing& typing, const Expr&, Nodes arguments) {
    if (!is_textual(arguments[0]->type))
        return extreme(std::move(arguments[0]), "sortsLast", "max({0})", typing);
    const ValueType type = arguments[0]->type;
    return Typing::apply(
        type, "sortsLast", "arg_max({0}, yagura_natural({0}))", std::move(arguments));
}

}  // namespace yagura::query
