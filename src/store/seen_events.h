// The events a lake already holds, as far as a writer needs to know them.
//
// Kept by log type and hour of event time: the first event of an hour brings in the identities of
// all rows stored for that hour, so the answer is exact however old the duplicate. Where rows are
// few those of the whole day come at once, as asking costs more than they do. Hours untouched for
// long are dropped when memory runs short and read again when needed. Thread-safe; threads that
// hold an hour meet only at its latch.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "logtype/log_type.h"

namespace yagura::store {

class SeenEvents {
  public:
    // Delivers the identities stored for a log type and the hour from `hour` on, or the whole day
    // it is in, with their times; returns which hours those were, [from, to).
    using Visit = std::function<void(Timestamp time, const Hash128&)>;
    struct Span {
        Timestamp from{}, to{};
    };
    using Load = std::function<Result<Span>(
        const logtype::LogType& type, Timestamp hour, const Visit& visit)>;

    SeenEvents(Load load, size_t memory_limit);
    ~SeenEvents();

    // The hours in which one thread has uncommitted events; they stay in memory until released.
    class Holds;

    // True when the event is new; it then counts as seen. `holds`, the caller's own, collects what
    // release() must be given once the event is committed, or will never be.
    Result<bool> insert(const logtype::LogType& type,
                        Timestamp time,
                        const Hash128& identity,
                        Holds& holds);
    void release(Holds& holds);
    // Hours without uncommitted events are read anew when they are needed: rows were taken out.
    void forget();

  private:
    struct Hour;
    bool insert_into(Hour& hour, const Hash128& identity);
    Result<Hour*> hour_of(const logtype::LogType& type, Timestamp time);
    Result<Hour*> load(const logtype::LogType& type, Timestamp wanted);
    Hour* keep(uint64_t key, std::unique_ptr<Hour> hour);
    void make_room();

    Load load_;
    size_t memory_limit_;
    std::mutex mutex_;
    std::unordered_map<uint64_t, std::unique_ptr<Hour>> hours_;
    std::list<uint64_t> by_use_;  // most recent first
    Hour* latest_ = nullptr;      // by_use_.front(), if any
    std::atomic<size_t> memory_{0};
};

class SeenEvents::Holds {
  private:
    friend class SeenEvents;
    Hour* find(uint64_t key);
    void add(uint64_t key, Hour* hour);

    std::unordered_map<uint64_t, Hour*> hours_;
    uint64_t latest_key_ = 0;
    Hour* latest_ = nullptr;
};

}  // namespace yagura::store
