#include "rule/falco/lower.h"

#include <algorithm>
#include <charconv>

#include "base/diagnostic.h"
#include "base/language.h"
#include "base/messages/falco.h"
#include "base/messages/rule.h"
#include "match/options.h"
#include "match/regex.h"
#include "rule/falco/parser.h"
#include "rule/falco/pattern.h"
#include "rule/sigma/detection.h"

namespace yagura::rule::falco {

using match::Condition;
using match::Op;
using match::Operand;
using match::Predicate;
using match::Term;
using sigma::all_of;
using sigma::any_of;
using sigma::negation_of;

namespace {

constexpr uint32_t kMaxMacroDepth = 64;
constexpr size_t kMaxExactlyOne = 64;  // values of `oneof`: it takes their square in questions

struct TextOp {
    std::string_view name;
    Op op;
};
constexpr TextOp kTextOps[] = {
    {"=", Op::equals},
    {"!=", Op::equals},
    {"in", Op::equals},
    {"intersects", Op::equals},
    {"contains", Op::contains},
    {"icontains", Op::contains},
    {"bcontains", Op::contains},
    {"startswith", Op::starts_with},
    {"bstartswith", Op::starts_with},
    {"endswith", Op::ends_with},
    {"<", Op::text_less},
    {"<=", Op::text_less_equal},
    {">", Op::text_greater},
    {">=", Op::text_greater_equal},
};
constexpr TextOp kNumberOps[] = {
    {"=", Op::equals},
    {"!=", Op::equals},
    {"in", Op::equals},
    {"intersects", Op::equals},
    {"<", Op::less},
    {"<=", Op::less_equal},
    {">", Op::greater},
    {">=", Op::greater_equal},
};

std::optional<Op> op_named(std::span<const TextOp> rows, std::string_view name) {
    for (const TextOp& row : rows) {
        if (row.name == name) return row.op;
    }
    return std::nullopt;
}

// Whole numbers as Falco's conditions have them: decimal or 0x.
std::optional<uint64_t> whole_number(std::string_view text) {
    const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
    if (is_hex) text.remove_prefix(2);
    uint64_t out = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), out, is_hex ? 16 : 10);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return out;
}

Condition constant(bool value) {
    Condition out;
    out.constant = value;
    return out;
}

// Whether JSON null, were it the text "null", could not satisfy this: then what the field holds
// otherwise is all that counts, and the plain question does.
bool only_of_words(const Predicate& predicate) {
    return predicate.op == Op::equals &&
           std::none_of(predicate.operands.begin(), predicate.operands.end(), [](const Operand& o) {
               return o.text == "null";
           });
}

// Texts of logs are UTF-8: these bytes are in none, and mean wildcards to Op::glob.
bool has_wildcard_bytes(std::string_view text) {
    return text.find(match::kAnyRun) != std::string_view::npos ||
           text.find(match::kAnyOne) != std::string_view::npos;
}

}  // namespace

std::nullopt_t Lowering::refuse(const Written& written,
                                uint32_t offset,
                                std::string message,
                                std::string hint) {
    mistakes_.push_back({written.place(offset), std::move(message), std::move(hint)});
    return std::nullopt;
}

// --- trees ---

std::optional<Condition> Lowering::lower(const Expression& expression, const Written& written) {
    if (++nodes_ > kMaxNodes)
        return refuse(written, expression.offset, say(message::sigma_rule_size));
    if (depth_ >= match::kMaxConditionDepth / 2)
        return refuse(written, expression.offset, say(message::condition_depth));
    ++depth_;
    std::optional<Condition> out;
    switch (expression.kind) {
        case Expression::Kind::check:
            out = lower_check(expression, written);
            break;
        case Expression::Kind::macro:
            out = lower_macro(expression, written);
            break;
        default:
            out = lower_chain(expression, written);
    }
    --depth_;
    return out;
}

