#include "detect/targets.h"

#include <algorithm>

#include "detect/signal.h"

namespace yagura::detect {

Targets::Targets(const RulesView& rules)
    : correlations_(rules.correlations),
      first_seen_(rules.first_seen),
      by_rule_(rules.rules.size()),
      by_target_(correlations_.size()),
      levels_(size(), 0) {
    for (uint32_t target = 0; target < correlations_.size(); ++target) link(target);
    for (uint32_t i = 0; i < first_seen_.size(); ++i) {
        for (const uint32_t rule : first_seen_[i].rules) {
            if (rule < by_rule_.size()) by_rule_[rule].push_back({correlation_count() + i, 0});
        }
    }
}

void Targets::link(uint32_t target) {
    const match::Correlation& correlation = correlations_[target];
    longest_timespan_ = std::max(longest_timespan_, correlation.timespan);
    for (uint16_t i = 0; i < correlation.references.size(); ++i) {
        for (const uint32_t rule : correlation.references[i].rules) {
            if (rule < by_rule_.size()) by_rule_[rule].push_back({target, i});
        }
        for (const uint32_t inner : correlation.references[i].correlations) {
            if (inner >= target) continue;  // a loader's mistake; never a cycle here
            by_target_[inner].push_back({target, i});
            levels_[target] = std::max(levels_[target], levels_[inner] + 1);
        }
    }
    level_count_ = std::max(level_count_, levels_[target] + 1);
}

const match::RuleInfo& Targets::info(uint32_t target) const {
    return is_correlation(target) ? correlation(target).info : first_seen(target).info;
}

std::span<const Use> Targets::uses_of_rule(uint32_t rule) const {
    if (rule >= by_rule_.size()) return {};
    return by_rule_[rule];
}

std::span<const std::string> Targets::key_names(uint32_t target) const {
    return is_correlation(target) ? correlation(target).group_by : first_seen(target).fields;
}

uint32_t Targets::shard(uint32_t target, uint64_t group) const {
    const uint64_t part = is_correlation(target) ? group : 0;
    return static_cast<uint32_t>(((part ^ target) * 0x9E3779B97F4A7C15ull) >> 60) % kShards;
}

}  // namespace yagura::detect
