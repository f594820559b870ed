#include "detect/targets.h"

#include <algorithm>

#include "detect/signal.h"

namespace yagura::detect {
namespace {

int64_t sum(int64_t a, int64_t b) {
    int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

// Silence in windows in line is told one window after the last event's.
int64_t reach_of(const match::Correlation& correlation) {
    const bool waits = correlation.window == match::WindowKind::tumbling &&
                       match::decision_of(correlation) == match::Decision::on_silence;
    return waits ? sum(correlation.timespan, correlation.timespan) : correlation.timespan;
}

}  // namespace

Targets::Targets(const RulesView& rules)
    : correlations_(rules.correlations),
      first_seen_(rules.first_seen),
      by_rule_(rules.rules.size()),
      by_target_(correlations_.size()),
      levels_(size(), 0) {
    int64_t longest_reach = 0;
    for (uint32_t target = 0; target < correlations_.size(); ++target) {
        link(target);
        longest_reach = std::max(longest_reach, reach_of(correlations_[target]));
    }
    for (uint32_t level = 0; level < level_count_; ++level) reach_ = sum(reach_, longest_reach);
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