std::optional<Condition> Lowering::lower_chain(const Expression& expression,
                                               const Written& written) {
    std::vector<Condition> children;
    bool whole = true;
    for (const Expression& child : expression.children) {
        auto lowered = lower(child, written);
        whole = whole && lowered;
        if (lowered) children.push_back(std::move(*lowered));
        if (nodes_ > kMaxNodes) break;
    }
    if (!whole) return std::nullopt;
    switch (expression.kind) {
        case Expression::Kind::negation:
            return negation_of(std::move(children[0]));
        case Expression::Kind::any:
            return any_of(std::move(children));
        default:
            return all_of(std::move(children));
    }
}

std::optional<Condition> Lowering::lower_macro(const Expression& expression,
                                               const Written& written) {
    const auto found = definitions_.macros.find(expression.name);
    if (found == definitions_.macros.end()) {
        return refuse(written,
                      expression.offset,
                      say(message::falco_macro_unknown, expression.name),
                      suggest(expression.name, Definitions::names(definitions_.macros)));
    }
    const bool open =
        std::find(open_macros_.begin(), open_macros_.end(), found->first) != open_macros_.end();
    if (open || open_macros_.size() >= kMaxMacroDepth) {
        return refuse(written, expression.offset, say(message::falco_macro_cycle, expression.name));
    }
    if (!found->second.expression) return std::nullopt;  // said where it is defined
    open_macros_.push_back(found->first);
    auto out = lower(*found->second.expression, found->second.condition);
    open_macros_.pop_back();
    return out;
}

// --- what is compared ---

std::optional<Lowering::Side> Lowering::field_of(const Value& value, const Written& written) {
    if (!known_) return Side{};
    const Field* field = find_field(value.name);
    if (!field) {
        std::vector<std::string_view> names;
        for (const Field& row : fields()) names.push_back(row.name);
        refuse(written,
               value.offset,
               say(message::falco_field_unknown, value.name),
               suggest(value.name, names));
        mistakes_.back().is_unknown_field = true;
        return std::nullopt;
    }
    if (field->takes_argument != value.has_argument ||
        (value.has_argument && value.argument.empty()))
        return refuse(written,
                      value.offset,
                      say(field->takes_argument ? message::falco_argument_missing
                                                : message::falco_argument_unknown,
                          value.name));
    return Side{field->term(value.argument), field->type};
}

std::optional<Lowering::Side> Lowering::side_of(const Value& value, const Written& written) {
    if (value.kind == Value::Kind::field) return field_of(value, written);
    Side out;
    if (value.kind == Value::Kind::word) {
        out.term.text = value.name;
        return out;
    }
    constexpr std::pair<std::string_view, Term::Kind> kKinds[] = {
        {"tolower", Term::Kind::lower},
        {"toupper", Term::Kind::upper},
        {"b64", Term::Kind::base64},
        {"basename", Term::Kind::base_name},
        {"len", Term::Kind::length},
        {"join", Term::Kind::join},
        {"concat", Term::Kind::concat},
        {"getopt", Term::Kind::options},
    };
    std::vector<Side> sides;
    for (const Value& inner : value.values) {
        auto side = side_of(inner, written);
        if (!side) return std::nullopt;
        sides.push_back(std::move(*side));
    }
    if (value.name == "val") return std::move(sides[0]);
    if (!known_) return out;
    const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& row) {
        return row.first == value.name;
    });
    if (value.name == "getopt") return options_of(value, std::move(sides[0]), written);
    const bool takes_lists = value.name == "len" || value.name == "join";
    for (const Side& side : sides) {
        if (side.type == FieldType::texts && !takes_lists)
            return refuse(written, value.offset, say(message::falco_transformer_list, value.name));
        out.term.terms.push_back(side.term);
    }
    out.term.kind = kind->second;
    if (value.name == "len" && sides[0].type == FieldType::texts) out.term.kind = Term::Kind::count;
    out.type = value.name == "len" ? FieldType::number : FieldType::text;
    if (value.name == "join") {
        out.term.text = value.values[0].name;
        if (value.values[0].kind != Value::Kind::word)
            return refuse(written, value.values[0].offset, say(message::falco_join));
        out.term.terms.erase(out.term.terms.begin());
    }
    return out;
}

