// Only texts in columns of their own are looked at: event names and sources are what most rules
// begin with. Three kinds of rows always pass, as SQL would judge them differently: those whose
// column holds a list or object as JSON (it is read from the JSON column above), those whose field
// has several values (they are in `extra`), and, where case folds, those with anything but ASCII
// ("ſ" folds to "s", SQL's lower() keeps it).
#include "query/prefilter.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "query/row_event.h"
#include "sql/value.h"
#include "store/schema.h"

namespace yagura::query {
namespace {

using match::Condition;
using match::Op;
using match::Operand;
using match::Predicate;

constexpr size_t kMostRules = 64;  // beyond, asking costs more than it saves
constexpr size_t kMostOperands = 400;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
}

class Filter {
  public:
    explicit Filter(const logtype::LogType& type) : type_(type), schema_(store::schema_of(type)) {}

    // Empty: no row is ruled out.
    std::string of(const match::Rule& rule, const Condition& condition, uint32_t depth) const {
        if (depth > match::kMaxConditionDepth) return "FALSE";
        switch (condition.kind) {
            case Condition::Kind::constant:
                return condition.constant ? "" : "FALSE";
            case Condition::Kind::predicate:
                if (condition.predicate >= rule.predicates.size()) return "FALSE";
                return of(rule.predicates[condition.predicate]);
            case Condition::Kind::negation:
                return "";
            case Condition::Kind::all:
                return all(rule, condition, depth);
            case Condition::Kind::any:
                return any(rule, condition, depth);
        }
        return "";
    }

  private:
    std::string all(const match::Rule& rule, const Condition& condition, uint32_t depth) const {
        std::string out;
        for (const Condition& child : condition.children) {
            const std::string part = of(rule, child, depth + 1);
            if (part.empty()) continue;
            out += (out.empty() ? "(" : " AND ") + part;
        }
        return out.empty() ? "" : out + ")";
    }

    std::string any(const match::Rule& rule, const Condition& condition, uint32_t depth) const {
        std::string out;
        for (const Condition& child : condition.children) {
            const std::string part = of(rule, child, depth + 1);
            if (part.empty()) return "";
            out += (out.empty() ? "(" : " OR ") + part;
        }
        return out.empty() ? "FALSE" : out + ")";
    }

    std::string of(const Predicate& predicate) const {
        const auto field = type_.dictionary().find(predicate.field);
        const int column = field ? schema_.column_of(*field) : -1;
        if (column < 0 || predicate.part != match::TimePart::none || predicate.operands.empty() ||
            predicate.operands.size() > kMostOperands)
            return "";
        const store::ColumnSpec& spec = schema_.columns()[static_cast<size_t>(column)];
        if (spec.type != event::Type::text && spec.type != event::Type::ip) return "";
        for (const Operand& operand : predicate.operands) {
            if (operand.kind != Operand::Kind::text ||
                (!predicate.cased && !is_ascii(operand.text)))
                return "";
        }
        const std::string name = sql::quote_name(spec.name);
        const std::string test =
            tests(predicate, predicate.cased ? name : fmt::format("lower({})", name));
        if (test.empty()) return "";
        std::string out = "(" + test;
        if (json_field_of(type_, *field) != *field)
            out += fmt::format(" OR {}[1] IN ('[', '{{')", name);
        if (!predicate.cased) out += fmt::format(" OR strlen({0}) <> length({0})", name);
        const std::string key = json_quote(type_.fields[*field].name);
        return out + fmt::format(" OR contains(extra, {}))", sql::quote_literal(key));
    }

    static std::string tests(const Predicate& predicate, const std::string& subject) {
        std::string_view call;
        switch (predicate.op) {
            case Op::equals:
                break;
            case Op::contains:
                call = "contains";
                break;
            case Op::starts_with:
                call = "starts_with";
                break;
            case Op::ends_with:
                call = "ends_with";
                break;
            default:
                return "";
        }
        std::string out;
        for (const Operand& operand : predicate.operands) {
            const std::string text =
                sql::quote_literal(predicate.cased ? operand.text : fold_case(operand.text));
            if (!out.empty()) out += call.empty() ? ", " : " OR ";
            out += call.empty() ? text : fmt::format("{}({}, {})", call, subject, text);
        }
        return call.empty() ? fmt::format("{} IN ({})", subject, out) : out;
    }

    const logtype::LogType& type_;
    const store::Schema& schema_;
};

}  // namespace

std::string prefilter_sql(const logtype::LogType& type, std::span<const match::Rule* const> rules) {
    const Filter filter(type);
    std::string out;
    size_t asked = 0;
    for (const match::Rule* rule : rules) {
        if (!rule->source.covers(type.logsource)) continue;
        if (++asked > kMostRules) return "";
        const std::string part = filter.of(*rule, rule->condition, 0);
        if (part.empty()) return "";
        out += (out.empty() ? "" : " OR ") + part;
    }
    return out;
}

}  // namespace yagura::query
