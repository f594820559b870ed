#include "rule/sigma/detection.h"

#include <algorithm>
#include <unordered_map>

#include "base/hash.h"
#include "base/language.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/sigma/aggregation.h"
#include "rule/sigma/modifiers.h"

namespace yagura::rule::sigma {

using match::Condition;
using match::Op;
using match::Operand;
using match::Predicate;

namespace {

Condition group_of(Condition::Kind kind, std::vector<Condition> children) {
    if (children.size() == 1) return std::move(children[0]);
    Condition out;
    out.kind = kind;
    out.children = std::move(children);
    return out;
}

size_t count_nodes(const Condition& condition) {
    size_t nodes = 1;
    for (const Condition& child : condition.children) nodes += count_nodes(child);
    return nodes;
}

// What one value asks of a field.
struct Question {
    Op op;
    Operand operand;
    bool takes_operand = true;
};

std::string glob_of(const Pattern& pattern) {
    std::string out;
    const auto parts = pattern.parts();
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            out += pattern.wildcards[i - 1].wild == Wild::any_run ? match::kAnyRun : match::kAnyOne;
        }
        out += parts[i];
    }
    return out;
}

// Wildcards at the ends alone are cheaper questions than a glob; the answers are the same.
Question ask_of_text(const Pattern& pattern) {
    const Operand literal{Operand::Kind::text, pattern.text};
    const size_t ends = size_t{pattern.opens_wild()} + size_t{pattern.closes_wild()};
    if (pattern.wildcards.empty()) {
        return pattern.text.empty() ? Question{Op::empty, {}, false}
                                    : Question{Op::equals, literal};
    }
    const bool only_run =
        pattern.text.empty() && pattern.wildcards.size() == 1 && pattern.opens_wild();
    if (only_run) return {Op::present, {}, false};
    if (ends < pattern.wildcards.size()) return {Op::glob, {Operand::Kind::text, glob_of(pattern)}};
    if (ends == 2) return {Op::contains, literal};
    return {pattern.closes_wild() ? Op::starts_with : Op::ends_with, literal};
}

Question ask_of_field(const Item& item, const Value& value) {
    switch (value.kind) {
        case Value::Kind::text:
            return ask_of_text(value.pattern);
        case Value::Kind::number:
            return {value.compare, {Operand::Kind::number, value.spelling, value.number}};
        case Value::Kind::boolean:
            return {Op::equals, {Operand::Kind::boolean, value.spelling, value.number}};
        case Value::Kind::null:
            return {Op::null, {}, false};
        case Value::Kind::cidr:
            return {Op::cidr, {Operand::Kind::text, value.spelling}};
        case Value::Kind::field:
            return {value.compare, {Operand::Kind::field, value.spelling}};
        case Value::Kind::existence:
            return {Op::exists, {}, false};
        case Value::Kind::regex:
            break;
    }
    return {Op::regex, {Operand::Kind::text, regex_pattern(item, value)}};
}

// Keywords are looked for anywhere, so wildcards at their ends say nothing.
Question ask_of_record(const Item& item, const Value& value) {
    if (value.kind == Value::Kind::regex) return ask_of_field(item, value);
    if (value.kind != Value::Kind::text)
        return {Op::keyword, {Operand::Kind::text, value.spelling}};
    Pattern pattern = value.pattern;
    if (pattern.opens_wild()) pattern.wildcards.erase(pattern.wildcards.begin());
    if (pattern.closes_wild()) pattern.wildcards.pop_back();
    return {Op::keyword, {Operand::Kind::text, glob_of(pattern)}};
}

class Reader {
  public:
    Reader(const YamlFile& file,
           const FieldCheck& check_field,
           const Lists* lists,
           Problems& problems)
        : file_(file), check_field_(check_field), lists_(lists), problems_(problems) {}

    Condition read(const YamlNode& definition) {
        if (definition.kind == YamlNode::Kind::map) return read_map(definition);
        if (definition.kind == YamlNode::Kind::list) return read_list(definition);
        return read_keywords({&definition});
    }

    std::vector<Predicate> take_predicates() { return std::move(predicates_); }

  private:
    Condition read_map(const YamlNode& map) {
        if (map.entries.empty()) problems_.error(map.at, say(message::sigma_detection_empty));
        std::vector<Condition> items;
        for (const YamlEntry& entry : map.entries)
            items.push_back(read_item(*entry.key, *entry.value));
        return all_of(std::move(items));
    }

