// A set of 64-bit keys in about 18 bits each that never forgets a key and takes a foreign one for
// its own about once in 65,000.
//
// Binary fuse filter with three hashes and 16-bit fingerprints: Graf & Lemire, "Binary Fuse
// Filters: Fast and Smaller Than Xor Filters", ACM JEA 2022.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace yagura::store {

// Where a filter's three places for a key lie; 24 bytes that are kept beside the fingerprints.
struct FuseShape {
    uint64_t seed = 0;
    uint32_t segment_length = 0;  // a power of two
    uint32_t segment_count_length = 0;
    uint32_t array_length = 0;  // fingerprints; 0: an empty set
    uint32_t unused = 0;

    struct Places {
        std::array<uint32_t, 3> at;
        uint16_t fingerprint;
    };
    Places places(uint64_t key) const;
};
static_assert(sizeof(FuseShape) == 24);

struct FuseFilter {
    FuseShape shape;
    std::vector<uint16_t> fingerprints;
};

// `keys` must be distinct, at most 2^30. Takes about 50 ns per key.
FuseFilter build_fuse_filter(std::span<const uint64_t> keys);

}  // namespace yagura::store
