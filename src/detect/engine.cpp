#include "detect/engine.h"

#include <algorithm>

namespace yagura::detect {

Engine::Engine(const Targets& targets, const EngineLimits& limits, FirstSeenMemory& memory)
    : targets_(targets),
      limits_{std::max<uint64_t>(limits.groups / kShards, 1),
              std::max<uint64_t>(limits.entries / kShards, 1),
              limits.entries_per_group},
      memory_(memory),
      windows_(targets.correlation_count()) {}

Windows& Engine::windows_of(uint32_t target) {
    auto& windows = windows_[target];
    if (!windows)
        windows = std::make_unique<Windows>(targets_.correlation(target), target, limits_);
    return *windows;
}

void Engine::resume(uint32_t level, uint32_t shard, const WindowPasts& pasts) {
    for (uint32_t target = 0; target < pasts.size(); ++target) {
        if (!pasts[target] || targets_.level(target) != level) continue;
        windows_of(target).resume(
            *pasts[target], [&](uint64_t group) { return targets_.shard(target, group) == shard; });
    }
}

void Engine::states(uint32_t level, int64_t now, GroupStates& out) const {
    for (uint32_t target = 0; target < windows_.size(); ++target) {
        if (windows_[target] && targets_.level(target) == level)
            windows_[target]->states(now, out[target]);
    }
}

void Engine::add(const Signal& signal, std::vector<Decided>& out) {
    if (targets_.is_correlation(signal.target)) {
        windows_of(signal.target).add(signal, out);
    } else {
        memory_.of(signal.target).add(signal, out);
    }
}

void Engine::advance(uint32_t level, int64_t now, std::vector<Decided>& out) {
    for (uint32_t target = 0; target < windows_.size(); ++target) {
        if (windows_[target] && targets_.level(target) == level)
            windows_[target]->advance(now, out);
    }
}

WindowCounts Engine::counts(uint32_t level) const {
    WindowCounts sum;
    for (uint32_t target = 0; target < windows_.size(); ++target) {
        if (!windows_[target] || targets_.level(target) != level) continue;
        sum.add(windows_[target]->counts());
        sum.open_windows += windows_[target]->open_windows();
    }
    return sum;
}

}  // namespace yagura::detect
