// Inside store/ only: what is behind a Writer, for the files that implement it and its workers.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "sql/database.h"
#include "store/known_objects.h"
#include "store/publisher.h"
#include "store/seen_events.h"
#include "store/segment_team.h"
#include "store/writer.h"
#include "store/writer_lock.h"

namespace yagura::store {

// A catalog that several threads use: `catalog->latest_at(path)` holds it for that one call. It has
// a lock of its own, since a commit takes a while and nobody should wait for it to begin an object.
class SharedCatalog {
  public:
    explicit SharedCatalog(Catalog catalog) : catalog_(std::move(catalog)) {}

    class Held {
      public:
        explicit Held(SharedCatalog& owner) : lock_(owner.mutex_), catalog_(&owner.catalog_) {}
        Catalog* operator->() { return catalog_; }
        Catalog& operator*() { return *catalog_; }

      private:
        std::unique_lock<std::mutex> lock_;
        Catalog* catalog_;
    };
    Held operator->() { return Held(*this); }
    Held hold() { return Held(*this); }

  private:
    std::mutex mutex_;  // may be waited for while Writer::Impl::mutex is held, never the reverse
    Catalog catalog_;
};

struct Writer::Impl {
    Impl(std::filesystem::path folder, const WriterOptions& wanted, WriterLock held, Catalog opened)
        : lake(std::move(folder)),
          options(wanted),
          lock(std::move(held)),
          catalog(std::move(opened)),
          seen(
              [this](const auto& type, auto hour, const auto& visit) {
                  return load_seen(type, hour, visit);
              },
              wanted.identity_bytes) {}

    std::filesystem::path lake;
    WriterOptions options;
    WriterLock lock;

    SharedCatalog catalog;
    mutable std::mutex mutex;       // everything below but `seen`
    std::vector<Segment> segments;  // live ones
    int64_t generation = 0;         // of a list that has them all
    int64_t next_segment = 1;
    int64_t next_object = 1;
    KnownObjects known{0, {}};   // of the catalog's objects
    std::set<Sha256> under_way;  // contents some worker reads and has not committed
    // Objects with the same bytes as one that is under way. They go into the ledger with it and not
    // before: a crash in between would leave a lake that knows the content and has no rows of it.
    std::map<Sha256, std::vector<LedgerObject>> twins;
    WriterTotals totals;
    DecidedState decided;           // as found
    int64_t first_segment = 1;      // of this writer
    std::vector<uint64_t> streams;  // whose signals are kept

    SeenEvents seen;   // takes its own lock first, then ours
    SegmentTeam team;  // nobody calls it with a lock
    Publisher disk;
    std::atomic<size_t> buffered{0};  // bytes of rows that wait for their commit
    std::optional<sql::Connection> engine;
    std::mutex replay_mutex;  // of replay_engine; taken before ours
    std::optional<sql::Connection> replay_engine;

    Result<SeenEvents::Span> load_seen(const logtype::LogType& type,
                                       Timestamp hour,
                                       const SeenEvents::Visit& visit);
    struct Admitted {
        Admission admission;
        std::optional<LedgerObject> superseded;  // by the object
        bool is_twin = false;  // of one that is under way: nothing is left to do for it
    };
    // Fills in what the ledger knows about the object; gives it an id when it is new.
    Result<Admitted> admit_object(LedgerObject& object, const std::optional<source::Part>& part);
    // Of the objects that a commit ends: what goes into the ledger with them.
    std::vector<LedgerObject> take_twins(const std::vector<LedgerObject>& ended);
    // As the catalog knows it; `mutex` is held.
    Result<std::optional<LedgerObject>> latest_at(const std::string& path);
    int64_t take_segment_id();
    Result<void> commit(Commit commit, const WriterTotals& added);
    Result<std::unordered_set<uint64_t>> stored_ordinals(int64_t object);
};

}  // namespace yagura::store
