#include "rule/readable.h"

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/text.h"

namespace yagura::rule {
namespace {

using match::Condition;
using match::Op;
using match::Operand;
using match::Predicate;

constexpr size_t kOperandsShown = 50;
constexpr size_t kStep = 4;
constexpr uint32_t kMostTermDepth = 32;

// {0} the field, {1} the operands.
struct OpRow {
    Op op;
    Text sentence;
};
constexpr OpRow kOps[] = {
    {Op::equals, message::readable_equals},
    {Op::contains, message::readable_contains},
    {Op::starts_with, message::readable_starts_with},
    {Op::ends_with, message::readable_ends_with},
    {Op::glob, message::readable_glob},
    {Op::regex, message::readable_regex},
    {Op::cidr, message::readable_cidr},
    {Op::exists, message::readable_exists},
    {Op::null, message::readable_null},
    {Op::empty, message::readable_empty},
    {Op::present, message::readable_present},
    {Op::less, message::readable_less},
    {Op::less_equal, message::readable_less_equal},
    {Op::greater, message::readable_greater},
    {Op::greater_equal, message::readable_greater_equal},
    {Op::text_less, message::readable_less},
    {Op::text_less_equal, message::readable_less_equal},
    {Op::text_greater, message::readable_greater},
    {Op::text_greater_equal, message::readable_greater_equal},
    {Op::field_equals, message::readable_equals},
    {Op::field_contains, message::readable_contains},
    {Op::field_starts_with, message::readable_starts_with},
    {Op::field_ends_with, message::readable_ends_with},
    {Op::keyword, message::readable_keyword},
};

const Text& sentence_of(Op op) {
    for (const OpRow& row : kOps) {
        if (row.op == op) return row.sentence;
    }
    return message::readable_equals;
}

std::string operand_text(const Operand& operand, Op op) {
    if (operand.kind == Operand::Kind::field)
        return say(message::readable_field, printable(operand.text));
    if (operand.kind != Operand::Kind::text) return printable(operand.text);
    std::string text = operand.text;
    if (op == Op::glob || op == Op::keyword) {
        for (char& c : text) c = c == match::kAnyRun ? '*' : c == match::kAnyOne ? '?' : c;
    }
    return "\"" + printable(text) + "\"";
}

// What each kind of term is called, as Falco writes it; places and literals are told otherwise.
struct TermRow {
    match::Term::Kind kind;
    std::string_view name;
};
constexpr TermRow kTerms[] = {{match::Term::Kind::event_time, "time"},
                              {match::Term::Kind::ordinal, "evt.num"},
                              {match::Term::Kind::lower, "tolower"},
                              {match::Term::Kind::upper, "toupper"},
                              {match::Term::Kind::base64, "b64"},
                              {match::Term::Kind::base_name, "basename"},
                              {match::Term::Kind::length, "len"},
                              {match::Term::Kind::count, "count"},
                              {match::Term::Kind::part, "part"},
                              {match::Term::Kind::options, "getopt"},
                              {match::Term::Kind::concat, "concat"},
                              {match::Term::Kind::join, "join"},
                              {match::Term::Kind::sum, "sum"},
                              {match::Term::Kind::first, "first"},
                              {match::Term::Kind::when, "when"},
                              {match::Term::Kind::record, "record"},
                              {match::Term::Kind::without_end, "without"}};

// "tolower(userAgent)", "requestParameters/items/0"
std::string term_text(const match::Term& term, uint32_t depth = 0) {
    using K = match::Term::Kind;
    if (depth > kMostTermDepth) return "…";
    if (term.kind == K::literal) return "\"" + printable(term.text) + "\"";
    if (term.kind == K::field || term.kind == K::each) return printable(term.text);
    std::string out;
    if (term.kind == K::at && !term.terms.empty()) {
        if (term.terms[0].kind != K::record) out = term_text(term.terms[0], depth + 1);
        for (const match::Term::Step& step : term.path) {
            out += "/" + printable(step.name);
            if (step.wanted) out += "=" + printable(*step.wanted);
        }
        return out;
    }
    for (const TermRow& row : kTerms) {
        if (row.kind == term.kind) out = row.name;
    }
    if (term.terms.empty() && term.text.empty()) return out;
    std::string inner;
    const auto add = [&](const std::string& part) { inner += (inner.empty() ? "" : ", ") + part; };
    for (const match::Term& each : term.terms) add(term_text(each, depth + 1));
    if (!term.text.empty()) add("\"" + printable(term.text) + "\"");
    out += "(" + inner + ")";
    return term.path.empty() ? out : out + "[" + printable(term.path[0].name) + "]";
}

// What a predicate is about.
std::string subject_text(const Predicate& predicate) {
    if (!predicate.terms.empty()) {
        const std::string text = term_text(predicate.terms[0]);
        return predicate.every ? say(message::readable_every, text) : text;
    }
    return predicate.field.empty() ? say(message::readable_anywhere) : printable(predicate.field);
}

// The operands, and the terms that are operands too.
std::string operands_text(const Predicate& predicate) {
    std::string out;
    size_t count = 0;
    const auto add = [&](const std::string& operand) {
        if (count++ < kOperandsShown) out += (out.empty() ? "" : ", ") + operand;
    };
    for (const Operand& operand : predicate.operands) add(operand_text(operand, predicate.op));
    for (size_t i = 1; i < predicate.terms.size(); ++i)
        add(say(message::readable_field, term_text(predicate.terms[i])));
    if (count > kOperandsShown) out += say(message::readable_more, count - kOperandsShown);
    return count > 1 ? say(message::readable_one_of, out) : out;
}

constexpr Text kParts[] = {{"", ""},
                           message::readable_minute,
                           message::readable_hour,
                           message::readable_day,
                           message::readable_week,
                           message::readable_month,
                           message::readable_year};

constexpr Text kCorrelations[] = {message::readable_event_count,
                                  message::readable_value_count,
                                  message::readable_temporal,
                                  message::readable_temporal_ordered,
                                  message::readable_value_sum,
                                  message::readable_value_avg,
                                  message::readable_value_percentile,
                                  message::readable_value_median};
constexpr Text kWindows[] = {
    message::readable_sliding, message::readable_tumbling, message::readable_session};
constexpr std::string_view kBounds[] = {"<", "<=", ">", ">=", "=", "!="};

// "a and not (b or c)" over the names of what a temporal correlation refers to.
std::string terms_text(const Condition& condition, const match::Correlation& correlation) {
    if (condition.kind == Condition::Kind::predicate)
        return printable(correlation.references[condition.predicate].name);
    if (condition.kind == Condition::Kind::constant) return condition.constant ? "true" : "false";
    if (condition.kind == Condition::Kind::negation)
        return "not " + terms_text(condition.children[0], correlation);
    const char* link = condition.kind == Condition::Kind::all ? " and " : " or ";
    std::string out;
    for (const Condition& child : condition.children)
        out += (out.empty() ? "" : link) + terms_text(child, correlation);
    return "(" + out + ")";
}

class Writer {
  public:
    Writer(const match::Rule& rule, std::string& out) : rule_(rule), out_(out) {}

