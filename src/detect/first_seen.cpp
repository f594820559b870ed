#include "detect/first_seen.h"

#include <algorithm>

#include "base/keyed_hash.h"

namespace yagura::detect {
namespace {

int64_t before(int64_t time, int64_t span) {
    int64_t difference = 0;
    return __builtin_sub_overflow(time, span, &difference) ? INT64_MIN : difference;
}

}  // namespace

uint64_t hash_values(std::span<const std::optional<std::string_view>> values, uint64_t seed) {
    // Absent and empty are different values, and ("ab", "c") is not ("a", "bc").
    for (const auto& value : values) seed = value ? hash64(*value, seed) : hash64("absent", ~seed);
    return seed;
}

uint64_t group_of(std::span<const std::optional<std::string_view>> values) {
    return hash_values(values) & kGroupBits;
}

size_t TimeTable::place_of(uint64_t hash) const {
    const size_t mask = places_.size() - 1;
    size_t i = keyed_hash(hash) & mask;
    while (places_[i].time != kFree && places_[i].hash != hash) i = (i + 1) & mask;
    return i;
}

int64_t* TimeTable::find(uint64_t hash) {
    if (places_.empty()) return nullptr;
    Place& place = places_[place_of(hash)];
    return place.time == kFree ? nullptr : &place.time;
}

void TimeTable::put(uint64_t hash, int64_t time) {
    if (time == kFree) return;
    if ((size_ + 1) * 4 > places_.size() * 3)
        rebuild(std::max<size_t>(64, places_.size() * 2), kFree);
    Place& place = places_[place_of(hash)];
    size_ += place.time == kFree ? 1 : 0;
    place = {hash, time};
}

void TimeTable::rebuild(size_t capacity, int64_t keep_from) {
    std::vector<Place> old(capacity);
    old.swap(places_);
    size_ = 0;
    for (const Place& place : old) {
        if (place.time == kFree || place.time < keep_from) continue;
        places_[place_of(place.hash)] = place;
        ++size_;
    }
}

uint64_t TimeTable::drop_before(int64_t time) {
    const size_t had = size_;
    if (had > 0) rebuild(places_.size(), time);
    return had - size_;
}

uint64_t TimeTable::drop_older_half() {
    std::vector<Place> all;
    for_each([&](uint64_t hash, int64_t time) { all.push_back({hash, time}); });
    const size_t half = all.size() / 2;
    std::nth_element(all.begin(),
                     all.begin() + static_cast<ptrdiff_t>(half),
                     all.end(),
                     [](const Place& a, const Place& b) {
                         return a.time != b.time ? a.time < b.time : a.hash < b.hash;
                     });
    places_.assign(places_.size(), {});
    size_ = all.size() - half;
    for (size_t i = half; i < all.size(); ++i) places_[place_of(all[i].hash)] = all[i];
    return half;
}

FirstSeenTracker::FirstSeenTracker(const match::FirstSeen& rule, uint32_t target, size_t max_tuples)
    : rule_(&rule), target_(target), max_tuples_(std::max<size_t>(max_tuples, 2)) {}

void FirstSeenTracker::add(const Signal& signal, std::vector<Decided>& out) {
    const int64_t now = signal.time;
    began_ = std::min(began_, now);
    const int64_t* entity = entities_.find(signal.group);
    const int64_t known_since = entity ? *entity : now;
    if (!entity) remember(entities_, signal.group, now);
    const int64_t* last = tuples_.find(signal.value);
    const bool seen = last && (rule_->history <= 0 || *last > before(now, rule_->history));
    remember(tuples_, signal.value, std::max(last ? *last : now, now));
    const bool learnt =
        before(now, rule_->learning) >= began_ && before(now, rule_->entity_age) >= known_since;
    if (seen || !learnt) return;
    Decided decided{.time = now,
                    .group = signal.value,
                    .opened = now,
                    .first = now,
                    .last = now,
                    .measured = 1,
                    .events = 1};
    decided.evidence_of_key = signal.evidence;
    decided.target = target_;
    decided.key = signal.key;
    decided.evidence_count = 1;
    decided.evidence[0] = signal.evidence;
    out.push_back(decided);
}

void FirstSeenTracker::learn(int64_t time, uint64_t tuple, uint64_t entity) {
    began_ = std::min(began_, time);
    const int64_t* known = entities_.find(entity);
    remember(entities_, entity, known ? std::min(*known, time) : time);
    const int64_t* last = tuples_.find(tuple);
    remember(tuples_, tuple, last ? std::max(*last, time) : time);
}

// What is out of the history anyway goes first.
void FirstSeenTracker::remember(TimeTable& table, uint64_t hash, int64_t time) {
    if (table.size() >= max_tuples_ && !table.find(hash)) {
        if (&table == &tuples_ && rule_->history > 0)
            table.drop_before(before(time, rule_->history));
        if (table.size() >= max_tuples_ / 4 * 3) forgotten_ += table.drop_older_half();
    }
    table.put(hash, time);
}

FirstSeenMemory::FirstSeenMemory(const Targets& targets, size_t max_tuples)
    : first_target_(targets.correlation_count()) {
    uint32_t target = first_target_;
    for (const match::FirstSeen& rule : targets.all_first_seen())
        trackers_.emplace_back(rule, target++, max_tuples);
}

void FirstSeenMemory::learn(size_t rule,
                            int64_t time,
                            std::span<const std::optional<std::string_view>> values,
                            std::span<const std::optional<std::string_view>> entity) {
    trackers_[rule].learn(time, hash_values(values), hash_values(entity));
}

uint64_t FirstSeenMemory::tuples() const {
    uint64_t sum = 0;
    for (const FirstSeenTracker& tracker : trackers_) sum += tracker.tuples_.size();
    return sum;
}

uint64_t FirstSeenMemory::forgotten() const {
    uint64_t sum = 0;
    for (const FirstSeenTracker& tracker : trackers_) sum += tracker.forgotten_;
    return sum;
}

}  // namespace yagura::detect
