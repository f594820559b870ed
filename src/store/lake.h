// A lake as its readers see it: log types, segments, objects. Never blocked by a writer, never
// blocking one.
//
//   YAGURA_TRY(auto lake, Lake::open(dir));
//   YAGURA_TRY(auto snapshot, lake.snapshot());
//   for (const Segment* s : snapshot.segments("cloudtrail", {.from = a, .to = b}))
//   ...read_parquet(lake.path_of(*s))...
//
// A snapshot is the lake of one moment. Files of segments replaced since stay for as long as any
// copy of it does (reader_lock.h), so let go of it when done. On file systems without locks they
// stay for the writer's grace period (ten minutes); a reader that finds one gone takes a new
// snapshot and starts again. A Lake holds nothing by itself, and belongs to one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sql/database.h"
#include "store/catalog.h"
#include "store/reader_lock.h"
#include "store/schema.h"
#include "store/side_index.h"

namespace yagura::store {

// The segments of one moment. Copies share their content; safe to hand to other threads.
class Snapshot {
  public:
    // Names of the log types that have rows, sorted.
    std::vector<std::string> log_types() const;

    // Live segments of a log type that may hold rows in the range, oldest first.
    std::vector<const Segment*> segments(std::string_view log_type,
                                         const TimeRange& range = {}) const;

    // False when the segment's side index says that not every one of these tokens (see tokens.h)
    // occurs in it: in this column, or with an empty name in any.
    bool may_hold(const Segment& segment,
                  std::span<const std::string> tokens,
                  std::string_view column) const;

    const std::filesystem::path& lake() const { return lake_; }
    std::string path_of(const Segment& segment) const { return (lake_ / segment.file).string(); }

    // SQL text that reads those segments as one table with all columns of the log type, missing
    // ones as NULL:
    // "(SELECT … FROM (…read_parquet([…])))". With no segments it is an empty table of the same
    // columns.
    std::string table_sql(const Schema& schema, std::span<const Segment* const> segments) const;

    // The segment's side index; null when it is missing or damaged, and anything may be in the
    // segment.
    std::shared_ptr<const SideIndex> index_of(const Segment& segment) const;

    // True when a file of this moment is gone: it could not be held, take a new snapshot.
    bool is_outdated() const;

    // What went wrong when these segments were read: the first of them that is missing or not what
    // was written, or else `error` as it is. Reads them all.
    Error cause_of(Error error, std::span<const Segment* const> segments) const;

    // Numbers the moments of one Lake: under the same number are the same segments.
    uint64_t moment() const { return moment_; }

    uint64_t rows() const;
    uint64_t bytes() const;

  private:
    friend class Lake;
    std::filesystem::path lake_;
    uint64_t moment_ = 0;
    std::shared_ptr<const ReaderLock> reading_;         // with all snapshots of the moment
    std::shared_ptr<const std::vector<Segment>> live_;  // sorted by log type, time
    std::shared_ptr<SideIndexes> indexes_;              // opened as asked for
};

class Lake {
  public:
    // Code::not_found when `folder` holds no lake, Code::unsupported when a newer program wrote it.
    static Result<Lake> open(const std::filesystem::path& folder);

    // The lake as it is now; cheap when nothing changed.
    Result<Snapshot> snapshot();

    // Where a row came from, by its object_id.
    Result<std::optional<LedgerObject>> object(int64_t id) { return catalog_.object(id); }
    Catalog& catalog() { return catalog_; }

    const std::filesystem::path& folder() const { return folder_; }

    // A query engine that can read this lake's files and nothing else.
    Result<sql::Database> engine(sql::Options options = {}) const;

  private:
    Lake(std::filesystem::path folder, Catalog catalog)
        : folder_(std::move(folder)), catalog_(std::move(catalog)) {
        latest_.lake_ = folder_;
    }
    void take(SegmentList now);

    std::filesystem::path folder_;
    Catalog catalog_;
    int64_t version_ = -1;
    int64_t generation_ = 0;
    Snapshot latest_;                          // holds nothing
    std::weak_ptr<const ReaderLock> reading_;  // of its copies
};

}  // namespace yagura::store
