// Inside store/ only: what is behind a Writer, for the files that implement it and its workers.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "sql/database.h"
#include "store/seen_events.h"
#include "store/writer.h"
#include "store/writer_lock.h"

namespace yagura::store {

struct Writer::Impl {
    Impl(std::filesystem::path folder, const WriterOptions& wanted, WriterLock held, Catalog opened)
        : lake(std::move(folder)),
          options(wanted),
          lock(std::move(held)),
          catalog(std::move(opened)),
          seen(
              [this](const auto& type, auto from, auto to, const auto& visit) {
                  return load_seen(type, from, to, visit);
              },
              wanted.identity_bytes) {}

    std::filesystem::path lake;
    WriterOptions options;
    WriterLock lock;

    mutable std::mutex mutex;  // everything below but `seen`
    Catalog catalog;
    std::vector<Segment> segments;  // live ones
    int64_t next_segment = 1;
    int64_t next_object = 1;
    std::set<Sha256> under_way;  // contents some worker reads and has not committed
    WriterTotals totals;
    DecidedState decided;       // as found
    int64_t first_segment = 1;  // of this writer

    SeenEvents seen;  // takes its own lock first, then ours
    std::optional<sql::Connection> engine;
    std::mutex replay_mutex;  // of replay_engine; taken before ours
    std::optional<sql::Connection> replay_engine;

    Result<void> load_seen(const logtype::LogType& type,
                           Timestamp from,
                           Timestamp to,
                           const std::function<void(const Hash128&)>& visit);
    Result<Admission> admit_object(LedgerObject& object,
                                   int64_t& supersedes,
                                   const std::optional<source::Part>& part);
    int64_t take_segment_id();
    Result<void> commit(Commit commit, const WriterTotals& added);
    Result<std::unordered_set<uint64_t>> stored_ordinals(int64_t object);
};

}  // namespace yagura::store
