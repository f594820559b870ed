// One match on its way to the rules over several events: when, of which group, worth what.
//
// Signals are small and plain, so that millions are sorted, merged and written to a temporary file.
// What a person will want to read about the event lies in an EvidenceLog (evidence.h); `evidence`
// says where.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "base/large_memory.h"

namespace yagura::detect {

struct Signal {
    int64_t time = 0;        // of the event, microseconds
    uint64_t identity = 0;   // of the event: the order of equal times, the same in every run
    uint64_t group = 0;      // hash of the group key; of a first-seen rule the hash of the entity
    uint64_t value = 0;      // hash of the counted tuple, or the bits of a double
    uint64_t evidence = 0;   // place in the evidence
    uint32_t target = 0;     // which correlation or first-seen rule (targets.h)
    uint16_t reference = 0;  // of the correlation's references, which
    uint16_t key = 0;        // which of the keys kept with the evidence is the group's
};

// Hashes of groups have 56 bits, those of counted values 40: signals that are kept in a lake take
// the less room. Of a million groups two are the same once in a hundred thousand times; of a
// thousand values of one group once in two million.
constexpr uint64_t kGroupBits = ~uint64_t{0xFF};
constexpr uint64_t kValueBits = ~uint64_t{0xFFFFFF};

using Signals = std::vector<Signal, LargeAllocator<Signal>>;

// The one order in which state is changed. Arrival, workers and shards never matter.
inline bool is_before(const Signal& a, const Signal& b) {
    return std::tie(a.time, a.identity, a.target, a.reference, a.group, a.value) <
           std::tie(b.time, b.identity, b.target, b.reference, b.group, b.value);
}

// State is kept in this many parts that do not know of each other; a part is worked on by one
// thread. The number is fixed, so that bounds bite at the same place however many cores there are.
constexpr uint32_t kShards = 16;

}  // namespace yagura::detect
