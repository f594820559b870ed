// NULL means "no such field" and counts as false wherever it is asked about; so a negation, and
// only a negation, has to say coalesce(…, false).
#include "query/rule_sql.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ip.h"
#include "base/messages/hunt.h"
#include "base/text.h"
#include "match/value_match.h"
#include "query/schema.h"
#include "sql/value.h"

namespace yagura::query {
namespace {

using match::Condition;
using match::Op;
using match::Operand;
using match::Predicate;
using match::TimePart;

// How tightly the outermost operator of a condition binds.
enum class Binds : uint8_t { loosely, like_and, tightly };

struct Part {
    std::string sql;
    Binds binds = Binds::tightly;
};

std::string bracketed(const Part& part, Binds least) {
    return part.binds < least ? "(" + part.sql + ")" : part.sql;
}

Part joined(const std::vector<Part>& parts, bool all) {
    if (parts.empty()) return {all ? "TRUE" : "FALSE"};
    if (parts.size() == 1) return parts[0];
    const Binds own = all ? Binds::like_and : Binds::loosely;
    std::string sql;
    for (const Part& part : parts) {
        if (!sql.empty()) sql += all ? " AND " : " OR ";
        sql += bracketed(part, own);
    }
    return {sql, own};
}

// Operands may hold any bytes; a lake's texts are UTF-8.
std::string literal(std::string_view text) {
    return sql::quote_literal(is_valid_utf8(text) ? std::string(text) : repair_utf8(text));
}

std::string column_name(std::string_view name) {
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    return plain ? std::string(name) : sql::quote_name(name);
}

std::string like_pattern(std::string_view glob) {
    std::string out;
    for (const char c : glob) {
        if (c == match::kAnyRun) {
            out += '%';
        } else if (c == match::kAnyOne) {
            out += '_';
        } else {
            if (c == '%' || c == '_' || c == '\\') out += '\\';
            out += c;
        }
    }
    return literal(out) + " ESCAPE '\\'";
}

uint32_t v4_number(const IpAddress& address) {
    uint32_t number = 0;
    for (size_t i = 12; i < 16; ++i) number = number << 8 | address.bytes[i];
    return number;
}

std::string_view part_name(TimePart part) {
    switch (part) {
        case TimePart::minute:
            return "minute";
        case TimePart::hour:
            return "hour";
        case TimePart::day:
            return "day";
        case TimePart::week:
            return "week";
        case TimePart::month:
            return "month";
        case TimePart::year:
        case TimePart::none:
            break;
    }
    return "year";
}

std::string_view sign_of(Op op) {
    switch (op) {
        case Op::less:
            return "<";
        case Op::less_equal:
            return "<=";
        case Op::greater:
            return ">";
        case Op::greater_equal:
            return ">=";
        default:
            return "=";
    }
}

// The function a test against another field calls; empty for plain equality.
std::string_view call_of(Op op) {
    switch (op) {
        case Op::field_contains:
            return "contains";
        case Op::field_starts_with:
            return "starts_with";
        case Op::field_ends_with:
            return "ends_with";
        default:
            return "";
    }
}

class Lowering {
  public:
    Lowering(const match::Rule& rule, const logtype::LogType& type) : rule_(rule), type_(type) {}

    Part lower(const Condition& condition, uint32_t depth) {
        if (depth > match::kMaxConditionDepth) return {"FALSE"};
        std::vector<Part> parts;
        switch (condition.kind) {
            case Condition::Kind::constant:
                return {condition.constant ? "TRUE" : "FALSE"};
            case Condition::Kind::predicate:
                if (condition.predicate >= rule_.predicates.size()) return {"FALSE"};
                return lower(rule_.predicates[condition.predicate]);
            case Condition::Kind::negation:
                if (condition.children.size() != 1) return {"FALSE"};
                return negated(lower(condition.children[0], depth + 1));
            case Condition::Kind::all:
            case Condition::Kind::any:
                for (const Condition& child : condition.children)
                    parts.push_back(lower(child, depth + 1));
                return joined(parts, condition.kind == Condition::Kind::all);
        }
        return {"FALSE"};
    }

