#include "pipeline/concerned.h"

#include <algorithm>
#include <numeric>

namespace yagura::pipeline {
namespace {

// Correlations that look at each other, by the lowest of them.
std::vector<uint32_t> families_of(const detect::Targets& targets) {
    std::vector<uint32_t> parent(targets.size());
    std::iota(parent.begin(), parent.end(), 0u);
    const auto root = [&](uint32_t target) {
        while (parent[target] != target) target = parent[target];
        return target;
    };
    for (uint32_t inner = 0; inner < targets.correlation_count(); ++inner) {
        for (const detect::Use& use : targets.uses_of_correlation(inner))
            parent[std::max(root(inner), root(use.target))] =
                std::min(root(inner), root(use.target));
    }
    std::vector<uint32_t> families;
    for (uint32_t target = 0; target < targets.size(); ++target) families.push_back(root(target));
    return families;
}

}  // namespace

Concerned::Concerned(const detect::Targets& targets,
                     bool is_later,
                     std::function<bool(uint32_t target)> is_known)
    : targets_(targets),
      is_later_(is_later),
      is_known_(std::move(is_known)),
      states_(targets.size(), State::nothing) {}

uint64_t Concerned::key_of(uint32_t target, uint64_t group) {
    return group ^ (uint64_t{target} + 1) * 0x9E3779B97F4A7C15ull;
}

void Concerned::add(const detect::Signal& signal) {
    if (!targets_.is_correlation(signal.target)) return;
    states_[signal.target] = State::groups;
    groups_.insert(key_of(signal.target, signal.group));
}

void Concerned::close() {
    const std::vector<uint32_t> families = families_of(targets_);
    std::vector<uint32_t> members(targets_.size(), 0);
    std::vector<uint8_t> is_concerned(targets_.size(), 0);
    for (uint32_t target = 0; target < targets_.correlation_count(); ++target) {
        const match::Correlation& correlation = targets_.correlation(target);
        const bool closes = match::decision_of(correlation) != match::Decision::on_arrival;
        const bool follow_each_other = closes || correlation.window == match::WindowKind::session;
        if ((closes && is_later_) || (follow_each_other && !is_known_(target)))
            states_[target] = State::all;
        ++members[families[target]];
        if (states_[target] != State::nothing) is_concerned[families[target]] = 1;
    }
    for (uint32_t target = 0; target < targets_.correlation_count(); ++target) {
        const uint32_t family = families[target];
        if (members[family] > 1 && is_concerned[family]) states_[target] = State::all;
    }
}

}  // namespace yagura::pipeline
