#include "pipeline/cost_gauge.h"

#include "base/hash.h"
#include "base/language.h"
#include "rule/readable.h"

namespace yagura::pipeline {
namespace {

// What a rule asks, by what a person would read of it.
std::vector<uint64_t> meanings_of(const TypePlan& plan) {
    const LanguageScope language(Language::english);
    std::vector<uint64_t> meanings;
    meanings.reserve(plan.rules.size());
    for (const match::Rule* rule : plan.rules) meanings.push_back(hash64(rule::readable(*rule)));
    return meanings;
}

}  // namespace

CostGauge::CostGauge(const TypePlans& plans, uint32_t one_in)
    : plans_(plans), sampler_(one_in == 0 ? UINT32_MAX : one_in), meanings_(plans.all().size()) {
    if (one_in == 0) return;
    for (const TypePlan& plan : plans.all()) meters_.emplace_back(plan.program);
}

match::RuleCosts CostGauge::take() {
    match::RuleCosts costs;
    for (const TypePlan& plan : plans_.all()) {
        if (meters_.empty() || meters_[plan.index].events() == 0) continue;
        match::CostMeter& meter = meters_[plan.index];
        std::vector<uint64_t>& meanings = meanings_[plan.index];
        if (meanings.empty()) meanings = meanings_of(plan);
        // The conditions of one document are one rule, asked of the same events.
        match::RuleCosts of_type;
        for (const match::RuleShare& share : meter.shares()) {
            match::RuleCost& cost = of_type[plan.rules[share.rule]->info.id];
            cost.meaning = cost.meaning * 31 + meanings[share.rule];
            cost.events = meter.events();
            cost.nanoseconds += share.nanoseconds;
        }
        match::add(costs, of_type);
        meter.clear();
    }
    return costs;
}

}  // namespace yagura::pipeline
