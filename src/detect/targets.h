// Correlations and first-seen rules by number, and which matches they wait for.
//
//   const Targets targets({rules, correlations, first_seen});   // all three outlive it
//   for (const Use& use : targets.uses_of_rule(i)) …          // whom a match of rule i concerns
//
// Target t is correlation t, and from correlation_count() on first-seen rule t − that. Immutable.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

#include "match/correlation.h"
#include "match/first_seen.h"
#include "match/ir.h"

namespace yagura::detect {

// Everything that is asked of events, as rule::load_rules() gives it: the numbers in correlations
// and first-seen rules are places in `rules`. Points into the rule set.
struct RulesView {
    std::span<const match::Rule> rules;
    std::span<const match::Correlation> correlations;
    std::span<const match::FirstSeen> first_seen;

    RulesView() = default;
    RulesView(std::span<const match::Rule> all_rules,
              std::span<const match::Correlation> all_correlations,
              std::span<const match::FirstSeen> all_first_seen)
        : rules(all_rules), correlations(all_correlations), first_seen(all_first_seen) {}
    template <class Rules>
    requires std::convertible_to<const Rules&, std::span<const match::Rule>> RulesView(
        const Rules& all_rules)
        : rules(all_rules) {}
};

struct Use {
    uint32_t target = 0;
    uint16_t reference = 0;  // always 0 for first-seen rules
};

class Targets {
  public:
    explicit Targets(const RulesView& rules);

    size_t size() const { return correlations_.size() + first_seen_.size(); }
    bool is_empty() const { return size() == 0; }
    uint32_t correlation_count() const { return static_cast<uint32_t>(correlations_.size()); }
    bool is_correlation(uint32_t target) const { return target < correlations_.size(); }

    const match::Correlation& correlation(uint32_t target) const { return correlations_[target]; }
    const match::FirstSeen& first_seen(uint32_t target) const {
        return first_seen_[target - correlations_.size()];
    }
    std::span<const match::FirstSeen> all_first_seen() const { return first_seen_; }
    const match::RuleInfo& info(uint32_t target) const;

    std::span<const Use> uses_of_rule(uint32_t rule) const;
    std::span<const Use> uses_of_correlation(uint32_t target) const { return by_target_[target]; }
    // Names of the group key that firings of `target` carry.
    std::span<const std::string> key_names(uint32_t target) const;

    // 0 for what looks at rules only, one more than the highest correlation it refers to otherwise.
    uint32_t level(uint32_t target) const { return levels_[target]; }
    uint32_t level_count() const { return level_count_; }
    // False: its firings only serve other correlations.
    bool reports(uint32_t target) const {
        return !is_correlation(target) || correlation(target).reports;
    }
    // Where state of a group is kept. First-seen rules learn from their first match of all, so each
    // stays in one shard.
    uint32_t shard(uint32_t target, uint64_t group) const;
    // The longest timespan of a correlation, microseconds.
    int64_t longest_timespan() const { return longest_timespan_; }
    // How long before a decision the events may lie that windows need to be as they were, given how
    // groups stood (window_state.h); microseconds.
    int64_t reach() const { return reach_; }

  private:
    void link(uint32_t target);

    std::span<const match::Correlation> correlations_;
    std::span<const match::FirstSeen> first_seen_;
    std::vector<std::vector<Use>> by_rule_;
    std::vector<std::vector<Use>> by_target_;
    std::vector<uint32_t> levels_;
    uint32_t level_count_ = 1;
    int64_t longest_timespan_ = 0;
    int64_t reach_ = 0;
};

}  // namespace yagura::detect
