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

void Engine::add(const Signal& signal, std::vector<Decided>& out) {
    if (!targets_.is_correlation(signal.target)) {
        memory_.of(signal.target).add(signal, out);
        return;
    }
    auto& windows = windows_[signal.target];
    if (!windows)
        windows =
            std::make_unique<Windows>(targets_.correlation(signal.target), signal.target, limits_);
    windows->add(signal, out);
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
