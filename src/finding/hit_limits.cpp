#include "finding/hit.h"

namespace yagura::finding {

uint64_t HitLimits::kept_from(uint8_t floor) const {
    uint64_t total = 0;
    for (size_t i = floor; i < kLevels; ++i) total += kept_[i].load();
    return total;
}

// Counts only grow, so "more than max_kept at or above this floor" stays true once it is: the floor
// ends at the lowest level whose matches fit, whoever counted first.
bool HitLimits::admit(Level level) {
    const auto wanted = static_cast<uint8_t>(level);
    if (max_kept_ == 0 || wanted < floor_.load(std::memory_order_relaxed)) return false;
    kept_[wanted].fetch_add(1);
    for (uint8_t floor = floor_.load(); wanted >= floor;) {
        if (kept_from(floor) <= max_kept_) return true;
        if (floor + 1u >= kLevels) {
            kept_[wanted].fetch_sub(1);
            left_out_.fetch_add(1);
            return false;
        }
        floor_.compare_exchange_strong(floor, static_cast<uint8_t>(floor + 1));
        floor = floor_.load();
        plenty_.store(kept_from(floor) + kPlenty < max_kept_, std::memory_order_relaxed);
    }
    return false;
}

void HitLimits::tell(const LevelCounts& kept) {
    for (size_t i = 0; i < kLevels; ++i) {
        if (kept[i] != 0) kept_[i].fetch_add(kept[i]);
    }
    uint8_t floor = floor_.load();
    while (floor + 1u < kLevels && kept_from(floor) > max_kept_) {
        floor_.compare_exchange_strong(floor, static_cast<uint8_t>(floor + 1));
        floor = floor_.load();
    }
    plenty_.store(kept_from(floor) + kPlenty < max_kept_, std::memory_order_relaxed);
}

}  // namespace yagura::finding