    std::vector<std::string> notes;

  private:
    static Part negated(const Part& part) {
        if (part.sql.ends_with(" IS NOT NULL") && part.binds == Binds::tightly)
            return {part.sql.substr(0, part.sql.size() - 8) + "NULL"};
        return {"NOT coalesce(" + part.sql + ", FALSE)"};
    }

    void note(std::string sentence) {
        if (std::find(notes.begin(), notes.end(), sentence) == notes.end())
            notes.push_back(std::move(sentence));
    }

    // A question about one field, asked through a term, is the question about the field; what is
    // computed from the record first has no words in SQL.
    Part computed(const Predicate& predicate) {
        const match::Term& subject = predicate.terms[0];
        if (predicate.terms.size() == 1 && subject.kind == match::Term::Kind::field &&
            !subject.text.empty() && !subject.null_is_text) {
            Predicate plain = predicate;
            plain.terms.clear();
            plain.field = subject.text;
            return lower(plain);
        }
        note(say(message::hunt_sql_unsupported, say(message::hunt_sql_computed)));
        return {"TRUE"};
    }

    Access access(std::string_view field) const {
        std::vector<Segment> path;
        for (const std::string_view step : split(field, '.')) path.push_back({std::string(step)});
        return resolve(type_, path);
    }

    // The field as it lies in the lake: a column, or a leaf of one. Empty when there is none.
    std::string stored(const Access& access) const {
        if (access.kind == Access::Kind::time) return "event_time";
        if (access.kind == Access::Kind::column) return column_name(access.column);
        if (access.kind != Access::Kind::json) return "";
        std::string out;
        for (const std::string& pointer : access.pointers) {
            if (!out.empty()) out += ", ";
            out += fmt::format(
                "json_extract_string({}, {})", column_name(access.column), literal(pointer));
        }
        return access.pointers.size() > 1 ? "coalesce(" + out + ")" : out;
    }

    // The same as text, for comparing texts.
    std::string as_text(std::string_view field, const Access& access) {
        const std::string where = stored(access);
        if (access.kind == Access::Kind::time || access.type == ValueType::time) {
            note(say(message::hunt_sql_time, field));
            return fmt::format("strftime({}, '%Y-%m-%dT%H:%M:%SZ')", where);
        }
        if (access.kind == Access::Kind::json || access.type == ValueType::text) return where;
        if (access.type == ValueType::json) return where;
        return fmt::format("CAST({} AS VARCHAR)", where);
    }

    Part lower(const Predicate& predicate) {
        if (!predicate.terms.empty()) return computed(predicate);
        if (predicate.field.empty()) return keyword(predicate);
        const Access place = access(predicate.field);
        const std::string where = stored(place);
        if (where.empty()) {
            note(say(message::hunt_sql_no_field, printable(predicate.field)));
            return {"FALSE"};
        }
        if (place.kind == Access::Kind::json)
            note(say(message::hunt_sql_lists, printable(predicate.field)));
        if (predicate.part != TimePart::none) return time_part(predicate, place, where);
        switch (predicate.op) {
            case Op::exists:
                if (place.kind == Access::Kind::column)
                    note(say(message::hunt_sql_null, printable(predicate.field)));
                return {where + " IS NOT NULL"};
            case Op::present:
                return {where + " IS NOT NULL"};
            case Op::null:
                if (place.type != ValueType::json && place.kind != Access::Kind::json)
                    return {where + " IS NULL"};
                return {fmt::format("{0} IS NULL OR {0} = '[]'", where), Binds::loosely};
            case Op::empty:
                return {as_text(predicate.field, place) + " = ''"};
            case Op::less:
            case Op::less_equal:
            case Op::greater:
            case Op::greater_equal:
                return compared(predicate, place, where);
            case Op::field_equals:
            case Op::field_contains:
            case Op::field_starts_with:
            case Op::field_ends_with:
                return against_fields(predicate, place);
            default:
                return text_test(predicate, as_text(predicate.field, place));
        }
    }