// getopt(field, "nt:") is the list of the options found, getopt(field, "nt:")[t] what was given.
std::optional<Lowering::Side> Lowering::options_of(const Value& value,
                                                   Side line,
                                                   const Written& written) {
    const Value& known = value.values[1];
    if (known.kind != Value::Kind::word || !match::is_option_list(known.name))
        return refuse(written, known.offset, say(message::falco_getopt));
    const bool is_letter = value.argument.size() == 1 && value.argument != ":";
    if (value.has_argument && (!is_letter || known.name.find(value.argument) == std::string::npos))
        return refuse(written, value.offset, say(message::falco_getopt_letter, value.argument));
    Side out;
    out.term.kind = Term::Kind::options;
    out.term.text = known.name;
    if (value.has_argument) out.term.path.push_back({value.argument, {}});
    out.term.terms.push_back(std::move(line.term));
    out.type = value.has_argument ? FieldType::text : FieldType::texts;
    return out;
}

// The written values of a check, names of lists replaced by what is in them.
std::optional<Lowering::Values> Lowering::values_of(const Expression& check,
                                                    const Written& written) {
    const Operator* row = find_operator(check.name);
    const bool takes_list = row->takes == Operator::Takes::list || check.link != Link::plain;
    Values out;
    for (const Value& value : check.right) {
        const auto list = takes_list && !value.quoted ? definitions_.lists.find(value.name)
                                                      : definitions_.lists.end();
        if (list != definitions_.lists.end()) {
            out.insert(out.end(), list->second.values.begin(), list->second.values.end());
        } else if (takes_list && !check.is_list) {
            return refuse(written,
                          value.offset,
                          say(message::falco_list_unknown, value.name),
                          suggest(value.name, Definitions::names(definitions_.lists)));
        } else {
            out.push_back(value.name);
        }
    }
    nodes_ += out.size();
    if (nodes_ > kMaxNodes) return refuse(written, check.offset, say(message::sigma_rule_size));
    return out;
}

// --- predicates ---

Condition Lowering::ask(Predicate predicate, const Side& left) {
    const bool is_plain = left.term.kind == Term::Kind::field || left.term.kind == Term::Kind::each;
    const bool asks_null = left.term.null_is_text && !only_of_words(predicate);
    if (is_plain && !asks_null && predicate.terms.empty() && !predicate.every) {
        predicate.field = left.term.text;
    } else {
        predicate.terms.insert(predicate.terms.begin(), left.term);
    }
    Condition out;
    out.kind = Condition::Kind::predicate;
    const auto same = std::find(rule_.predicates.begin(), rule_.predicates.end(), predicate);
    out.predicate = static_cast<uint32_t>(same - rule_.predicates.begin());
    if (same == rule_.predicates.end()) rule_.predicates.push_back(std::move(predicate));
    return out;
}

Condition Lowering::present(const Side& side) {
    Predicate predicate;
    predicate.op = Op::present;
    return ask(std::move(predicate), side);
}

std::optional<Condition> Lowering::lower_check(const Expression& check, const Written& written) {
    const auto left = side_of(check.left, written);
    if (check.name == "exists") {
        if (!left) return std::nullopt;
        if (left->type == FieldType::ordinal) return constant(true);
        return known_ ? present(*left) : constant(false);
    }
    const bool is_computed =
        !check.is_list && check.right.size() == 1 && check.right[0].kind != Value::Kind::word;
    if (is_computed)
        return left ? compare_fields(check, *left, written) : std::optional<Condition>();
    const auto values = values_of(check, written);
    if (!values || !left) return std::nullopt;
    switch (left->type) {
        case FieldType::number:
            return compare_number(check, *left, *values, written);
        case FieldType::ordinal:
            return compare_ordinal(check, *left, *values, written);
        case FieldType::texts:
            return compare_list(check, *left, *values, written);
        case FieldType::text:
            break;
    }
    if (check.link != Link::plain) return compare_link(check, *left, *values, written);
    return compare(check, *left, *values, written);
}