    // Maps are OR; the plain values among them are keywords, OR too.
    Condition read_list(const YamlNode& list) {
        if (list.items.empty()) problems_.error(list.at, say(message::sigma_detection_empty));
        std::vector<const YamlNode*> keywords;
        std::vector<Condition> any;
        for (const YamlNode* item : list.items) {
            if (item->is_scalar()) {
                keywords.push_back(item);
            } else {
                any.push_back(read(*item));
            }
        }
        if (!keywords.empty()) any.push_back(read_keywords(keywords));
        return any_of(std::move(any));
    }

    Condition read_keywords(const std::vector<const YamlNode*>& scalars) {
        Item item;
        if (!read_values(scalars, item)) return {};
        return compile(item, scalars[0]->at);
    }

    // `field|modifier|modifier: value or list`
    Condition read_item(const YamlNode& key, const YamlNode& value) {
        const std::vector<std::string_view> words = split(key.text, '|');
        Item item{.field = std::string(words[0]), .lists = lists_};
        if (!item.field.empty() && check_field_) check_field_(item.field, key.at);
        std::vector<const YamlNode*> scalars{&value};
        static const YamlNode kNull;
        if (value.kind == YamlNode::Kind::list) {
            scalars = value.items;
            if (scalars.empty() && words.size() == 1) scalars = {&kNull};
            if (scalars.empty()) problems_.error(value.at, say(message::sigma_values_empty));
        }
        if (!read_values(scalars, item)) return {};
        if (words.size() > kMaxModifiers + 1) {
            problems_.error(key.at, say(message::sigma_modifiers_many, kMaxModifiers));
            return {};
        }
        std::vector<Use> uses;
        for (size_t i = 1; i < words.size(); ++i) {
            const auto offset = static_cast<size_t>(words[i].data() - key.text.data());
            uses.push_back({words[i], file_.inside(key, offset), i - 1});
        }
        warn_of_wildcards(item, uses);
        if (!apply_modifiers(item, uses, problems_)) return {};
        return compile(item, key.at);
    }

    bool read_values(const std::vector<const YamlNode*>& scalars, Item& item) {
        const size_t before = problems_.errors();
        for (const YamlNode* scalar : scalars) {
            if (auto value = read_value(*scalar, problems_))
                item.values.push_back({std::move(*value)});
        }
        return problems_.errors() == before && !item.values.empty();
    }

    // `contains: '*x*'` says the same twice.
    void warn_of_wildcards(const Item& item, const std::vector<Use>& uses) {
        for (const Use& use : uses) {
            const bool front = use.name == "contains" || use.name == "endswith";
            const bool back = use.name == "contains" || use.name == "startswith";
            for (const auto& alternatives : item.values) {
                const Pattern& pattern = alternatives[0].pattern;
                const bool needless =
                    (front && pattern.opens_wild()) || (back && pattern.closes_wild());
                if (!needless || pattern.text.empty() || uses[0].name == "re") continue;
                problems_.warn(Lint::needless_wildcard,
                               alternatives[0].at,
                               say(message::sigma_needless_wildcard, use.name));
            }
        }
    }

    Condition compile(const Item& item, Position at) {
        std::vector<Condition> linked;
        std::vector<const Value*> together;
        for (const auto& alternatives : item.values) {
            operands_ += alternatives.size();
            if (!check_bytes(item, alternatives)) return {};
            for (const Value& value : alternatives) together.push_back(&value);
            if (item.all) linked.push_back(any_value(item, std::exchange(together, {})));
        }
        if (operands_ > kMaxOperands) {
            problems_.error(at, say(message::sigma_rule_size));
            return {};
        }
        if (!item.all) linked.push_back(any_value(item, together));
        Condition condition = all_of(std::move(linked));
        return item.negated ? negation_of(std::move(condition)) : condition;
    }

    // A glob marks its wildcards by bytes that UTF-8 never holds, but UTF-16 may.
    bool check_bytes(const Item& item, const std::vector<Value>& alternatives) {
        for (const Value& value : alternatives) {
            const Pattern& pattern = value.pattern;
            const bool clash = pattern.text.find_first_of("\xFE\xFF") != std::string::npos;
            const bool is_glob = item.field.empty() || ask_of_field(item, value).op == Op::glob;
            if (value.kind == Value::Kind::text && clash && is_glob) {
                problems_.error(value.at, say(message::sigma_wide_wildcards));
                return false;
            }
            const bool blank = value.kind == Value::Kind::text && pattern.text.empty();
            if (item.field.empty() && (blank || value.kind == Value::Kind::null)) {
                problems_.error(value.at, say(message::sigma_keyword_empty));
                return false;
            }
        }
        return true;
    }