    static std::string number_of(const std::string& where, const Access& place) {
        return is_numeric(place.type) ? where : fmt::format("TRY_CAST({} AS DOUBLE)", where);
    }

    static std::string bound(const Operand& operand) {
        const bool plain = match::parse_number(operand.text) &&
                           operand.text.find_first_not_of("0123456789.-") == std::string::npos;
        return plain ? operand.text : fmt::format("TRY_CAST({} AS DOUBLE)", literal(operand.text));
    }

    static Part compared(const Predicate& predicate,
                         const Access& place,
                         const std::string& where) {
        std::vector<Part> parts;
        for (const Operand& operand : predicate.operands) {
            parts.push_back({fmt::format(
                "{} {} {}", number_of(where, place), sign_of(predicate.op), bound(operand))});
        }
        return joined(parts, false);
    }

    Part time_part(const Predicate& predicate, const Access& place, const std::string& where) {
        const bool is_time = place.kind == Access::Kind::time || place.type == ValueType::time;
        if (!is_time) note(say(message::hunt_sql_read_time, printable(predicate.field)));
        std::vector<Part> parts;
        for (const Operand& operand : predicate.operands) {
            parts.push_back(
                {fmt::format("{}({}) {} {}",
                             part_name(predicate.part),
                             is_time ? where : fmt::format("TRY_CAST({} AS TIMESTAMP)", where),
                             sign_of(predicate.op),
                             bound(operand))});
        }
        return joined(parts, false);
    }

    Part against_fields(const Predicate& predicate, const Access& place) {
        const auto cased = [&](const std::string& text) {
            return predicate.cased ? text : "lower(" + text + ")";
        };
        const std::string subject = cased(as_text(predicate.field, place));
        std::vector<Part> parts;
        for (const Operand& operand : predicate.operands) {
            const Access other = access(operand.text);
            if (stored(other).empty()) continue;
            if (other.kind == Access::Kind::json)
                note(say(message::hunt_sql_lists, printable(operand.text)));
            parts.push_back(
                test(call_of(predicate.op), subject, cased(as_text(operand.text, other))));
        }
        return joined(parts, false);
    }

    static Part test(std::string_view call,
                     const std::string& subject,
                     const std::string& operand) {
        if (call.empty()) return {subject + " = " + operand};
        return {fmt::format("{}({}, {})", call, subject, operand)};
    }

    Part keyword(const Predicate& predicate) {
        note(say(message::hunt_sql_keyword));
        Predicate asked = predicate;
        if (asked.op == Op::keyword) {
            asked.op = Op::glob;
            for (Operand& operand : asked.operands)
                operand.text = match::kAnyRun + operand.text + match::kAnyRun;
        }
        return text_test(asked, "CAST(t AS VARCHAR)");
    }

    Part text_test(const Predicate& predicate, const std::string& text) {
        std::vector<Part> parts;
        std::vector<std::string> whole;  // operands of equals
        const bool folds =
            !predicate.cased && predicate.op != Op::regex && predicate.op != Op::cidr;
        const std::string subject = folds ? "lower(" + text + ")" : text;
        for (const Operand& operand : predicate.operands) {
            const std::string plain = folds ? fold_case(operand.text) : operand.text;
            switch (predicate.op) {
                case Op::equals:
                    if (operand.kind == Operand::Kind::number) {
                        parts.push_back(
                            {fmt::format("TRY_CAST({} AS DOUBLE) = {}", text, bound(operand))});
                    } else {
                        whole.push_back(literal(plain));
                    }
                    break;
                case Op::contains:
                    parts.push_back(test("contains", subject, literal(plain)));
                    break;
                case Op::starts_with:
                    parts.push_back(test("starts_with", subject, literal(plain)));
                    break;
                case Op::ends_with:
                    parts.push_back(test("ends_with", subject, literal(plain)));
                    break;
                case Op::glob:
                    parts.push_back({subject + " LIKE " + like_pattern(plain)});
                    break;
                case Op::regex:
                    parts.push_back(test("regexp_matches", subject, literal(plain)));
                    break;
                case Op::cidr:
                    parts.push_back(in_block(subject, operand.text));
                    break;
                default:
                    note(say(message::hunt_sql_unsupported, printable(predicate.field)));
                    return {"TRUE"};
            }
        }
        if (whole.size() == 1) parts.push_back({subject + " = " + whole[0]});
        if (whole.size() > 1)
            parts.push_back({fmt::format("{} IN ({})", subject, fmt::join(whole, ", "))});
        return joined(parts, false);
    }

