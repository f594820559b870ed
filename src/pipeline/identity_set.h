// Which events were seen before: a bounded set of 128-bit identities shared by all workers.
//
//   if (!seen.insert(identity)) ++totals.records_duplicate;
//
// Exact up to `capacity` identities; beyond that the older half is forgotten (deliveries repeat
// soon or never) and forgotten() tells how many, so that the summary can say so. An identity takes
// 8 bytes at a load of at most 3/4: 70 of its bits decide, so the chance that any two different
// events of a full set are taken for one is below one in a million.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "base/latch.h"

namespace yagura::pipeline {

class IdentitySet {
  public:
    static constexpr size_t kDefaultCapacity = size_t{24} << 20;  // about 380 MiB when full

    explicit IdentitySet(size_t capacity = kDefaultCapacity);

    // True when the identity is new. Thread-safe.
    bool insert(const Hash128& identity);

    // Says that insert() will follow, so that the memory it needs, hardly ever in a cache, is on
    // its way meanwhile. Thread-safe.
    void expect(const Hash128& identity) const;

    uint64_t forgotten() const;

  private:
    // Open addressing with linear probing; 0 marks a free place. `home`: keyed_hash() of the mark.
    struct Table {
        std::vector<uint64_t> places;
        size_t count = 0;
        bool contains(uint64_t mark, uint64_t home) const;
        bool insert(uint64_t mark, uint64_t home);  // false: it was there
        void grow();
    };
    struct alignas(64) Shard {
        mutable Latch latch;  // a mutex cost more than the look-up
        Table young;
        Table old;
        uint64_t forgotten = 0;
        // Where `young` lies, for expect(), which takes no latch: it may look at what is out of
        // date, and then fetches what nobody needs.
        std::atomic<uintptr_t> places{0};
        std::atomic<size_t> mask{0};
    };

    static constexpr size_t kShards = 64;
    size_t young_limit_;
    std::array<Shard, kShards> shards_;
};

}  // namespace yagura::pipeline
