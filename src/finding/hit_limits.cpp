#include "finding/hit.h"

namespace yagura::finding {

// Counts only grow, so "more than max_kept at or above this floor" stays true once it is: the floor
// ends at the lowest level whose matches fit, whoever counted first.
bool HitLimits::admit(Level level) {
    const auto wanted = static_cast<uint8_t>(level);
    if (max_kept_ == 0 || wanted < floor_.load(std::memory_order_relaxed)) return false;
    kept_[wanted].fetch_add(1);
    for (uint8_t floor = floor_.load(); wanted >= floor;) {
        uint64_t total = 0;
        for (size_t i = floor; i < kLevels; ++i) total += kept_[i].load();
        if (total <= max_kept_) return true;
        if (floor + 1u >= kLevels) {
            kept_[wanted].fetch_sub(1);
            left_out_.fetch_add(1);
            return false;
        }
        floor_.compare_exchange_strong(floor, static_cast<uint8_t>(floor + 1));
        floor = floor_.load();
    }
    return false;
}

}  // namespace yagura::finding
