// For each log type: the rules about it, compiled, and the fields one walk must deliver for them.
//
//   const TypePlans plans(rules, {.collect_extra = true});   // once; rules must outlive it
//   const TypePlan& plan = plans.of(type);
//
// Immutable after construction, shared by all workers.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "detect/collector.h"
#include "event/plan.h"
#include "logtype/log_type.h"
#include "match/ir.h"
#include "match/policy.h"
#include "match/program.h"

namespace yagura::pipeline {

struct TypePlan {
    const logtype::LogType* type;
    size_t index;                           // place in TypePlans::all()
    std::vector<const match::Rule*> rules;  // hit i of the program is rules[i]
    match::Program program;
    event::FieldPlan fields;
    detect::SignalPlan signals;         // empty unless there are targets
    std::optional<match::Judge> judge;  // by the same indices; none without a policy
};

class TypePlans {
  public:
    struct Options {
        bool collect_extra = false;  // what no field takes, for the lake
        // Made from the same rules: their fields are delivered, too.
        const detect::Targets* targets = nullptr;
        const match::Policy* policy = nullptr;  // must outlive the plans; may be null
        Timestamp now{};                        // tells which exceptions have expired
    };
    TypePlans(std::span<const match::Rule> rules, Options options);

    std::span<const TypePlan> all() const { return plans_; }
    const TypePlan& of(const logtype::LogType& type) const;

  private:
    std::vector<TypePlan> plans_;
};

}  // namespace yagura::pipeline
