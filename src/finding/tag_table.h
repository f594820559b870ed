// Finds numbered things by their content: a hash table that holds numbers and 32 bits of hash, the
// things themselves lie elsewhere.
//
//   TagTable table;
//   uint32_t id = table.find(hash, [&](uint32_t id) { return things[id] == wanted; });
//   if (id == 0) table.insert(hash, id = new_thing());
//
// Number 0 means none. Open addressing at a load of at most 3/4; a look-up touches a thing only
// when its hash agrees, and growing touches none. At most 2³¹ things. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace yagura::finding {

class TagTable {
  public:
    // The number of the thing with this hash for which `is_it(number)` holds, or 0.
    template <class IsIt>
    uint32_t find(uint64_t hash, IsIt&& is_it) const {
        if (places_.empty()) return 0;
        const auto tag = static_cast<uint32_t>(hash);
        for (size_t i = tag & mask();; i = (i + 1) & mask()) {
            const Place& place = places_[i];
            if (place.id == 0 || (place.tag == tag && is_it(place.id))) return place.id;
        }
    }

    // `id` is not 0, and its thing was not found.
    void insert(uint64_t hash, uint32_t id) {
        if (count_ * 4 >= places_.size() * 3) grow();
        put({static_cast<uint32_t>(hash), id});
        ++count_;
    }

    size_t size() const { return count_; }

    // Calls `visit(hash, id)` for all, in no order; of the hash only what find() needs.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const Place& place : places_) {
            if (place.id != 0) visit(uint64_t{place.tag}, place.id);
        }
    }

  private:
    struct Place {
        uint32_t tag = 0;
        uint32_t id = 0;  // 0 = free
    };

    size_t mask() const { return places_.size() - 1; }

    void put(const Place& place) {
        size_t i = place.tag & mask();
        while (places_[i].id != 0) i = (i + 1) & mask();
        places_[i] = place;
    }

    void grow() {
        std::vector<Place> before(places_.empty() ? 256 : places_.size() * 2);
        before.swap(places_);
        for (const Place& place : before) {
            if (place.id != 0) put(place);
        }
    }

    std::vector<Place> places_;
    size_t count_ = 0;
};

}  // namespace yagura::finding
