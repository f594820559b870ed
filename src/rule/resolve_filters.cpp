#include <algorithm>
#include <unordered_set>

#include "base/language.h"
#include "base/messages/sigma.h"
#include "rule/loader.h"
#include "rule/resolve.h"

namespace yagura::rule {
namespace {

using match::Condition;
using match::Rule;
using match::RuleSource;
using sigma::FilterDraft;
using sigma::Mention;

constexpr size_t kMaxAdded = 4'000'000;  // operands and condition nodes that all filters add

// Every part the outer source names is the same in the inner one.
bool contains(const RuleSource& outer, const RuleSource& inner) {
    const auto part = [](const std::string& a, const std::string& b) {
        return a.empty() || a == b;
    };
    return part(outer.product, inner.product) && part(outer.service, inner.service) &&
           part(outer.category, inner.category);
}

size_t count_nodes(const Condition& condition) {
    size_t nodes = 1;
    for (const Condition& child : condition.children) nodes += count_nodes(child);
    return nodes;
}

uint32_t depth_of(const Condition& condition) {
    uint32_t below = 0;
    for (const Condition& child : condition.children) below = std::max(below, depth_of(child));
    return below + 1;
}

size_t weight_of(const Rule& filter) {
    size_t weight = count_nodes(filter.condition);
    for (const match::Predicate& predicate : filter.predicates)
        weight += 1 + predicate.operands.size();
    return weight;
}

void shift_predicates(Condition& condition, uint32_t by) {
    if (condition.kind == Condition::Kind::predicate) condition.predicate += by;
    for (Condition& child : condition.children) shift_predicates(child, by);
}

// Predicates are added behind the rule's own, so names inside rule and filter cannot meet.
void add_to(Rule& rule, const Rule& filter) {
    Condition condition = filter.condition;
    shift_predicates(condition, static_cast<uint32_t>(rule.predicates.size()));
    rule.predicates.insert(
        rule.predicates.end(), filter.predicates.begin(), filter.predicates.end());
    std::vector<Condition> both;
    both.push_back(std::move(rule.condition));
    both.push_back(std::move(condition));
    rule.condition = sigma::all_of(std::move(both));
}

class Applier {
  public:
    Applier(const Catalogue& catalogue, bool lint, RuleSet& set)
        : catalogue_(catalogue), lint_(lint), set_(set) {}

    void apply(FilterDraft& draft) {
        Problems problems(draft.rule.info.file, lint_);
        const std::vector<const Known*> targets =
            draft.names_rules ? named_rules(draft, problems) : all_rules(draft);
        size_t rules = 0;
        for (const Known* target : targets) rules += target->count;
        const Position at{draft.rule.info.line, 1};
        added_ += rules * weight_of(draft.rule);
        if (added_ > kMaxAdded) problems.error(at, say(message::filter_size, rules));
        for (const Known* target : targets) check_depth(draft, *target, at, problems);
        uint32_t touched = 0;
        std::vector<uint32_t> narrowed;
        for (const Known* target : targets) {
            if (problems.errors() > 0 || draft.is_off) break;
            add(draft, *target);
            ++touched;
            for (uint32_t i = 0; i < target->count; ++i) narrowed.push_back(target->from + i);
        }
        if (targets.empty()) problems.warn(at, say(message::filter_touches_nothing));
        if (problems.errors() > 0) {
            ++set_.quarantined_count;
        } else {
            std::sort(narrowed.begin(), narrowed.end());
            set_.filters.push_back(
                {std::move(draft.rule.info), touched, std::move(narrowed), draft.is_off});
        }
        take_diagnostics(problems, set_);
    }

  private:
    std::vector<const Known*> all_rules(const FilterDraft& draft) const {
        std::vector<const Known*> targets;
        for (const Known& known : catalogue_.all()) {
            if (is_rule(known) && contains(draft.rule.source, set_.rules[known.from].source))
                targets.push_back(&known);
        }
        return targets;
    }

    static bool is_rule(const Known& known) {
        return known.kind == Known::Kind::rules || known.kind == Known::Kind::first_seen;
    }

    // A filter may come along for rules that are not loaded here, so names it knows nothing of are
    // only worth a warning.
    std::vector<const Known*> named_rules(const FilterDraft& draft, Problems& problems) {
        std::vector<const Known*> targets;
        std::unordered_set<const Known*> taken;
        for (const Mention& mention : draft.rules) {
            const Known* known = find(draft, mention, problems);
            if (known && taken.insert(known).second) targets.push_back(known);
        }
        return targets;
    }

    const Known* find(const FilterDraft& draft, const Mention& mention, Problems& problems) {
        const auto warn = [&](std::string message, std::string hint = "") {
            problems.warn(mention.at, std::move(message), std::move(hint));
            return nullptr;
        };
        const Catalogue::Found found = catalogue_.find(mention.text, problems.file());
        if (found.candidates.empty()) {
            const bool try_hard = lint_ && suggestions_++ < kMaxSuggestions;
            return warn(say(message::reference_unknown, mention.text),
                        try_hard ? catalogue_.nearest(mention.text) : "");
        }
        if (found.candidates.size() > 1) return warn(say_ambiguous(mention.text, found));
        const Known& known = *found.candidates[0];
        if (known.kind == Known::Kind::correlation)
            return warn(say(message::filter_correlation, mention.text));
        if (known.kind == Known::Kind::filter)
            return warn(say(message::reference_filter, mention.text));
        if (known.kind == Known::Kind::refused)
            return warn(say(message::reference_refused, mention.text, known.file, known.line));
        if (!contains(draft.rule.source, set_.rules[known.from].source))
            return warn(say(message::filter_source, mention.text));
        if (found.by_title) {
            problems.warn(mention.at,
                          say(message::reference_by_title, mention.text),
                          say(message::reference_by_title_hint, known.id));
        }
        return &known;
    }

    // Rules that would become too deep are a problem before any rule is touched.
    void check_depth(const FilterDraft& draft,
                     const Known& target,
                     Position at,
                     Problems& problems) {
        const uint32_t below = depth_of(draft.rule.condition);
        for (uint32_t i = target.from; i < target.from + target.count; ++i) {
            const uint32_t deepest = std::max(depth_of(set_.rules[i].condition), below);
            if (deepest + 1 > match::kMaxConditionDepth)
                return problems.error(at, say(message::filter_depth, target.title));
        }
    }

    void add(const FilterDraft& draft, const Known& target) {
        for (uint32_t i = target.from; i < target.from + target.count; ++i)
            add_to(set_.rules[i], draft.rule);
    }

    const Catalogue& catalogue_;
    const bool lint_;
    RuleSet& set_;
    size_t added_ = 0;
    size_t suggestions_ = 0;
};

}  // namespace

void apply_filters(const Catalogue& catalogue,
                   std::vector<FilterDraft> drafts,
                   bool lint,
                   RuleSet& set) {
    Applier applier(catalogue, lint, set);
    for (FilterDraft& draft : drafts) applier.apply(draft);
}

}  // namespace yagura::rule