// Everything but what is asked about: an operation on texts with its operands.
std::optional<Predicate> Lowering::predicate_of(const Expression& check,
                                                const Values& values,
                                                const Written& written) {
    Predicate out;
    out.cased = check.name != "icontains" && check.name != "iglob";
    const bool is_regex = check.name == "regex";
    for (const std::string& value : values) {
        if (check.name == "glob" || check.name == "iglob") {
            set_glob(out, value);
            if (out.op == Op::regex && !match::Regex(out.operands.back().text).is_valid())
                return refuse(written, check.offset, say(message::falco_glob, value)), std::nullopt;
        } else if (is_regex || check.name == "pmatch") {
            out.op = Op::regex;
            std::string pattern = is_regex ? whole_expression(value) : path_expression(value);
            if (!match::Regex(pattern).is_valid())
                return refuse(written, check.offset, say(message::falco_regex, value)),
                       std::nullopt;
            out.operands.push_back({Operand::Kind::text, std::move(pattern), 0});
        } else {
            out.op = op_named(kTextOps, check.name).value_or(Op::equals);
            std::string text = value;
            if (check.name.starts_with('b')) {
                const auto bytes = bytes_of_hex(value);
                if (!bytes)
                    return refuse(written, check.offset, say(message::falco_hex, value)),
                           std::nullopt;
                text = *bytes;
            }
            out.operands.push_back({Operand::Kind::text, std::move(text), 0});
        }
    }
    return out;
}

std::optional<Condition> Lowering::compare(const Expression& check,
                                           const Side& left,
                                           const Values& values,
                                           const Written& written) {
    auto predicate = predicate_of(check, values, written);
    if (!predicate) return std::nullopt;
    if (!known_ || values.empty()) return constant(false);
    const bool is_glob = predicate->op == Op::glob;
    if (is_glob && std::any_of(values.begin(), values.end(), has_wildcard_bytes))
        return constant(false);
    Condition asked = ask(std::move(*predicate), left);
    if (check.name != "!=") return asked;
    return all_of({present(left), negation_of(std::move(asked))});
}

// oneof, anyof, allof: the operator with each value by itself.
std::optional<Condition> Lowering::compare_link(const Expression& check,
                                                const Side& left,
                                                const Values& values,
                                                const Written& written) {
    std::vector<Condition> each;
    for (const std::string& value : values) {
        auto one = compare(check, left, {value}, written);
        if (!one) return std::nullopt;
        each.push_back(std::move(*one));
    }
    if (each.empty() || !known_) return constant(false);
    if (check.link == Link::anyof) return any_of(std::move(each));
    if (check.link == Link::allof) return all_of(std::move(each));
    if (each.size() > kMaxExactlyOne)
        return refuse(written, check.offset, say(message::falco_oneof, kMaxExactlyOne));
    std::vector<Condition> out;
    for (size_t i = 0; i < each.size(); ++i) {
        std::vector<Condition> parts{each[i]};
        for (size_t j = 0; j < each.size(); ++j) {
            if (j != i) parts.push_back(negation_of(each[j]));
        }
        out.push_back(all_of(std::move(parts)));
    }
    nodes_ += each.size() * each.size();
    return any_of(std::move(out));
}

std::optional<Condition> Lowering::compare_number(const Expression& check,
                                                  const Side& left,
                                                  const Values& values,
                                                  const Written& written) {
    const auto op = op_named(kNumberOps, check.name);
    if (!op || check.link != Link::plain)
        return refuse(written, check.offset, say(message::falco_number_operator, check.name));
    Predicate predicate;
    predicate.op = *op;
    for (const std::string& value : values) {
        const auto number = whole_number(value);
        if (!number)
            return refuse(written,
                          check.right.empty() ? check.offset : check.right[0].offset,
                          say(message::falco_number, value));
        predicate.operands.push_back(
            {Operand::Kind::number, std::to_string(*number), static_cast<double>(*number)});
    }
    Condition asked = ask(std::move(predicate), left);
    if (check.name != "!=") return asked;
    return all_of({present(left), negation_of(std::move(asked))});
}

