// What first-seen rules have seen: combinations of values with the time they were last there.
//
//   FirstSeenMemory memory(targets);
//   YAGURA_CHECK(memory.load(path));            // no file: it starts empty
//   memory.learn(rule, time, tuple, entity);    // warm-up, in any order
//   YAGURA_CHECK(memory.save(path));
//
// A combination is told when it was not there within the rule's history, the rule has looked for at
// least its learning period, and the entity is known for at least the entity age. Bounded: a rule
// remembers kMaxTuples combinations and as many entities, then forgets the older half of them,
// counted. One rule is used by one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detect/signal.h"
#include "detect/targets.h"
#include "detect/windows.h"

namespace yagura::detect {

// Time by the hash of something, bounded. Open addressing, 16 bytes a place.
class TimeTable {
  public:
    // The time kept for `hash`, or null.
    int64_t* find(uint64_t hash);
    void put(uint64_t hash, int64_t time);
    // Keeps what is at or after `time`; returns how many went.
    uint64_t drop_before(int64_t time);
    // Drops the older half, by time and hash.
    uint64_t drop_older_half();
    size_t size() const { return size_; }
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (const Place& place : places_) {
            if (place.time != kFree) visit(place.hash, place.time);
        }
    }

  private:
    static constexpr int64_t kFree = INT64_MIN;
    struct Place {
        uint64_t hash = 0;
        int64_t time = kFree;
    };
    size_t place_of(uint64_t hash) const;
    void rebuild(size_t capacity, int64_t keep_from);

    std::vector<Place> places_;
    size_t size_ = 0;
};

// The memory of one rule.
class FirstSeenTracker {
  public:
    FirstSeenTracker(const match::FirstSeen& rule, uint32_t target, size_t max_tuples);

    // In the order of is_before().
    void add(const Signal& signal, std::vector<Decided>& out);
    void learn(int64_t time, uint64_t tuple, uint64_t entity);
    uint64_t forgotten() const { return forgotten_; }

  private:
    friend class FirstSeenMemory;
    void remember(TimeTable& table, uint64_t hash, int64_t time);

    const match::FirstSeen* rule_;
    uint32_t target_;
    size_t max_tuples_;
    int64_t began_ = INT64_MAX;  // first match of all
    bool is_known_ = false;
    TimeTable tuples_;    // last seen
    TimeTable entities_;  // first seen
    uint64_t forgotten_ = 0;
};

class FirstSeenMemory {
  public:
    static constexpr size_t kMaxTuples = 1'000'000;

    explicit FirstSeenMemory(const Targets& targets, size_t max_tuples = kMaxTuples);

    FirstSeenTracker& of(uint32_t target) { return trackers_[target - first_target_]; }

    // A match from before: `values` of the rule's fields, `entity` those of its entity. Rules by
    // their place among the first-seen rules. Needs no order; call before events are decided.
    void learn(size_t rule,
               int64_t time,
               std::span<const std::optional<std::string_view>> values,
               std::span<const std::optional<std::string_view>> entity);

    // Takes up what a file says about rules that still ask the same; a missing file says nothing.
    // A file that is damaged or of another version is an error and changes nothing.
    Result<void> load(const std::filesystem::path& path);
    // Writes under another name and renames. The file has the rules of this memory only.
    Result<void> save(const std::filesystem::path& path) const;
    // False until something about the rule was learnt or loaded, even that it saw nothing.
    bool knows(size_t rule) const { return trackers_[rule].is_known_; }
    void set_known(size_t rule) { trackers_[rule].is_known_ = true; }

    // What load() and save() read and write.
    std::string encode() const;
    Result<void> decode(std::string_view bytes, std::string_view name);

    uint64_t tuples() const;
    uint64_t forgotten() const;

  private:
    uint32_t first_target_;
    std::vector<FirstSeenTracker> trackers_;
};

// Signal::group of a correlation's key.
uint64_t group_of(std::span<const std::optional<std::string_view>> values);

// The hash of a combination of values under which signals and learn() keep it.
uint64_t hash_values(std::span<const std::optional<std::string_view>> values, uint64_t seed = 0);

}  // namespace yagura::detect
