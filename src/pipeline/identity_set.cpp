#include "pipeline/identity_set.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/keyed_hash.h"

namespace yagura::pipeline {
namespace {

constexpr size_t kFirstSize = 256;

// 0 is a free place.
uint64_t mark_of(const Hash128& identity) {
    return identity.low == 0 ? 1 : identity.low;
}

}  // namespace

IdentitySet::IdentitySet(size_t capacity)
    : young_limit_(std::max<size_t>(capacity / kShards / 2, 1)) {}

bool IdentitySet::Table::contains(uint64_t mark, uint64_t home) const {
    if (places.empty()) return false;
    const size_t mask = places.size() - 1;
    for (size_t i = home & mask; places[i] != 0; i = (i + 1) & mask) {
        if (places[i] == mark) return true;
    }
    return false;
}

bool IdentitySet::Table::insert(uint64_t mark, uint64_t home) {
    if (count * 4 >= places.size() * 3) grow();
    const size_t mask = places.size() - 1;
    size_t i = home & mask;
    for (; places[i] != 0; i = (i + 1) & mask) {
        if (places[i] == mark) return false;
    }
    places[i] = mark;
    ++count;
    return true;
}

void IdentitySet::Table::grow() {
    std::vector<uint64_t> before(places.empty() ? kFirstSize : places.size() * 2);
    places.swap(before);
    count = 0;
    for (const uint64_t mark : before) {
        if (mark != 0) insert(mark, keyed_hash(mark));
    }
}

bool IdentitySet::insert(const Hash128& identity) {
    Shard& shard = shards_[identity.high % kShards];
    const uint64_t mark = mark_of(identity);
    const uint64_t home = keyed_hash(mark);
    const std::lock_guard lock(shard.latch);
    if (shard.old.contains(mark, home)) return false;
    if (shard.young.count >= young_limit_) {
        if (shard.young.contains(mark, home)) return false;
        shard.forgotten += shard.old.count;
        shard.old = std::exchange(shard.young, Table{});
    }
    const bool is_new = shard.young.insert(mark, home);
    shard.places.store(reinterpret_cast<uintptr_t>(shard.young.places.data()),
                       std::memory_order_relaxed);
    shard.mask.store(shard.young.places.size() - 1, std::memory_order_relaxed);
    return is_new;
}

void IdentitySet::expect(const Hash128& identity) const {
    const Shard& shard = shards_[identity.high % kShards];
    const size_t mask = shard.mask.load(std::memory_order_relaxed);
    const size_t place = (keyed_hash(mark_of(identity)) & mask) * sizeof(uint64_t);
    // No address is wrong for a prefetch.
    const uintptr_t address = shard.places.load(std::memory_order_relaxed) + place;
    __builtin_prefetch(reinterpret_cast<const void*>(address), 1);
}

uint64_t IdentitySet::forgotten() const {
    uint64_t sum = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.latch);
        sum += shard.forgotten;
    }
    return sum;
}

}  // namespace yagura::pipeline
