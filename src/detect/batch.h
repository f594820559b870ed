// Correlation of everything that was read: workers collect, then all is decided in one go.
//
//   Batch batch(targets, memory, {.threads = 2});
//   SignalCollector& signals = batch.new_collector();     // one per worker
//   … signals.add(…) …
//   YAGURA_TRY(auto told, batch.decide(last_event, [&](const Firing& firing) { … }));
//
// The same signals give the same firings in the same order, whatever the workers, their order and
// the bounds on memory: signals are sorted (what did not fit, from a temporary file), state is kept
// in kShards parts that do not know of each other, and correlations of correlations come after
// those they refer to.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "detect/collector.h"
#include "detect/engine.h"
#include "detect/firing.h"

namespace yagura::detect {

struct BatchOptions {
    uint32_t threads = 1;
    EngineLimits limits;
    uint64_t max_signals = SignalCollector::kMaxSignals;  // in memory, of one collector
    PrepareDecided prepare = {};                          // see firing.h; may be unset
    bool keeps_groups = false;                            // for groups()
};

struct CorrelationCounts {
    uint64_t signals = 0;  // matches that a correlation or first-seen rule waited for
    uint64_t firings = 0;
    uint64_t late = 0;       // stream only: came after their time was decided; not counted
    uint64_t forced = 0;     // stream only: decided before their time, as too many waited
    uint64_t forgotten = 0;  // by first-seen rules: tuples and entities
    WindowCounts windows;
    // True when something was left out for lack of room, so that a firing may be missing.
    bool is_incomplete() const {
        return windows.evicted_groups + windows.evicted_events + forgotten + late + forced > 0;
    }
};

class Batch {
  public:
    Batch(const Targets& targets, FirstSeenMemory& memory, const BatchOptions& options);

    // From one thread, before the workers start; the Batch owns it.
    SignalCollector& new_collector();

    // Before decide(): goes on from what is known of the windows; `pasts` outlives this.
    void resume(const WindowPasts& pasts) { pasts_ = &pasts; }

    // `last_event` is the time of the latest event that was read, matched or not: windows that
    // close after it are not decided (WindowCounts::open_windows). Call once.
    Result<CorrelationCounts> decide(int64_t last_event, const FiringSink& sink);

    // After decide(), with BatchOptions::keeps_groups: how groups stand at the last event.
    const GroupStates& groups() const { return groups_; }

  private:
    Result<std::vector<Decided>> decide_level(uint32_t level, int64_t last_event);
    Result<void> decide_shard(uint32_t level,
                              uint32_t shard,
                              int64_t last_event,
                              std::vector<Decided>& out,
                              WindowCounts& counts,
                              GroupStates& groups);

    const Targets& targets_;
    FirstSeenMemory& memory_;
    BatchOptions options_;
    std::vector<std::unique_ptr<SignalCollector>> collectors_;
    const WindowPasts* pasts_ = nullptr;  // null: nothing is known
    GroupStates groups_;
    CorrelationCounts counts_;
};

}  // namespace yagura::detect
