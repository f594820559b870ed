// All rules about one log type, compiled for speed.
//
//   match::Program program(log_type, rules);      // rules must outlive it
//   event::FieldPlan plan(log_type.dictionary());
//   program.want_fields(plan); plan.freeze();
//   match::Evaluator evaluator(program, plan);     // one per worker
//   evaluator.match(event, hits);                  // appends indices into `rules`, ascending
//
// Method: every rule has a witness, predicates of which one must hold for it. The witnesses of most
// rules are exact values of very few fields (eventName, eventSource), so one look at those
// fields leaves one or two rules to decide, whatever their number. Equal predicates of different
// rules are one; all predicates on a field are answered together for a value (field_matcher.h) and
// remembered for when the value comes again (value_memo.h); conditions are chains of jumps
// (decision.h). The meaning of it all is slow.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "event/event.h"
#include "match/ir.h"

namespace yagura::match {

// For tests and measurements: how much of the method to use. The answers never change.
struct Tuning {
    bool use_witnesses = true;    // false: every rule is decided for every event
    size_t memo_bytes = 1 << 19;  // per evaluator, a power of two; 0 remembers nothing
};

// Immutable; shared by the evaluators of all workers.
class Program {
  public:
    // Rules whose log source does not cover `type` are left out; the others keep their index.
    Program(const logtype::LogType& type,
            std::span<const Rule* const> rules,
            const Tuning& tuning = {});
    ~Program();
    Program(Program&&) noexcept;

    // Asks `plan` for every field the rules look at.
    void want_fields(event::FieldPlan& plan) const;

    size_t rule_count() const;

    struct Impl;
    const Impl& impl() const { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

class CostMeter;

// Not thread-safe: one per worker. Allocates nothing per event once its buffers have grown.
class Evaluator {
  public:
    // `plan` must have been through want_fields() and be frozen; both must outlive the evaluator.
    Evaluator(const Program& program, const event::FieldPlan& plan);
    ~Evaluator();
    Evaluator(Evaluator&&) noexcept;

    // Appends the indices (into the program's rules) of all rules that match, ascending. For rules
    // with keywords on a JSON log type, event.record must be padded as walk_record() leaves it.
    void match(event::Event& event, std::vector<uint32_t>& hits);
    // The same, and times it; see cost.h.
    void match(event::Event& event, std::vector<uint32_t>& hits, CostMeter& meter);

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::match
