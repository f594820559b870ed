// The resources the matches of a finding were about, and how often.
//
//   touched.add(touched_rank(key), key, 1, pool);      // for each resource of each match
//   touched.merge(theirs, [&](StringId id) { return their_pool.text(id); }, pool);
//   for (const TouchedResource& one : touched.most(pool)) …
//
// At most kMost are told apart, so that a log made to name millions of things costs no memory. Of
// more than that, those stay that come first by a hash of their key, things before mere parts of
// them (objects, streams): a choice that every part of the matches makes alike. So those that stay
// and their counts, which are exact, depend on neither the order nor the number of workers. All
// others are counted together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "finding/string_pool.h"

namespace yagura::finding {

struct TouchedResource {
    uint64_t rank = 0;
    StringId key = 0;  // as in logtype/resource.h
    uint64_t count = 0;
};

// What decides which stay.
uint64_t touched_rank(std::string_view key);

class Touched {
  public:
    static constexpr size_t kMost = 20;

    // `rank` is that of `key`, which goes into `pool` only if it stays. Without `room` a key that
    // is not known yet counts among the others. Returns how many more are told apart.
    size_t add(
        uint64_t rank, std::string_view key, uint64_t count, StringPool& pool, bool room = true);

    // `text_of(id)` is the key of a resource of `theirs`.
    template <class TextOf>
    size_t merge(const Touched& theirs, const TextOf& text_of, StringPool& pool, bool room = true) {
        size_t added = 0;
        for (const TouchedResource& one : theirs.all_)
            added += add(one.rank, text_of(one.key), one.count, pool, room);
        others_ += theirs.others_;
        return added;
    }

    // How often matches were about resources that are not told apart.
    uint64_t others() const { return others_; }
    const std::vector<TouchedResource>& all() const { return all_; }  // by rank

    // The most touched first; ties by key.
    std::vector<TouchedResource> most(const StringPool& pool) const;

  private:
    std::vector<TouchedResource> all_;  // by rank and key
    uint64_t others_ = 0;
};

}  // namespace yagura::finding
