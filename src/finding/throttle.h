// Tells a match and keeps quiet about the like of it for a while.
//
//   Throttler throttler(policy.throttles);
//   hits.retain([&](const HitView& hit) { return throttler.tells(hit); });   // in order of time
//
// The period runs from the last match that was told. Remembers at most kMaxKeys keys; beyond that,
// those whose period is over are forgotten first, then all: a match is told once too often rather
// than once too seldom. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "finding/hit.h"
#include "match/policy.h"

namespace yagura::finding {

class Throttler {
  public:
    static constexpr size_t kMaxKeys = 1'000'000;

    // `throttles` must outlive this. The first that covers a rule counts.
    explicit Throttler(std::span<const match::Throttle> throttles);

    bool tells(const HitView& hit);

    // Call when rules that were seen may be gone; what was told stays known.
    void forget_rules() { by_rule_.clear(); }

    uint64_t held_back() const { return held_back_; }

  private:
    const match::Throttle* throttle_of(const match::RuleInfo& rule);
    void make_room(int64_t now);

    std::span<const match::Throttle> throttles_;
    std::unordered_map<const match::RuleInfo*, const match::Throttle*> by_rule_;
    std::unordered_map<uint64_t, int64_t> told_;  // by key: until when, microseconds
    uint64_t held_back_ = 0;
};

}  // namespace yagura::finding