    // 10.0.0.0/8: the first octets say it all.
    static Part on_octets(const std::string& text, const Cidr& block) {
        std::string pattern;
        for (int octet = 0; octet < 4; ++octet) {
            if (octet > 0) pattern += R"(\.)";
            pattern += octet * 8 < block.prefix
                           ? fmt::format("{}", block.base.bytes[static_cast<size_t>(12 + octet)])
                           : R"(\d{1,3})";
        }
        return {fmt::format("regexp_full_match({}, {})", text, literal(pattern))};
    }

    Part in_block(const std::string& text, const std::string& operand) {
        const auto block = Cidr::parse(operand);
        if (!block) return {"FALSE"};
        if (!block->base.is_v4) {
            note(say(message::hunt_sql_ours, "yagura_in_subnet"));
            return {fmt::format("yagura_in_subnet({}, {})", text, literal(operand))};
        }
        if (block->prefix > 0 && block->prefix % 8 == 0) return on_octets(text, *block);
        std::string number;
        for (int i = 0; i < 4; ++i) {
            if (i > 0) number += " + ";
            number += fmt::format("TRY_CAST(split_part({}, '.', {}) AS BIGINT)", text, i + 1);
            if (i < 3) number += fmt::format(" * {}", 1u << (24 - 8 * i));
        }
        return {
            fmt::format(R"((regexp_full_match({}, '(\d+\.){{3}}\d+') AND {} BETWEEN {} AND {}))",
                        text,
                        number,
                        v4_number(block->base),
                        v4_number(block->last()))};
    }

    const match::Rule& rule_;
    const logtype::LogType& type_;
};

// One line of a comment: nothing in a title can end it.
std::string comment(std::string_view text) {
    return "-- " + printable(text) + "\n";
}

// "a AND b" over several lines, where it is long.
std::string laid_out(const match::Rule& rule, Lowering& lowering) {
    if (rule.condition.kind != Condition::Kind::all) return lowering.lower(rule.condition, 0).sql;
    std::string out;
    for (const Condition& child : rule.condition.children) {
        if (!out.empty()) out += "\n  AND ";
        out += bracketed(lowering.lower(child, 1),
                         rule.condition.children.size() > 1 ? Binds::like_and : Binds::loosely);
    }
    return out.empty() ? "TRUE" : out;
}

}  // namespace

RuleSql rule_sql(const match::Rule& rule, const logtype::LogType& type) {
    Lowering lowering(rule, type);
    RuleSql out;
    out.condition = laid_out(rule, lowering);
    out.notes = std::move(lowering.notes);
    return out;
}

std::string rule_select(const match::Rule& rule, const logtype::LogType& type) {
    const RuleSql sql = rule_sql(rule, type);
    std::string out = comment(
        fmt::format("{} ({}, {})", rule.info.title, rule.info.id, level_name(rule.info.level)));
    for (const std::string& note : sql.notes) out += comment(note);
    return out + fmt::format("SELECT *\nFROM {} AS t\nWHERE {}\nORDER BY event_time;\n",
                             type.name,
                             sql.condition);
}

}  // namespace yagura::query
