#include "match/decision.h"

#include <algorithm>
#include <bit>

namespace yagura::match {

// Negation-normal form over shared predicates, children in the order they will be asked.
struct DecisionTable::Planned {
    enum class Kind : uint8_t { constant, predicate, all, any };
    Kind kind = Kind::constant;
    bool truth = false;  // of a constant; of a predicate, the answer wanted
    uint32_t predicate = 0;
    uint32_t cost = 0;
    std::vector<Planned> children;
    std::string key;  // the same for nodes that ask the same
};

namespace {

template <class Planned>
Planned planned_constant(bool truth) {
    Planned out;
    out.truth = truth;
    out.key = truth ? "T" : "F";
    return out;
}

}  // namespace

DecisionTable::Planned DecisionTable::plan(const Condition& condition,
                                           std::span<const uint32_t> ids,
                                           bool negated,
                                           uint32_t depth) const {
    if (depth > kMaxConditionDepth) return planned_constant<Planned>(negated);
    switch (condition.kind) {
        case Condition::Kind::constant:
            return planned_constant<Planned>(condition.constant != negated);
        case Condition::Kind::negation:
            if (condition.children.size() != 1) return planned_constant<Planned>(negated);
            return plan(condition.children[0], ids, !negated, depth + 1);
        case Condition::Kind::predicate: {
            const uint32_t id =
                condition.predicate < ids.size() ? ids[condition.predicate] : kNever;
            if (id == kNever) return planned_constant<Planned>(negated);
            Planned out;
            out.kind = Planned::Kind::predicate;
            out.truth = !negated;
            out.predicate = id;
            out.cost = costs_[id].ask;
            out.key = (negated ? "-" : "+") + std::to_string(id);
            return out;
        }
        case Condition::Kind::all:
        case Condition::Kind::any:
            break;
    }
    const bool is_all = (condition.kind == Condition::Kind::all) != negated;
    Planned out;
    out.kind = is_all ? Planned::Kind::all : Planned::Kind::any;
    for (const Condition& child : condition.children) {
        Planned part = plan(child, ids, negated, depth + 1);
        if (part.kind == Planned::Kind::constant) {
            if (part.truth != is_all) return part;  // decides the whole
            continue;
        }
        out.children.push_back(std::move(part));
    }
    if (out.children.empty()) return planned_constant<Planned>(is_all);
    std::sort(out.children.begin(), out.children.end(), [](const Planned& a, const Planned& b) {
        return a.cost != b.cost ? a.cost < b.cost : a.key < b.key;
    });
    const auto same = [](const Planned& a, const Planned& b) { return a.key == b.key; };
    out.children.erase(std::unique(out.children.begin(), out.children.end(), same),
                       out.children.end());
    if (out.children.size() == 1) return std::move(out.children[0]);
    out.key = is_all ? "(&" : "(|";
    for (const Planned& child : out.children) {
        out.cost = std::max(out.cost, child.cost);
        out.key += child.key + " ";
    }
    out.key += ")";
    return out;
}

// Emits the last child first, as each step must know where the next one begins.
uint32_t DecisionTable::emit(const Planned& planned, uint32_t on_true, uint32_t on_false) {
    switch (planned.kind) {
        case Planned::Kind::constant:
            return planned.truth ? on_true : on_false;
        case Planned::Kind::predicate:
            if (!planned.truth) std::swap(on_true, on_false);
            steps_.push_back({planned.predicate, on_true, on_false});
            return static_cast<uint32_t>(steps_.size() - 1);
        case Planned::Kind::all:
        case Planned::Kind::any:
            break;
    }
    const bool is_all = planned.kind == Planned::Kind::all;
    uint32_t next = is_all ? on_true : on_false;
    for (size_t i = planned.children.size(); i-- > 0;) {
        next = is_all ? emit(planned.children[i], next, on_false)
                      : emit(planned.children[i], on_true, next);
    }
    return next;
}

uint32_t DecisionTable::add(const Condition& condition, std::span<const uint32_t> ids) {
    const Planned planned = plan(condition, ids, false, 0);
    const auto known = known_.find(planned.key);
    if (known != known_.end()) return known->second;
    const uint32_t start = emit(planned, kYes, kNo);
    known_.emplace(planned.key, start);
    return start;
}

Witness DecisionTable::witness_of(const Planned& planned) const {
    switch (planned.kind) {
        case Planned::Kind::constant:
            if (planned.truth) return {};
            return {false, {}, 0};  // never true: the empty set is a witness
        case Planned::Kind::predicate:
            if (!planned.truth) return {};
            return {false, {planned.predicate}, costs_[planned.predicate].witness};
        case Planned::Kind::all: {
            Witness best;
            for (const Planned& child : planned.children) {
                Witness witness = witness_of(child);
                if (!witness.open && witness.cost < best.cost) best = std::move(witness);
            }
            return best;
        }
        case Planned::Kind::any:
            break;
    }
    Witness sum{false, {}, 0};
    for (const Planned& child : planned.children) {
        const Witness witness = witness_of(child);
        if (witness.open) return {};
        sum.predicates.insert(
            sum.predicates.end(), witness.predicates.begin(), witness.predicates.end());
        sum.cost = std::max(sum.cost, witness.cost);
    }
    std::sort(sum.predicates.begin(), sum.predicates.end());
    sum.predicates.erase(std::unique(sum.predicates.begin(), sum.predicates.end()),
                         sum.predicates.end());
    sum.cost += static_cast<uint32_t>(std::bit_width(sum.predicates.size()));
    return sum;
}

Witness DecisionTable::witness(const Condition& condition, std::span<const uint32_t> ids) const {
    return witness_of(plan(condition, ids, false, 0));
}

}  // namespace yagura::match
