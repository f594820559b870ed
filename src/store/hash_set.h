// A set of 64-bit hashes: open addressing, nothing but the hashes in memory.
//
//   HashSet seen;
//   if (seen.insert(hash64(text))) …first time…
//
// Texts whose hashes crowd in one part of the table are easily made, so a search is short: what
// finds no place near its own goes to a tree. Whatever is inserted, insert() and contains() take
// O(log n).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "base/large_memory.h"

namespace yagura::store {

class HashSet {
  public:
    // True when it was not there.
    bool insert(uint64_t hash) {
        hash += hash == 0;  // zero marks a free place
        if (count_ >= room_) grow();
        return settle(hash);
    }

    // Says that insert() will follow soon, so that the memory it needs is on its way meanwhile.
    void expect(uint64_t hash) const {
        if (!table_.empty()) __builtin_prefetch(&table_[home_of(hash)], 1);
    }

    bool contains(uint64_t hash) const {
        hash += hash == 0;
        if (size() == 0) return false;
        const uint64_t found = *place_of(table_.data(), hash);
        return found == hash || (found != 0 && crowded_.contains(hash));
    }

    size_t size() const { return count_ + crowded_.size(); }

    // Room for as many, so that they are not moved while they come.
    void reserve(size_t hashes) {
        if (hashes > room_) resize(std::bit_ceil(hashes * 2));
    }

    // Moves the hashes out, nearly in order; the set is empty then and keeps its table.
    std::vector<uint64_t> take() {
        std::vector<uint64_t> out;
        out.reserve(size());
        for (uint64_t& hash : table_) {
            if (hash != 0) out.push_back(std::exchange(hash, 0));
        }
        out.insert(out.end(), crowded_.begin(), crowded_.end());
        crowded_.clear();
        count_ = 0;
        return out;
    }

  private:
    // Many times what a half full table of honest hashes ever needs.
    static constexpr size_t kFarthest = 512;

    size_t home_of(uint64_t hash) const { return hash >> shift_; }

    // Where it is or may be put, or the last place that is looked at.
    template <class Place>
    Place* place_of(Place* table, uint64_t hash) const {
        Place* place = table + home_of(hash);
        Place* const last = place + kFarthest;
        while (*place != 0 && *place != hash && place != last) ++place;
        return place;
    }

    bool settle(uint64_t hash) {
        uint64_t& place = *place_of(table_.data(), hash);
        if (place == hash) return false;
        if (place != 0) return crowded_.insert(hash).second;
        place = hash;
        ++count_;
        return true;
    }

    void grow() { resize(std::max<size_t>(1024, room_ * 4)); }

    void resize(size_t homes) {
        Table old(homes + kFarthest);
        old.swap(table_);
        room_ = homes / 2;
        shift_ = std::countl_zero(homes) + 1;
        count_ = 0;
        std::set<uint64_t> crowded;
        crowded.swap(crowded_);
        for (const uint64_t hash : old) {
            if (hash != 0) settle(hash);
        }
        for (const uint64_t hash : crowded) settle(hash);
    }

    using Table = std::vector<uint64_t, LargeAllocator<uint64_t>>;

    // A power of two of homes, by the hashes' upper bits, and room behind the last one.
    Table table_;
    size_t room_ = 0;  // half as many as there are homes
    int shift_ = 0;
    size_t count_ = 0;  // in the table
    std::set<uint64_t> crowded_;
};

}  // namespace yagura::store
