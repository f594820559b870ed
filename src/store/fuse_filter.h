// A set of 64-bit keys in about 18 bits each that never forgets a key and takes a foreign one for
// its own about once in 65,000.
//
// Binary fuse filter with three hashes and 16-bit fingerprints: Graf & Lemire, "Binary Fuse
// Filters: Fast and Smaller Than Xor Filters", ACM JEA 2022. Its segments are chosen by the upper
// part of the key alone, so that keys which share it (see kOwnBits) are looked up in the same few
// pages.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace yagura::store {

// Keys that differ in these lowest bits only lie close together.
constexpr int kOwnBits = 24;

// Where a filter's three places for a key lie; 24 bytes that are kept beside the fingerprints.
struct FuseShape {
    enum class Layout : uint32_t {
        spread = 0,  // by the whole key: lakes of before, and keys that crowd too much
        near = 1,    // segments by the upper part of the key
    };
    uint64_t seed = 0;
    uint32_t segment_length = 0;  // a power of two
    uint32_t segment_count_length = 0;
    uint32_t array_length = 0;  // fingerprints; 0: an empty set
    Layout layout = Layout::spread;

    struct Places {
        std::array<uint32_t, 3> at;
        uint16_t fingerprint;
    };
    Places places(uint64_t key) const;

    // False for what no filter has, such as from a hostile file. Places may lie beyond the
    // fingerprints even so.
    bool is_possible() const;
};
static_assert(sizeof(FuseShape) == 24);

struct FuseFilter {
    FuseShape shape;
    std::vector<uint16_t> fingerprints;
};

// `keys` must be distinct, at most 2^30; quickest when they come in order. Takes about 50 ns per
// key.
FuseFilter build_fuse_filter(std::span<const uint64_t> keys);

}  // namespace yagura::store
