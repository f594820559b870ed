// A condition as a chain of questions: each step asks one predicate and says where to go on true
// and false.
//
// all, any and negation disappear into the jumps, so a condition costs exactly the predicates that
// decide it. Children of all and any may be asked in any order; the cheap ones come first.
// Conditions that ask the same become the same steps, so rules that differ only in their names are
// decided once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "match/ir.h"

namespace yagura::match {

// Ids of hash-consed predicates; this one is never true.
constexpr uint32_t kNever = UINT32_MAX;

// Where a decision ends.
constexpr uint32_t kYes = UINT32_MAX;
constexpr uint32_t kNo = UINT32_MAX - 1;

struct Step {
    uint32_t predicate;
    uint32_t on_true;  // a step, kYes or kNo
    uint32_t on_false;
};

// Predicates of which at least one is true whenever the condition is: none of them true, nothing to
// decide.
struct Witness {
    bool open = true;  // there is no such set: the condition has to be decided for every event
    std::vector<uint32_t> predicates;
    uint32_t cost = UINT32_MAX;  // lower is more selective and cheaper to look up
};

// A condition compiled: when its witness says it may hold, `start` says whether it does.
struct CompiledCondition {
    uint32_t start = kNo;  // first step, kYes or kNo
    Witness witness;
};

// What the planner of a condition needs to know about predicates.
struct PredicateCost {
    uint32_t ask;      // of asking it when its turn comes
    uint32_t witness;  // of using it as a witness: of 1,000 events, for how many it may hold
};

class DecisionTable {
  public:
    // `costs` is indexed by shared id. Without witnesses every decision is open.
    DecisionTable(std::span<const PredicateCost> costs, bool use_witnesses)
        : costs_(costs), use_witnesses_(use_witnesses) {}

    // The witness that the condition's decision will have.
    Witness witness(const Condition& condition, std::span<const uint32_t> ids) const;

    // The number of the condition's decision; equal conditions have the same. `ids` maps the rule's
    // predicates to their shared ids (or kNever).
    uint32_t add(const Condition& condition, std::span<const uint32_t> ids);

    const std::vector<CompiledCondition>& decisions() const { return decisions_; }
    const std::vector<Step>& steps() const { return steps_; }

  private:
    struct Planned;
    using Known = std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>>;

    Planned plan(const Condition& condition,
                 std::span<const uint32_t> ids,
                 bool negated,
                 uint32_t depth) const;
    uint32_t emit(const Planned& planned, uint32_t on_true, uint32_t on_false);
    uint32_t start_of(const Planned& planned);
    Witness witness_of(const Planned& planned) const;
    struct Choice {
        size_t child = SIZE_MAX;  // none makes a witness
        Witness witness;
    };
    // The child of an `all` that makes the cheapest witness.
    Choice choose(const Planned& all) const;
    Planned beyond_witness(Planned planned) const;

    std::span<const PredicateCost> costs_;
    bool use_witnesses_;
    std::vector<CompiledCondition> decisions_;
    std::vector<Step> steps_;
    Known known_decisions_;
    Known known_starts_;
};

}  // namespace yagura::match
