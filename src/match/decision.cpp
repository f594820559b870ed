#include "match/decision.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace yagura::match {

// Negation-normal form over shared predicates, children in the order they will be asked.
struct DecisionTable::Planned {
    enum class Kind : uint8_t { constant, predicate, all, any };
    Kind kind = Kind::constant;
    bool truth = false;  // of a constant; of a predicate, the answer wanted
    uint32_t predicate = 0;
    uint32_t cost = 0;
    uint32_t likely = 0;  // of 1,000 events, for how many it may hold; a guess
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

// Names an all or any after its children; one child is itself, none the constant.
template <class Planned>
Planned joined(Planned node) {
    const bool is_all = node.kind == Planned::Kind::all;
    if (node.children.empty()) return planned_constant<Planned>(is_all);
    if (node.children.size() == 1) {
        Planned only = std::move(node.children[0]);
        return only;
    }
    node.key = is_all ? "(&" : "(|";
    node.cost = 0;
    node.likely = node.children[0].likely;
    for (const Planned& child : node.children) {
        node.cost = std::max(node.cost, child.cost);
        node.likely =
            is_all ? std::min(node.likely, child.likely) : std::max(node.likely, child.likely);
        node.key += child.key + " ";
    }
    node.key += ")";
    return node;
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
            out.likely = negated ? 1000 - costs_[id].witness : costs_[id].witness;
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
        if (part.kind == out.kind) {  // all of all is one all
            std::move(part.children.begin(), part.children.end(), std::back_inserter(out.children));
        } else {
            out.children.push_back(std::move(part));
        }
    }
    // What costs the same is asked in the order in which it settles the matter.
    std::sort(out.children.begin(), out.children.end(), [&](const Planned& a, const Planned& b) {
        if (a.cost != b.cost) return a.cost < b.cost;
        if (a.likely != b.likely) return (a.likely < b.likely) == is_all;
        return a.key < b.key;
    });
    const auto same = [](const Planned& a, const Planned& b) { return a.key == b.key; };
    out.children.erase(std::unique(out.children.begin(), out.children.end(), same),
                       out.children.end());
    return joined(std::move(out));
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

uint32_t DecisionTable::start_of(const Planned& planned) {
    const auto known = known_starts_.find(planned.key);
    if (known != known_starts_.end()) return known->second;
    const uint32_t start = emit(planned, kYes, kNo);
    known_starts_.emplace(planned.key, start);
    return start;
}

uint32_t DecisionTable::add(const Condition& condition, std::span<const uint32_t> ids) {
    Planned planned = plan(condition, ids, false, 0);
    const auto [entry, is_new] =
        known_decisions_.emplace(planned.key, static_cast<uint32_t>(decisions_.size()));
    if (!is_new) return entry->second;
    CompiledCondition decision;
    if (use_witnesses_) decision.witness = witness_of(planned);
    if (!decision.witness.open) planned = beyond_witness(std::move(planned));
    decision.start = start_of(planned);
    decisions_.push_back(std::move(decision));
    return entry->second;
}

Witness DecisionTable::witness(const Condition& condition, std::span<const uint32_t> ids) const {
    return use_witnesses_ ? witness_of(plan(condition, ids, false, 0)) : Witness{};
}

DecisionTable::Choice DecisionTable::choose(const Planned& all) const {
    Choice best;
    for (size_t i = 0; i < all.children.size(); ++i) {
        Witness witness = witness_of(all.children[i]);
        if (!witness.open && witness.cost < best.witness.cost) best = {i, std::move(witness)};
    }
    return best;
}

Witness DecisionTable::witness_of(const Planned& planned) const {
    switch (planned.kind) {
        case Planned::Kind::constant:
            if (planned.truth) return {};
            return {false, {}, 0};  // never true: the empty set is a witness
        case Planned::Kind::predicate:
            if (!planned.truth) return {};
            return {false, {planned.predicate}, costs_[planned.predicate].witness};
        case Planned::Kind::all:
            return choose(planned).witness;
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

// What is left to ask once a predicate of the witness is known to be true. Where the witness is the
// whole of a node — one predicate, or any of several — that node is true.
DecisionTable::Planned DecisionTable::beyond_witness(Planned planned) const {
    const auto is_plain = [](const Planned& node) {
        return node.kind == Planned::Kind::predicate && node.truth;
    };
    const auto is_told = [&](const Planned& node) {
        return is_plain(node) ||
               (node.kind == Planned::Kind::any &&
                std::all_of(node.children.begin(), node.children.end(), is_plain));
    };
    if (is_told(planned)) return planned_constant<Planned>(true);
    if (planned.kind != Planned::Kind::all) return planned;
    const size_t best = choose(planned).child;
    if (best == SIZE_MAX || !is_told(planned.children[best])) return planned;
    planned.children.erase(planned.children.begin() + static_cast<ptrdiff_t>(best));
    return joined(std::move(planned));
}

}  // namespace yagura::match
