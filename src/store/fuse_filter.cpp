#include "store/fuse_filter.h"

#include <algorithm>
#include <cmath>

namespace yagura::store {
namespace {

// MurmurHash3's finaliser.
uint64_t mix(uint64_t h) {
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdull;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ull;
    return h ^ h >> 33;
}

FuseShape shape_for(size_t keys) {
    const auto size = static_cast<double>(std::max<size_t>(keys, 2));
    FuseShape shape;
    const int bits =
        std::min(18, static_cast<int>(std::floor(std::log(size) / std::log(3.33) + 2.25)));
    shape.segment_length = 1u << bits;
    const double factor = std::max(1.125, 0.875 + 0.25 * std::log(1e6) / std::log(size));
    const auto capacity = static_cast<uint64_t>(std::round(size * factor));
    const auto segments =
        static_cast<int64_t>((capacity + shape.segment_length - 1) / shape.segment_length) - 2;
    const auto count = static_cast<uint32_t>(std::max<int64_t>(1, segments));
    shape.segment_count_length = count * shape.segment_length;
    shape.array_length = (count + 2) * shape.segment_length;
    return shape;
}

FuseShape::Places places_of(const FuseShape& shape, uint64_t hash) {
    const auto high = static_cast<uint64_t>(
        static_cast<unsigned __int128>(hash) * shape.segment_count_length >> 64);
    const uint32_t mask = shape.segment_length - 1;
    FuseShape::Places places;
    places.at[0] = static_cast<uint32_t>(high);
    places.at[1] =
        (places.at[0] + shape.segment_length) ^ (static_cast<uint32_t>(hash >> 18) & mask);
    places.at[2] = (places.at[0] + 2 * shape.segment_length) ^ (static_cast<uint32_t>(hash) & mask);
    places.fingerprint = static_cast<uint16_t>(hash ^ hash >> 32);
    return places;
}

// One place of the table while keys are peeled off: how many keys want it and the XOR of their
// hashes.
struct Cell {
    uint64_t hashes = 0;
    uint32_t count = 0;
};

struct Peeled {
    uint64_t hash;
    uint32_t place;
};

// Orders the keys so that each has a place no later one wants; false when this seed has no such
// order.
bool peel(const FuseShape& shape, std::span<const uint64_t> keys, std::vector<Peeled>& order) {
    std::vector<Cell> cells(shape.array_length);
    for (const uint64_t key : keys) {
        const uint64_t hash = mix(key + shape.seed);
        for (const uint32_t at : places_of(shape, hash).at) {
            cells[at].hashes ^= hash;
            ++cells[at].count;
        }
    }
    std::vector<uint32_t> alone;
    for (uint32_t at = 0; at < cells.size(); ++at) {
        if (cells[at].count == 1) alone.push_back(at);
    }
    order.clear();
    while (!alone.empty()) {
        const uint32_t place = alone.back();
        alone.pop_back();
        if (cells[place].count != 1) continue;
        const uint64_t hash = cells[place].hashes;
        order.push_back({hash, place});
        for (const uint32_t at : places_of(shape, hash).at) {
            cells[at].hashes ^= hash;
            if (--cells[at].count == 1) alone.push_back(at);
        }
    }
    return order.size() == keys.size();
}

}  // namespace

FuseShape::Places FuseShape::places(uint64_t key) const {
    return places_of(*this, mix(key + seed));
}

FuseFilter build_fuse_filter(std::span<const uint64_t> keys) {
    FuseFilter filter;
    if (keys.empty()) return filter;
    filter.shape = shape_for(keys.size());
    std::vector<Peeled> order;
    order.reserve(keys.size());
    // A seed fails about once in a hundred times; equal keys, which would fail for ever, are
    // excluded by contract.
    for (filter.shape.seed = 0x726b2b9d438b9d4dull; !peel(filter.shape, keys, order);) {
        filter.shape.seed = mix(filter.shape.seed + 0x9E3779B97F4A7C15ull);
    }
    filter.fingerprints.assign(filter.shape.array_length, 0);
    for (auto peeled = order.rbegin(); peeled != order.rend(); ++peeled) {
        const FuseShape::Places places = places_of(filter.shape, peeled->hash);
        uint16_t value = places.fingerprint;
        for (const uint32_t at : places.at) {
            if (at != peeled->place) value ^= filter.fingerprints[at];
        }
        filter.fingerprints[peeled->place] = value;
    }
    return filter;
}

}  // namespace yagura::store
