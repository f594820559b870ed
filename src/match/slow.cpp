#include "match/slow.h"

#include "event/json_document.h"
#include "match/term.h"
#include "match/value_match.h"

namespace yagura::match {
namespace {

using event::Kind;
using event::ValueView;

class Walk {
  public:
    Walk(const Rule& rule, const event::Event& event, logtype::Shape shape)
        : rule_(rule), event_(event), shape_(shape) {}

    bool holds(const Condition& condition, uint32_t depth) const;

  private:
    // Calls `visit(ValueView)` for each value of a field until it returns true; returns whether one
    // did.
    template <class Visit>
    bool any_value(const std::string& field, Visit&& visit) const {
        const event::SlotId slot = event_.plan().find(field);
        return slot != event::kNoSlot && event_.any_value(slot, visit);
    }
    bool has(const std::string& field) const {
        return any_value(field, [](const ValueView&) { return true; });
    }
    // At most kMaxPairValues of them.
    std::vector<ValueView> first_values(const std::string& field) const {
        std::vector<ValueView> values;
        any_value(field, [&](const ValueView& value) {
            values.push_back(value);
            return values.size() == kMaxPairValues;
        });
        return values;
    }
    bool any_leaf(const Predicate& predicate) const;
    bool any_pair(const Predicate& predicate) const;
    bool holds(const Predicate& predicate) const;

    const Rule& rule_;
    const event::Event& event_;
    logtype::Shape shape_;
};

bool any_operand(const Predicate& predicate, const ValueView& view) {
    if (predicate.op == Op::empty) return view.kind == Kind::string && view.size == 0;
    ValueText value;
    value.read(view);
    for (const Operand& operand : predicate.operands) {
        if (value_matches(predicate, operand, value)) return true;
    }
    return false;
}

bool Walk::any_leaf(const Predicate& predicate) const {
    if (shape_ == logtype::Shape::text)
        return any_operand(predicate, ValueView::of_string(event_.record));
    bool found = false;
    event::for_each_leaf(event_.record, [&](const ValueView& leaf) {
        found = leaf.kind == Kind::string && any_operand(predicate, leaf);
        return found;
    });
    return found;
}

bool Walk::any_pair(const Predicate& predicate) const {
    const std::vector<ValueView> values = first_values(predicate.field);
    for (const Operand& operand : predicate.operands) {
        if (operand.kind != Operand::Kind::field) continue;
        const std::vector<ValueView> others = first_values(operand.text);
        for (const ValueView& a : values) {
            for (const ValueView& b : others) {
                ValueText value;
                ValueText other;
                value.read(a);
                other.read(b);
                if (pair_matches(predicate, value, other)) return true;
            }
        }
    }
    return false;
}

bool Walk::holds(const Predicate& predicate) const {
    if (!predicate.terms.empty()) return terms_hold(predicate, event_);
    const std::string& field = predicate.field;
    switch (predicate.op) {
        case Op::exists:
            return has(field);
        case Op::present:
            return any_value(field,
                             [](const ValueView& value) { return value.kind != Kind::null; });
        case Op::null:
            if (field.empty()) return false;
            return !has(field) || any_value(field, [](const ValueView& value) {
                return value.kind == Kind::null || is_empty_array(value);
            });
        default:
            break;
    }
    if (is_field_op(predicate.op)) return any_pair(predicate);
    if (field.empty()) return any_leaf(predicate);
    return any_value(field, [&](const ValueView& value) { return any_operand(predicate, value); });
}

bool Walk::holds(const Condition& condition, uint32_t depth) const {
    if (depth > kMaxConditionDepth) return false;
    switch (condition.kind) {
        case Condition::Kind::constant:
            return condition.constant;
        case Condition::Kind::predicate:
            return condition.predicate < rule_.predicates.size() &&
                   holds(rule_.predicates[condition.predicate]);
        case Condition::Kind::negation:
            return condition.children.size() == 1 && !holds(condition.children[0], depth + 1);
        case Condition::Kind::all:
            for (const Condition& child : condition.children) {
                if (!holds(child, depth + 1)) return false;
            }
            return true;
        case Condition::Kind::any:
            for (const Condition& child : condition.children) {
                if (holds(child, depth + 1)) return true;
            }
            return false;
    }
    return false;
}

}  // namespace

bool matches_slowly(const Rule& rule, event::Event& event, logtype::Shape shape) {
    return Walk(rule, event, shape).holds(rule.condition, 0);
}

}  // namespace yagura::match
