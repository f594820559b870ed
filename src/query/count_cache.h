// Counts by group, kept together with the segments they were made of.
//
//   if (const auto known = cache.find(key, segments)) … count only what is not in known->segments …
//   cache.put(key, {ids, groups});
//
// Segments never change, so a count over some of them stays right as long as they are there: when
// new ones come only those are read, and a screen that is opened again reads nothing. A key says
// everything that counts depend on beside the segments: text, log types and account scope. Of
// fields with too many values to keep, the answer alone is kept, for exactly the segments it was
// made of. Thread-safe; what is handed out is shared and never changes.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/keyed_hash.h"
#include "sql/value.h"

namespace yagura::query {

// How many events have these values, and when.
struct Group {
    std::vector<sql::Value> keys;
    uint64_t count = 0;
    Timestamp first = Timestamp::max(), last = Timestamp::min();  // where times were asked for
};

struct Facet;

class CountCache {
  public:
    static constexpr size_t kMostGroups = 100'000;  // of one count; larger ones are not kept
    static constexpr size_t kMostKept = 1'000'000;  // groups of all counts together
    static constexpr size_t kMostFacets = 256;

    // Another bound than kMostGroups is for tests.
    explicit CountCache(size_t most_groups = kMostGroups) : most_groups_(most_groups) {}
    size_t most_groups() const { return most_groups_; }

    struct Counted {
        std::vector<int64_t> segments;  // ids, ascending
        std::unordered_map<std::string, Group, KeyedTextHash> groups;
        bool is_too_large = false;  // nothing is kept, and trying again is no use
        bool is_whole = false;      // good for exactly these segments: rare groups are missing
    };

    // The latest count under a key, if all of its segments are among `segments` (ascending).
    std::shared_ptr<const Counted> find(const std::string& key,
                                        const std::vector<int64_t>& segments);
    void put(const std::string& key, std::shared_ptr<const Counted> counted);

    // The answer under a key that also names the segments, all of them; null: none is kept.
    std::shared_ptr<const Facet> find_facet(const std::string& key);
    void put_facet(const std::string& key, std::shared_ptr<const Facet> facet);

    // The place of a group in Counted::groups.
    static std::string place_of(const std::vector<sql::Value>& keys);

  private:
    struct Kept {
        std::string key;
        std::shared_ptr<const Counted> counted;
    };
    void forget(std::list<Kept>::iterator one);

    const size_t most_groups_;
    std::mutex mutex_;
    std::list<std::pair<std::string, std::shared_ptr<const Facet>>> facets_;  // the newest first
    std::list<Kept> kept_;  // most recently used first
    std::unordered_map<std::string, std::list<Kept>::iterator> by_key_;
    size_t groups_ = 0;
};

}  // namespace yagura::query
