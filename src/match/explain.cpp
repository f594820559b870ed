#include "match/explain.h"

#include <algorithm>

#include "base/diagnostic.h"
#include "base/text.h"
#include "match/slow.h"
#include "match/term.h"
#include "match/value_match.h"

namespace yagura::match {
namespace {

using event::Kind;
using event::ValueView;

std::string cut(std::string_view text) {
    if (text.size() <= kMaxShownBytes) return std::string(text);
    return repair_utf8(text.substr(0, kMaxShownBytes)) + "…";
}

class Explainer {
  public:
    Explainer(const Rule& rule, event::Event& event, logtype::Shape shape)
        : rule_(rule), event_(event), shape_(shape) {}

    Explanation look(const Condition& condition, uint32_t depth) {
        Explanation out;
        out.kind = condition.kind;
        if (depth > kMaxConditionDepth) return out;
        for (const Condition& child : condition.children)
            out.parts.push_back(look(child, depth + 1));
        const auto holds = [](const Explanation& part) { return part.holds; };
        switch (condition.kind) {
            case Condition::Kind::constant:
                out.holds = condition.constant;
                break;
            case Condition::Kind::predicate:
                if (condition.predicate < rule_.predicates.size())
                    ask(rule_.predicates[condition.predicate], out);
                break;
            case Condition::Kind::negation:
                out.holds = out.parts.size() == 1 && !out.parts[0].holds;
                break;
            case Condition::Kind::all:
                out.holds = std::all_of(out.parts.begin(), out.parts.end(), holds);
                break;
            case Condition::Kind::any:
                out.holds = std::any_of(out.parts.begin(), out.parts.end(), holds);
                break;
        }
        return out;
    }

  private:
    // The very evaluator, asked one predicate.
    bool holds(Predicate predicate) {
        Rule alone;
        alone.predicates.push_back(std::move(predicate));
        alone.condition.kind = Condition::Kind::predicate;
        return matches_slowly(alone, event_, shape_);
    }

    void ask(const Predicate& predicate, Explanation& out) {
        Asked& asked = out.asked;
        asked.predicate = &predicate;
        out.holds = holds(predicate);
        bool any = false;
        bool all_null = true;
        each_value(predicate, [&](const ValueView& value) {
            any = true;
            all_null = all_null && value.kind == Kind::null;
            add_value(value, asked);
            if (out.holds && asked.operand < 0) find_operand(predicate, value, asked);
        });
        asked.outcome = out.holds  ? Outcome::holds
                        : !any     ? Outcome::missing
                        : all_null ? Outcome::null
                                   : Outcome::differs;
        if (asked.outcome == Outcome::differs && predicate.op == Op::equals)
            asked.nearest = nearest(predicate, asked.values);
    }

    template <class Visit>
    void each_value(const Predicate& predicate, Visit&& visit) {
        if (!predicate.terms.empty()) {
            if (const auto text = term_text(predicate.terms[0], event_))
                visit(ValueView::of_string(*text));
            return;
        }
        const event::SlotId slot = event_.plan().find(predicate.field);
        if (predicate.field.empty() || slot == event::kNoSlot) return;
        event_.any_value(slot, [&](const ValueView& value) {
            visit(value);
            return false;
        });
    }

    static void add_value(const ValueView& value, Asked& asked) {
        if (asked.values.size() == kMaxShownValues) {
            asked.more_values = true;
            return;
        }
        ValueText text;
        text.read(value);
        asked.values.push_back(text.has_text() ? cut(text.text()) : "null");
    }

    static void find_operand(const Predicate& predicate, const ValueView& value, Asked& asked) {
        ValueText text;
        text.read(value);
        for (size_t i = 0; i < predicate.operands.size(); ++i) {
            if (!value_matches(predicate, predicate.operands[i], text)) continue;
            asked.operand = static_cast<int>(i);
            asked.value = cut(text.text());
            return;
        }
    }

    static std::string nearest(const Predicate& predicate, const std::vector<std::string>& values) {
        std::vector<std::string_view> wanted;
        for (const Operand& operand : predicate.operands) {
            if (operand.kind == Operand::Kind::text && operand.text.size() <= kMaxShownBytes)
                wanted.push_back(operand.text);
        }
        for (const std::string& value : values) {
            const std::string_view found = nearest_name(value, wanted);
            if (!found.empty()) return std::string(found);
        }
        return {};
    }

    const Rule& rule_;
    event::Event& event_;
    logtype::Shape shape_;
};

// Marks the parts that make a condition what it is: a whole is as its deciding parts are.
void mark(Explanation& explanation) {
    explanation.decides = true;
    for (Explanation& part : explanation.parts) {
        const bool is_negation = explanation.kind == Condition::Kind::negation;
        if (is_negation || part.holds == explanation.holds) mark(part);
    }
}

void collect(const Explanation& part, std::vector<const Explanation*>& out) {
    if (!part.decides) return;
    if (part.kind == Condition::Kind::predicate) out.push_back(&part);
    for (const Explanation& child : part.parts) collect(child, out);
}

}  // namespace

Explanation explain(const Rule& rule, event::Event& event, logtype::Shape shape) {
    Explanation out = Explainer(rule, event, shape).look(rule.condition, 0);
    mark(out);
    return out;
}

const Explanation* first_failure(const Explanation& explanation) {
    if (explanation.holds) return nullptr;
    std::vector<const Explanation*> all;
    collect(explanation, all);
    return all.empty() ? nullptr : all.front();
}

std::vector<const Explanation*> reasons(const Explanation& explanation) {
    std::vector<const Explanation*> all;
    if (explanation.holds) collect(explanation, all);
    return all;
}

}  // namespace yagura::match