    Condition any_value(const Item& item, const std::vector<const Value*>& values) {
        std::vector<Predicate> asked;
        std::vector<Condition> any;
        for (const Value* value : values) {
            Question question =
                item.field.empty() ? ask_of_record(item, *value) : ask_of_field(item, *value);
            auto same = std::find_if(asked.begin(), asked.end(), [&](const Predicate& p) {
                return p.op == question.op;
            });
            if (same == asked.end()) {
                same = asked.insert(asked.end(),
                                    Predicate{item.field, question.op, {}, item.cased, item.part});
            }
            if (question.takes_operand) same->operands.push_back(std::move(question.operand));
        }
        const bool absence = values[0]->kind == Value::Kind::existence && values[0]->number == 0;
        for (Predicate& predicate : asked) {
            Condition condition;
            condition.kind = Condition::Kind::predicate;
            condition.predicate = intern(std::move(predicate));
            any.push_back(absence ? negation_of(std::move(condition)) : std::move(condition));
        }
        return any_of(std::move(any));
    }

    // Equal predicates of a rule are one.
    uint32_t intern(Predicate predicate) {
        std::string key = predicate.field;
        key += {'\0',
                static_cast<char>(predicate.op),
                static_cast<char>(predicate.cased),
                static_cast<char>(predicate.part)};
        for (const Operand& operand : predicate.operands) {
            key += static_cast<char>(operand.kind);
            key += std::to_string(operand.text.size()) + ':' + operand.text;
        }
        const auto [at, is_new] =
            interned_.emplace(std::move(key), static_cast<uint32_t>(predicates_.size()));
        if (is_new) predicates_.push_back(std::move(predicate));
        return at->second;
    }

    const YamlFile& file_;
    const FieldCheck& check_field_;
    const Lists* lists_;
    Problems& problems_;
    std::vector<Predicate> predicates_;
    std::unordered_map<std::string, uint32_t> interned_;
    size_t operands_ = 0;
};

// Copies what `condition` needs of the predicates and points it to the copies.
void adopt_predicates(Condition& condition,
                      const std::vector<Predicate>& from,
                      std::vector<uint32_t>& moved_to,
                      match::Rule& rule) {
    if (condition.kind == Condition::Kind::predicate) {
        uint32_t& to = moved_to[condition.predicate];
        if (to == UINT32_MAX) {
            to = static_cast<uint32_t>(rule.predicates.size());
            rule.predicates.push_back(from[condition.predicate]);
        }
        condition.predicate = to;
    }
    for (Condition& child : condition.children) adopt_predicates(child, from, moved_to, rule);
}

}  // namespace

match::Rule rule_of(match::RuleInfo info,
                    match::RuleSource source,
                    Condition condition,
                    const Detections& detections) {
    match::Rule rule{std::move(info), std::move(source), {}, std::move(condition)};
    std::vector<uint32_t> moved_to(detections.predicates.size(), UINT32_MAX);
    adopt_predicates(rule.condition, detections.predicates, moved_to, rule);
    return rule;
}

Condition all_of(std::vector<Condition> children) {
    return group_of(Condition::Kind::all, std::move(children));
}

Condition any_of(std::vector<Condition> children) {
    return group_of(Condition::Kind::any, std::move(children));
}

Condition negation_of(Condition child) {
    Condition out;
    out.kind = Condition::Kind::negation;
    out.children.push_back(std::move(child));
    return out;
}

Detections read_detections(const YamlFile& file,
                           const YamlNode& detection,
                           const FieldCheck& check_field,
                           Problems& problems,
                           const Lists* lists) {
    Detections out;
    Reader reader(file, check_field, lists, problems);
    for (const YamlEntry& entry : detection.entries) {
        const std::string& name = entry.key->text;
        if (name == "condition") continue;
        if (name == "timeframe") {
            const YamlNode* condition = detection.find("condition");
            if (condition && find_aggregation(condition->text) != std::string::npos) continue;
            problems.warn(Lint::old_timeframe, entry.key->at, say(message::sigma_timeframe));
            continue;
        }
        SearchIdentifier identifier{name, entry.key->at, reader.read(*entry.value)};
        identifier.nodes = count_nodes(identifier.condition);
        out.identifiers.push_back(std::move(identifier));
    }
    out.predicates = reader.take_predicates();
    return out;
}

match::Rule read_search(const YamlFile& file,
                        const YamlNode& definition,
                        const FieldCheck& check_field,
                        Problems& problems,
                        const Lists* lists) {
    match::Rule out;
    Reader reader(file, check_field, lists, problems);
    out.condition = reader.read(definition);
    out.predicates = reader.take_predicates();
    return out;
}

}  // namespace yagura::rule::sigma
