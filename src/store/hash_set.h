// A set of 64-bit hashes: open addressing, nothing but the hashes in memory.
//
//   HashSet seen;
//   if (seen.insert(hash64(text))) …first time…
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace yagura::store {

class HashSet {
  public:
    // True when it was not there.
    bool insert(uint64_t hash) {
        hash += hash == 0;  // zero marks a free place
        if ((count_ + 1) * 2 > table_.size()) grow();
        uint64_t& place = place_of(hash);
        if (place == hash) return false;
        place = hash;
        ++count_;
        return true;
    }

    // Says that insert() will follow soon, so that the memory it needs is on its way meanwhile.
    void expect(uint64_t hash) const {
        if (!table_.empty()) __builtin_prefetch(&table_[home_of(hash)], 1);
    }

    bool contains(uint64_t hash) const {
        hash += hash == 0;
        return count_ > 0 && const_cast<HashSet*>(this)->place_of(hash) == hash;
    }

    size_t size() const { return count_; }

    // Moves the hashes out, nearly in order; the set is empty then and keeps its memory.
    std::vector<uint64_t> take() {
        std::vector<uint64_t> out;
        out.reserve(count_);
        for (uint64_t& hash : table_) {
            if (hash != 0) out.push_back(std::exchange(hash, 0));
        }
        count_ = 0;
        return out;
    }

  private:
    size_t home_of(uint64_t hash) const { return hash >> shift_; }

    uint64_t& place_of(uint64_t hash) {
        const size_t mask = table_.size() - 1;
        size_t i = home_of(hash);
        while (table_[i] != 0 && table_[i] != hash) i = (i + 1) & mask;
        return table_[i];
    }

    void grow() {
        std::vector<uint64_t> old(std::max<size_t>(1024, table_.size() * 2));
        old.swap(table_);
        shift_ = std::countl_zero(table_.size()) + 1;
        for (const uint64_t hash : old) {
            if (hash != 0) place_of(hash) = hash;
        }
    }

    std::vector<uint64_t> table_;  // as many as a power of two, places by the hashes' upper bits
    int shift_ = 0;
    size_t count_ = 0;
};

}  // namespace yagura::store
