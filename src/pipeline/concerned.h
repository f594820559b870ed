// Which groups of which correlations new signals concern.
//
//   Concerned concerned(targets, is_later);
//   concerned.add(signal);                       // every new one
//   concerned.close();
//   if (concerned.is_waiting(target) && concerned.is_wanted(target, group)) …add the older ones…
//
// A correlation keeps its groups apart, so older signals of other groups can change nothing: those
// were decided when they were new. Two kinds of correlation need all their groups nevertheless.
// One whose windows are decided when they close, as time has gone on for groups without a new
// event, too, or of whose windows nothing is known yet; and one that looks at other correlations or
// is looked at, as a firing of one group may belong with those of another group. The latter go
// together: all or none.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "detect/signal.h"
#include "detect/targets.h"
#include "store/hash_set.h"

namespace yagura::pipeline {

class Concerned {
  public:
    // `is_later`: events are later than any that was decided, so that windows have closed since.
    // `is_known`: how the target's windows stood is known; else all their groups are wanted.
    Concerned(const detect::Targets& targets,
              bool is_later,
              std::function<bool(uint32_t target)> is_known);

    void add(const detect::Signal& signal);
    void close();

    // Older signals may matter to the target.
    bool is_waiting(uint32_t target) const { return states_[target] != State::nothing; }
    bool is_wanted(uint32_t target, uint64_t group) const {
        return states_[target] == State::all || groups_.contains(key_of(target, group));
    }

  private:
    enum class State : uint8_t { nothing, groups, all };
    static uint64_t key_of(uint32_t target, uint64_t group);

    const detect::Targets& targets_;
    bool is_later_;
    std::function<bool(uint32_t target)> is_known_;
    std::vector<State> states_;
    store::HashSet groups_;
};

}  // namespace yagura::pipeline
