#include "store/fuse_filter.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/large_memory.h"

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

constexpr int kMostNearBits = 16;  // the three places and the fingerprint share 64 bits
constexpr int kNearTries = 8;

FuseShape shape_for(size_t keys, FuseShape::Layout layout) {
    const auto size = static_cast<double>(std::max<size_t>(keys, 2));
    FuseShape shape;
    shape.layout = layout;
    const int most = layout == FuseShape::Layout::near ? kMostNearBits : 18;
    const int bits =
        std::min(most, static_cast<int>(std::floor(std::log(size) / std::log(3.33) + 2.25)));
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

uint64_t scaled(uint64_t fraction, uint64_t size) {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(fraction) * size >> 64);
}

FuseShape::Places places_of(const FuseShape& shape, uint64_t key) {
    const uint64_t hash = mix(key + shape.seed);
    const uint32_t length = shape.segment_length;
    const uint32_t mask = length - 1;
    const auto bits = [&](int from) { return static_cast<uint32_t>(hash >> from) & mask; };
    FuseShape::Places places;
    if (shape.layout == FuseShape::Layout::near) {
        const uint64_t segment =
            scaled(key >> kOwnBits << kOwnBits, shape.segment_count_length / length);
        const auto start = static_cast<uint32_t>(segment) * length;
        places.at = {start + bits(32), start + length + bits(16), start + 2 * length + bits(0)};
        places.fingerprint = static_cast<uint16_t>(hash >> 48);
    } else {
        const auto first = static_cast<uint32_t>(scaled(hash, shape.segment_count_length));
        places.at = {first, (first + length) ^ bits(18), (first + 2 * length) ^ bits(0)};
        places.fingerprint = static_cast<uint16_t>(hash ^ hash >> 32);
    }
    return places;
}

// One place of the table while keys are peeled off: how many keys want it and the XOR of them.
struct Cell {
    uint64_t keys = 0;
    uint32_t count = 0;
};

struct Peeled {
    uint64_t key;
    uint32_t place;
};
using Order = std::vector<Peeled, LargeAllocator<Peeled>>;

// Orders the keys so that each has a place no later one wants; false when this seed has no such
// order.
bool peel(const FuseShape& shape, std::span<const uint64_t> keys, Order& order) {
    std::vector<Cell, LargeAllocator<Cell>> cells(shape.array_length);
    for (const uint64_t key : keys) {
        for (const uint32_t at : places_of(shape, key).at) {
            cells[at].keys ^= key;
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
        const uint64_t key = cells[place].keys;
        order.push_back({key, place});
        for (const uint32_t at : places_of(shape, key).at) {
            cells[at].keys ^= key;
            if (--cells[at].count == 1) alone.push_back(at);
        }
    }
    return order.size() == keys.size();
}

// Keys are chosen by whoever writes logs, and few suffice to make a seed fail that is known before.
// So the first depends on all keys, in whatever order: nobody knows it who does not know them all.
uint64_t first_seed(std::span<const uint64_t> keys) {
    uint64_t seed = 0x726b2b9d438b9d4dull;
    for (const uint64_t key : keys) seed += mix(key);
    return seed;
}

}  // namespace

FuseShape::Places FuseShape::places(uint64_t key) const {
    return places_of(*this, key);
}

bool FuseShape::is_possible() const {
    if (array_length == 0) return true;
    return std::has_single_bit(segment_length) &&
           (layout == Layout::spread || layout == Layout::near);
}

FuseFilter build_fuse_filter(std::span<const uint64_t> keys) {
    FuseFilter filter;
    if (keys.empty()) return filter;
    Order order;
    order.reserve(keys.size());
    // A seed fails about once in a hundred times; equal keys, which would fail for ever, are
    // excluded by contract. Keys made to crowd in one segment fail with every seed: those are
    // spread.
    filter.shape = shape_for(keys.size(), FuseShape::Layout::near);
    filter.shape.seed = first_seed(keys);
    for (int tries = 1; !peel(filter.shape, keys, order); ++tries) {
        const uint64_t seed = mix(filter.shape.seed + 0x9E3779B97F4A7C15ull);
        if (tries == kNearTries) filter.shape = shape_for(keys.size(), FuseShape::Layout::spread);
        filter.shape.seed = seed;
    }
    filter.fingerprints.assign(filter.shape.array_length, 0);
    for (auto peeled = order.rbegin(); peeled != order.rend(); ++peeled) {
        const FuseShape::Places places = places_of(filter.shape, peeled->key);
        uint16_t value = places.fingerprint;
        for (const uint32_t at : places.at) {
            if (at != peeled->place) value ^= filter.fingerprints[at];
        }
        filter.fingerprints[peeled->place] = value;
    }
    return filter;
}

}  // namespace yagura::store
