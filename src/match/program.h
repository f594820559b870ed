// All rules about one log type, compiled for speed.
//
//   match::Program program(log_type, rules);      // rules must outlive it
//   event::FieldPlan plan(log_type.dictionary());
//   program.want_fields(plan); plan.freeze();
//   match::Evaluator evaluator(program, plan);     // one per worker
//   evaluator.match(event, hits);                  // appends indices into `rules`, ascending
//
// Method (reference: reference evaluator design, docs/architecture.md): every rule has a witness, a
// predicate that must hold for it; an index over witnesses (exact values of eventName, eventSource,
// …) leaves one or two candidates per event; predicate results are memoised per distinct value;
// literals of one field share one automaton.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "event/event.h"
#include "match/ir.h"

namespace yagura::match {

class Program {
  public:
    Program(const logtype::LogType& type, std::span<const Rule* const> rules);
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

class Evaluator {
  public:
    // `plan` must have been through want_fields() and be frozen; both must outlive the evaluator.
    Evaluator(const Program& program, const event::FieldPlan& plan);
    ~Evaluator();
    Evaluator(Evaluator&&) noexcept;

    // Appends the indices (into the program's rules) of all rules that match, ascending.
    void match(event::Event& event, std::vector<uint32_t>& hits);

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::match