// A number that is at least 1: what that decides needs no look at the event.
std::optional<Condition> Lowering::compare_ordinal(const Expression& check,
                                                   const Side& left,
                                                   const Values& values,
                                                   const Written& written) {
    const auto number = values.size() == 1 ? whole_number(values[0]) : std::nullopt;
    if (number == 0u) {
        for (const std::string_view holds : {">", ">=", "!="}) {
            if (check.name == holds) return constant(true);
        }
        for (const std::string_view fails : {"<", "<=", "=", "in"}) {
            if (check.name == fails) return constant(false);
        }
    }
    return compare_number(check, left, values, written);
}

std::optional<Condition> Lowering::compare_list(const Expression& check,
                                                const Side& left,
                                                const Values& values,
                                                const Written& written) {
    if (check.name != "in" && check.name != "intersects")
        return refuse(written, check.offset, say(message::falco_list_operator, check.name));
    auto predicate = predicate_of(check, values, written);
    predicate->every = check.name == "in";
    if (values.empty()) return constant(false);
    return ask(std::move(*predicate), left);
}

// The right side is a field too; absent, it makes the check false as the left one does.
std::optional<Condition> Lowering::compare_fields(const Expression& check,
                                                  const Side& left,
                                                  const Written& written) {
    const auto right = side_of(check.right[0], written);
    if (!right) return std::nullopt;
    const bool is_number = left.type == FieldType::number || left.type == FieldType::ordinal;
    const auto op = is_number ? op_named(kNumberOps, check.name) : op_named(kTextOps, check.name);
    const bool fits = op && check.link == Link::plain && !check.name.starts_with('b');
    if (!fits) return refuse(written, check.offset, say(message::falco_right_field, check.name));
    if (left.type == FieldType::texts && check.name != "in" && check.name != "intersects")
        return refuse(written, check.offset, say(message::falco_list_operator, check.name));
    if (!known_) return constant(false);
    Predicate predicate;
    predicate.op = *op;
    predicate.cased = check.name != "icontains";
    predicate.every = left.type == FieldType::texts && check.name == "in";
    predicate.terms.push_back(right->term);
    Condition asked = ask(std::move(predicate), left);
    if (check.name != "!=") return asked;
    return all_of({present(left), present(*right), negation_of(std::move(asked))});
}

// --- lists ---

namespace {

class ListResolver {
  public:
    ListResolver(Definitions& definitions, std::vector<Mistake>& mistakes)
        : definitions_(definitions), mistakes_(mistakes) {}

    void resolve(const std::string& name, List& list, uint32_t depth) {
        if (list.state != List::State::fresh) return;
        list.state = List::State::resolving;
        for (const List::Item& item : list.items) {
            const auto inner = definitions_.lists.find(item.text);
            if (inner == definitions_.lists.end()) {
                list.values.push_back(item.text);
                continue;
            }
            if (inner->second.state == List::State::resolving || depth >= kMaxMacroDepth) {
                mistakes_.push_back({item.place, say(message::falco_list_cycle, item.text), ""});
                continue;
            }
            resolve(inner->first, inner->second, depth + 1);
            const auto& values = inner->second.values;
            if (list.values.size() + values.size() > kMaxListValues) {
                mistakes_.push_back({item.place, say(message::falco_list_size, name), ""});
                break;
            }
            list.values.insert(list.values.end(), values.begin(), values.end());
        }
        list.state = List::State::resolved;
    }

  private:
    Definitions& definitions_;
    std::vector<Mistake>& mistakes_;
};

}  // namespace

void resolve_lists(Definitions& definitions, std::vector<Mistake>& mistakes) {
    ListResolver resolver(definitions, mistakes);
    for (auto& [name, list] : definitions.lists) resolver.resolve(name, list, 0);
}

}  // namespace yagura::rule::falco
