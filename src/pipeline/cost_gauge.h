// Matches events and, now and then, measures what that costs by rule (match/cost.h).
//
//   CostGauge gauge(plans, 64);                    // one event in 64; 0: none
//   gauge.match(evaluator, event, plan, hits);
//   match::add(costs, gauge.take());
//
// Belongs to one worker; the plans must outlive it.
#pragma once

#include <cstdint>
#include <vector>

#include "match/cost.h"
#include "pipeline/type_plans.h"

namespace yagura::pipeline {

class CostGauge {
  public:
    CostGauge(const TypePlans& plans, uint32_t one_in);

    void match(match::Evaluator& evaluator,
               event::Event& event,
               const TypePlan& plan,
               std::vector<uint32_t>& hits) {
        if (sampler_.is_due() && !meters_.empty()) {
            evaluator.match(event, hits, meters_[plan.index]);
        } else {
            evaluator.match(event, hits);
        }
    }

    // Measured since the last call, of rules about the logs that came.
    match::RuleCosts take();

  private:
    const TypePlans& plans_;
    match::CostSampler sampler_;
    std::vector<match::CostMeter> meters_;         // by plan; none: nothing is measured
    std::vector<std::vector<uint64_t>> meanings_;  // by plan and rule, once they are needed
};

}  // namespace yagura::pipeline
