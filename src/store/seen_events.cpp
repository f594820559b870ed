#include "store/seen_events.h"

#include <algorithm>
#include <map>

#include "base/keyed_hash.h"
#include "base/latch.h"

namespace yagura::store {
namespace {

constexpr auto kHour = std::chrono::hours(1);

// Log types are few; hours of four-digit years fit 32 bits.
uint64_t key_of(const logtype::LogType& type, Timestamp hour) {
    const auto all = logtype::all();
    const auto index =
        static_cast<uint64_t>(std::find(all.begin(), all.end(), &type) - all.begin());
    const auto hours =
        std::chrono::duration_cast<std::chrono::hours>(hour.time_since_epoch()).count();
    return index << 40 | (static_cast<uint64_t>(hours) & 0xFFFFFFFFFF);
}

}  // namespace

// Open addressing over the identities; all-zero marks a free place.
struct SeenEvents::Hour {
    Latch latch;  // of what the identities need; the rest is the owner's
    std::vector<Hash128> places;
    size_t count = 0;
    bool has_zero = false;
    uint32_t holders = 0;
    std::list<uint64_t>::iterator use;

    bool insert(const Hash128& identity) {
        if (identity == Hash128{}) return !std::exchange(has_zero, true);
        if ((count + 1) * 4 > places.size() * 3) grow();
        const size_t mask = places.size() - 1;
        for (size_t i = keyed_hash(identity) & mask;; i = (i + 1) & mask) {
            if (places[i] == identity) return false;
            if (places[i] == Hash128{}) {
                places[i] = identity;
                ++count;
                return true;
            }
        }
    }

    void grow() {
        std::vector<Hash128> old(std::max<size_t>(32, places.size() * 2));
        old.swap(places);
        const size_t mask = places.size() - 1;
        for (const Hash128& identity : old) {
            if (identity == Hash128{}) continue;
            size_t i = keyed_hash(identity) & mask;
            while (!(places[i] == Hash128{})) i = (i + 1) & mask;
            places[i] = identity;
        }
    }

    size_t memory() const { return sizeof(Hour) + places.size() * sizeof(Hash128) + 64; }
};

SeenEvents::SeenEvents(Load load, size_t memory_limit)
    : load_(std::move(load)), memory_limit_(memory_limit) {}
SeenEvents::~SeenEvents() = default;

Result<bool> SeenEvents::insert(const logtype::LogType& type,
                                Timestamp time,
                                const Hash128& identity,
                                Holds& holds) {
    const uint64_t key = key_of(type, std::chrono::floor<std::chrono::hours>(time));
    if (Hour* const held = holds.find(key)) return insert_into(*held, identity);
    const std::lock_guard lock(mutex_);
    YAGURA_TRY(Hour* const hour, hour_of(type, time));
    if (!insert_into(*hour, identity)) return false;
    ++hour->holders;
    holds.add(key, hour);
    if (memory_ > memory_limit_) make_room();
    return true;
}

bool SeenEvents::insert_into(Hour& hour, const Hash128& identity) {
    const std::lock_guard lock(hour.latch);
    const size_t before = hour.memory();
    const bool is_new = hour.insert(identity);
    if (const size_t more = hour.memory() - before; more != 0) memory_ += more;
    return is_new;
}

Result<SeenEvents::Hour*> SeenEvents::hour_of(const logtype::LogType& type, Timestamp time) {
    const Timestamp start = std::chrono::floor<std::chrono::hours>(time);
    const uint64_t key = key_of(type, start);
    if (latest_ && by_use_.front() == key) return latest_;
    if (const auto found = hours_.find(key); found != hours_.end()) {
        by_use_.splice(by_use_.begin(), by_use_, found->second->use);
        return latest_ = found->second.get();
    }
    YAGURA_TRY(latest_, load(type, start));
    return latest_;
}

// Brings in an hour, and others that come with it unless they are there: what is there may know of
// events that are not committed.
Result<SeenEvents::Hour*> SeenEvents::load(const logtype::LogType& type, Timestamp wanted) {
    std::map<Timestamp, std::unique_ptr<Hour>> loaded;
    const auto visit = [&](Timestamp time, const Hash128& identity) {
        std::unique_ptr<Hour>& hour = loaded[std::chrono::floor<std::chrono::hours>(time)];
        if (!hour) hour = std::make_unique<Hour>();
        hour->insert(identity);
    };
    YAGURA_TRY(const Span span, load_(type, wanted, visit));
    for (Timestamp start = span.from; start < span.to; start += kHour) {
        const uint64_t key = key_of(type, start);
        if (start == wanted || hours_.contains(key)) continue;
        std::unique_ptr<Hour>& hour = loaded[start];
        keep(key, hour ? std::move(hour) : std::make_unique<Hour>());
    }
    std::unique_ptr<Hour>& hour = loaded[wanted];
    return keep(key_of(type, wanted), hour ? std::move(hour) : std::make_unique<Hour>());
}

SeenEvents::Hour* SeenEvents::keep(uint64_t key, std::unique_ptr<Hour> hour) {
    by_use_.push_front(key);
    hour->use = by_use_.begin();
    memory_ += hour->memory();
    return hours_.emplace(key, std::move(hour)).first->second.get();
}

void SeenEvents::release(Holds& holds) {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, hour] : holds.hours_) --hour->holders;
    holds = Holds();
    if (memory_ > memory_limit_) make_room();
}

SeenEvents::Hour* SeenEvents::Holds::find(uint64_t key) {
    if (latest_ && key == latest_key_) return latest_;
    const auto found = hours_.find(key);
    if (found == hours_.end()) return nullptr;
    latest_key_ = key;
    return latest_ = found->second;
}

void SeenEvents::Holds::add(uint64_t key, Hour* hour) {
    hours_.emplace(key, hour);
    latest_key_ = key;
    latest_ = hour;
}

void SeenEvents::forget() {
    const std::lock_guard lock(mutex_);
    std::erase_if(hours_, [&](const auto& entry) {
        if (entry.second->holders != 0) return false;
        memory_ -= entry.second->memory();
        by_use_.erase(entry.second->use);
        return true;
    });
    latest_ = nullptr;
}

void SeenEvents::make_room() {
    for (auto use = by_use_.end(); memory_ > memory_limit_ / 4 * 3 && use != by_use_.begin();) {
        --use;
        const auto found = hours_.find(*use);
        if (found->second->holders != 0 || use == by_use_.begin()) continue;
        memory_ -= found->second->memory();
        hours_.erase(found);
        use = by_use_.erase(use);
    }
}

}  // namespace yagura::store
