#include "finding/touched.h"

#include "base/hash.h"
#include "logtype/resource.h"

namespace yagura::finding {

uint64_t touched_rank(std::string_view key) {
    constexpr uint64_t kPart = uint64_t{1} << 63;
    return (hash64(key) >> 1) | (logtype::is_part(key) ? kPart : 0);
}

size_t Touched::add(
    uint64_t rank, std::string_view key, uint64_t count, StringPool& pool, bool room) {
    const auto place = std::find_if(all_.begin(), all_.end(), [&](const TouchedResource& one) {
        return one.rank > rank || (one.rank == rank && pool.text(one.key) >= key);
    });
    if (place != all_.end() && place->rank == rank && pool.text(place->key) == key) {
        place->count += count;
        return 0;
    }
    const bool is_full = all_.size() == kMost;
    if (!room || (is_full && place == all_.end())) {
        others_ += count;
        return 0;
    }
    const TouchedResource added{rank, pool.intern(key), count};
    all_.insert(place, added);
    if (!is_full) return 1;
    others_ += all_.back().count;
    all_.pop_back();
    return 0;
}

std::vector<TouchedResource> Touched::most(const StringPool& pool) const {
    std::vector<TouchedResource> out = all_;
    std::sort(out.begin(), out.end(), [&](const TouchedResource& a, const TouchedResource& b) {
        if (a.count != b.count) return a.count > b.count;
        return pool.text(a.key) < pool.text(b.key);
    });
    return out;
}

}  // namespace yagura::finding
