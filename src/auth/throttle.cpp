#include "auth/throttle.h"

#include <algorithm>

#include "auth/secret.h"
#include "base/ip.h"

namespace yagura::auth {
namespace {

using std::chrono::seconds;

// An IPv6 user owns a /64 and can change its lower half at will.
std::string network_text(std::string_view address) {
    auto parsed = IpAddress::parse(address);
    if (!parsed) return std::string(address.substr(0, 64));
    if (!parsed->is_v4) std::fill(parsed->bytes.begin() + 8, parsed->bytes.end(), uint8_t{0});
    return parsed->to_string();
}

std::string network_of(std::string_view address) {
    return kept_form(network_text(address));
}

std::string name_key(std::string_view name, const std::string& network) {
    return kept_form(network + std::string(name.substr(0, 128)));
}

}  // namespace

seconds Throttle::begin(std::string_view name, std::string_view address, Timestamp now) {
    const std::string network = network_of(address);
    const std::string named = name_key(name, network);
    const std::lock_guard lock(mutex_);
    const seconds wait = std::max(wait_of(named, now), wait_of(network, now));
    if (wait > seconds(0)) return wait;
    add_failure(count_of(network, now), options_.free_by_address, now);
    add_failure(count_of(named, now), options_.free_by_name, now);
    return seconds(0);
}

void Throttle::succeeded(std::string_view name, std::string_view address) {
    const std::string network = network_of(address);
    const std::lock_guard lock(mutex_);
    if (const auto named = by_key_.find(name_key(name, network)); named != by_key_.end()) {
        named->second->failures = 0;
        named->second->until = Timestamp();
        if (!named->second->is_kept) forget(named->second);
    }
    drop_failure(network);
}

void Throttle::take_back(std::string_view name, std::string_view address) {
    const std::string network = network_of(address);
    const std::lock_guard lock(mutex_);
    drop_failure(name_key(name, network));
    drop_failure(network);
}

size_t Throttle::size() const {
    const std::lock_guard lock(mutex_);
    return counts_.size();
}

std::vector<Throttle::Kept> Throttle::to_keep(std::string_view name, std::string_view address) {
    const std::string network = network_of(address);
    std::vector<Kept> out;
    const std::lock_guard lock(mutex_);
    for (const auto& [key, free] : {std::pair(network, options_.free_by_address),
                                    std::pair(name_key(name, network), options_.free_by_name)}) {
        const auto known = by_key_.find(key);
        if (known == by_key_.end()) continue;
        Count& count = *known->second;
        const bool is_worth_it = count.failures >= free;
        if (is_worth_it) out.push_back({key, count.failures, count.last, count.until});
        if (!is_worth_it && count.is_kept) out.push_back({key, 0, {}, {}});
        count.is_kept = is_worth_it;
        if (count.failures == 0) forget(known->second);
    }
    return out;
}

void Throttle::restore(const Kept& kept) {
    const std::lock_guard lock(mutex_);
    Count& count = place_for(kept.key, kept.last);
    count.failures = kept.failures;
    count.last = kept.last;
    // A clock that was set back must not lock anybody out.
    count.until = std::min(kept.until, kept.last + options_.longest_wait);
    count.is_kept = true;
}

void Throttle::forget(Counts::iterator count) {
    by_key_.erase(count->key);
    counts_.erase(count);
}

Throttle::Count& Throttle::place_for(const std::string& key, Timestamp now) {
    if (const auto known = by_key_.find(key); known != by_key_.end()) {
        counts_.splice(counts_.begin(), counts_, known->second);
    } else {
        if (counts_.size() >= std::max<size_t>(2, options_.most)) forget(std::prev(counts_.end()));
        counts_.push_front({key, 0, now, Timestamp()});
        by_key_.emplace(key, counts_.begin());
    }
    return counts_.front();
}

Throttle::Count& Throttle::count_of(const std::string& key, Timestamp now) {
    Count& count = place_for(key, now);
    if (now - count.last > options_.forget_after) count.failures = 0;
    return count;
}

seconds Throttle::wait_of(const std::string& key, Timestamp now) {
    const auto known = by_key_.find(key);
    if (known == by_key_.end() || known->second->until <= now) return seconds(0);
    return std::chrono::ceil<seconds>(known->second->until - now);
}

void Throttle::add_failure(Count& count, int free, Timestamp now) const {
    ++count.failures;
    count.last = now;
    const int beyond = count.failures - free;
    if (beyond < 0) return;
    const seconds wait = options_.first_wait * (int64_t{1} << std::min(beyond, 20));
    count.until = now + std::min(wait, options_.longest_wait);
}

void Throttle::drop_failure(const std::string& key) {
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return;
    known->second->failures = std::max(0, known->second->failures - 1);
    known->second->until = Timestamp();
}

}  // namespace yagura::auth
