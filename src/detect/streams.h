// What correlations see of events, told apart by what is asked and not by who asks: the signals of
// one stream are the same today and tomorrow, in this rule set and in another.
//
//   const SignalStreams streams(targets, rules, policy, now);
//   for (const SignalStream& stream : streams.all()) …        // ids to keep signals under
//   const auto kept = streams.keeper_of({target, reference});  // of a signal that was just made
//
// A stream is a reference of a correlation to rules: what those rules and the exceptions that hold
// their matches back ask of an event, which fields are the group's and which are counted. Two
// references that agree in all of that share one. First-seen rules have no streams: what they need
// of the past they remember themselves. Immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "detect/targets.h"
#include "match/policy.h"

namespace yagura::detect {

struct SignalStream {
    uint64_t id = 0;        // the same in every run
    std::vector<Use> uses;  // who waits for its signals; at least one
};

class SignalStreams {
  public:
    SignalStreams() = default;
    // `policy` may be null; `now` tells which of its exceptions have expired.
    SignalStreams(const Targets& targets,
                  const RulesView& rules,
                  const match::Policy* policy,
                  Timestamp now);

    std::span<const SignalStream> all() const { return streams_; }
    // The places of a correlation's streams in all().
    std::span<const uint32_t> of_target(uint32_t target) const { return by_target_[target]; }
    // The stream that signals of `use` are kept in; nullopt when those of another use are the same
    // and are kept already, or none are.
    std::optional<uint32_t> keeper_of(const Use& use) const;
    // The ids, in the order of all().
    std::vector<uint64_t> ids() const;
    // Of a correlation, the same in every run: everything it asks, of events and of other
    // correlations, with its windows, its bounds and its rule's id.
    uint64_t target_id(uint32_t target) const { return target_ids_[target]; }

  private:
    std::vector<SignalStream> streams_;
    std::vector<std::vector<uint32_t>> by_target_;
    std::vector<std::vector<uint32_t>> keepers_;  // by target and reference; kNone: another's
    std::vector<uint64_t> target_ids_;
};

}  // namespace yagura::detect