    // Conditions are no deeper than match::kMaxConditionDepth.
    void write(const Condition& condition, size_t indent) {
        switch (condition.kind) {
            case Condition::Kind::predicate:
                return line(readable(rule_.predicates[condition.predicate]), indent);
            case Condition::Kind::constant:
                return line(
                    say(condition.constant ? message::readable_always : message::readable_never),
                    indent);
            case Condition::Kind::all:
                line(say(message::readable_all), indent);
                break;
            case Condition::Kind::any:
                line(say(message::readable_any), indent);
                break;
            case Condition::Kind::negation:
                line(say(message::readable_not), indent);
                break;
        }
        for (const Condition& child : condition.children) write(child, indent + kStep);
    }

  private:
    void line(std::string_view text, size_t indent) {
        out_.append(indent, ' ');
        out_ += text;
        out_ += '\n';
    }

    const match::Rule& rule_;
    std::string& out_;
};

}  // namespace

std::string readable(const Predicate& predicate) {
    std::string field = subject_text(predicate);
    if (predicate.part != match::TimePart::none)
        field = say(kParts[static_cast<size_t>(predicate.part)], field);
    std::string out = say(sentence_of(predicate.op), field, operands_text(predicate));
    if (predicate.cased) out += say(message::readable_cased);
    return out;
}

std::string readable(const match::Correlation& correlation, size_t indent) {
    std::string out;
    const auto line = [&](const std::string& text) {
        out.append(indent, ' ');
        out += text + "\n";
    };
    std::string values, names, keys, bounds;
    const auto add = [](std::string& list, std::string_view text, std::string_view separator) {
        if (!list.empty()) list += separator;
        list += printable(text);
    };
    for (const match::CorrelationReference& reference : correlation.references)
        add(names, reference.name, ", ");
    if (!correlation.references.empty()) {
        for (const std::string& field : correlation.references[0].value_fields)
            add(values, field, ", ");
    }
    for (const std::string& key : correlation.group_by) add(keys, key, ", ");
    for (const match::Threshold& bound : correlation.thresholds)
        add(bounds,
            fmt::format("{} {:g}", kBounds[static_cast<size_t>(bound.kind)], bound.value),
            ", ");
    line(say(kCorrelations[static_cast<size_t>(correlation.type)], values, correlation.percentile));
    if (!bounds.empty()) line(say(message::readable_bounds, bounds));
    if (correlation.condition)
        line(say(message::readable_terms, terms_text(*correlation.condition, correlation)));
    line(say(message::readable_of_rules, names));
    if (!keys.empty()) line(say(message::readable_group_by, keys));
    line(say(kWindows[static_cast<size_t>(correlation.window)],
             readable_duration(correlation.timespan),
             readable_duration(correlation.gap)));
    return out;
}

std::string readable_duration(int64_t micros) {
    constexpr std::pair<int64_t, std::string_view> kUnits[] = {
        {86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "min"}, {1'000'000, "s"}};
    for (const auto& [unit, name] : kUnits) {
        if (micros >= unit && micros % unit == 0) return fmt::format("{} {}", micros / unit, name);
    }
    return fmt::format("{} µs", micros);
}

std::string readable(const match::FirstSeen& memory, size_t indent) {
    const auto joined = [](const std::vector<std::string>& fields) {
        std::string out;
        for (const std::string& field : fields) out += (out.empty() ? "" : ", ") + printable(field);
        return out;
    };
    std::string out;
    const auto line = [&](const std::string& text) {
        out.append(indent, ' ');
        out += text + "\n";
    };
    line(say(memory.fields.size() == 1 ? message::readable_new_value : message::readable_new_values,
             joined(memory.fields)));
    line(say(message::readable_history, readable_duration(memory.history)));
    if (memory.learning > 0)
        line(say(message::readable_learning, readable_duration(memory.learning)));
    if (!memory.entity.empty())
        line(say(
            message::readable_entity, joined(memory.entity), readable_duration(memory.entity_age)));
    return out;
}

std::string readable(const match::Rule& rule, size_t indent) {
    std::string out;
    Writer(rule, out).write(rule.condition, indent);
    return out;
}

}  // namespace yagura::rule
