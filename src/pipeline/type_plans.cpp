#include "pipeline/type_plans.h"

namespace yagura::pipeline {
namespace {

std::vector<const match::Rule*> rules_about(const logtype::LogType& type,
                                            std::span<const match::Rule> rules) {
    std::vector<const match::Rule*> out;
    for (const match::Rule& rule : rules) {
        if (rule.source.covers(type.logsource)) out.push_back(&rule);
    }
    return out;
}

std::optional<match::Judge> make_judge(const logtype::LogType& type,
                                       std::span<const match::Rule* const> rules,
                                       const TypePlans::Options& options) {
    if (!options.policy || options.policy->is_empty()) return std::nullopt;
    std::vector<const match::RuleInfo*> infos;
    for (const match::Rule* rule : rules) infos.push_back(&rule->info);
    return match::Judge(*options.policy, type, infos, options.now);
}

TypePlan make_plan(const logtype::LogType& type,
                   size_t index,
                   std::span<const match::Rule> all_rules,
                   const TypePlans::Options& options) {
    auto rules = rules_about(type, all_rules);
    match::Program program(type, rules);
    event::FieldPlan fields(type.dictionary());
    program.want_fields(fields);
    detect::SignalPlan signals;
    if (options.targets) signals = detect::SignalPlan(*options.targets, rules, all_rules);
    signals.want_fields(fields);
    auto judge = make_judge(type, rules, options);
    if (judge) judge->want_fields(fields);
    if (options.collect_extra) fields.collect_extra();
    fields.freeze();
    return {&type,
            index,
            std::move(rules),
            std::move(program),
            std::move(fields),
            std::move(signals),
            std::move(judge)};
}

}  // namespace

TypePlans::TypePlans(std::span<const match::Rule> rules, Options options) {
    plans_.reserve(logtype::all().size());
    for (const logtype::LogType* type : logtype::all()) {
        plans_.push_back(make_plan(*type, plans_.size(), rules, options));
    }
}

const TypePlan& TypePlans::of(const logtype::LogType& type) const {
    for (const TypePlan& plan : plans_) {
        if (plan.type == &type) return plan;
    }
    return plans_.front();
}

}  // namespace yagura::pipeline
