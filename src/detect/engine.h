// The state of one shard: windows of every correlation and the first-seen rules that live there.
//
// Fed by an orderer (batch.h, stream.h), level by level, in the order of is_before(). Belongs to
// one thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "detect/first_seen.h"
#include "detect/targets.h"
#include "detect/windows.h"

namespace yagura::detect {

// Bounds of one correlation as a whole; each shard has its part of them.
struct EngineLimits {
    uint64_t groups = 1'000'000;
    uint64_t entries = 8'000'000;
    uint32_t entries_per_group = 100'000;
};

class Engine {
  public:
    Engine(const Targets& targets, const EngineLimits& limits, FirstSeenMemory& memory);

    // Before the first signal: correlations of `level` go on from what is known of them. `pasts`
    // outlives this.
    void resume(uint32_t level, uint32_t shard, const WindowPasts& pasts);
    // How the groups of correlations of `level` stand, when all signals up to `now` were added.
    void states(uint32_t level, int64_t now, GroupStates& out) const;

    void add(const Signal& signal, std::vector<Decided>& out);
    // Nothing at or before `now` will come any more for targets of `level`.
    void advance(uint32_t level, int64_t now, std::vector<Decided>& out);
    WindowCounts counts(uint32_t level) const;  // open windows included

  private:
    Windows& windows_of(uint32_t target);

    const Targets& targets_;
    WindowLimits limits_;
    FirstSeenMemory& memory_;
    std::vector<std::unique_ptr<Windows>> windows_;  // by target; made when first needed
};

}  // namespace yagura::detect
