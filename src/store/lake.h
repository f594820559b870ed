// A lake as its readers see it: log types, segments, objects. Never blocked by a writer, never
// blocking one.
//
//   YAGURA_TRY(auto lake, Lake::open(dir));
//   YAGURA_TRY(auto snapshot, lake.snapshot());
//   for (const Segment* s : snapshot.segments("cloudtrail", {.from = a, .to = b}))
//   ...read_parquet(lake.path_of(*s))...
//
// A snapshot is the lake of one moment. Files of segments replaced since stay readable for the
// writer's grace period (ten minutes); a reader that finds one gone takes a new snapshot and starts
// again. A Lake belongs to one thread.
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

    // True when a file of this moment is gone: the grace period is over, take a new snapshot.
    bool is_outdated() const;

    // What went wrong when these segments were read: the first of them that is missing or not what
    // was written, or else `error` as it is. Reads them all.
    Error cause_of(Error error, std::span<const Segment* const> segments) const;

    // True when both are of the same moment.
    bool is_same(const Snapshot& other) const { return live_ == other.live_; }

    uint64_t rows() const;
    uint64_t bytes() const;

  private:
    friend class Lake;
    std::filesystem::path lake_;
    std::shared_ptr<const ReaderLock> reading_;         // with whoever reads the same lake
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
        : folder_(std::move(folder)),
          reading_(std::make_shared<const ReaderLock>(folder_)),
          catalog_(std::move(catalog)) {}

    std::filesystem::path folder_;
    std::shared_ptr<const ReaderLock> reading_;  // for snapshots, which may outlive us
    Catalog catalog_;
    int64_t version_ = -1;
    std::optional<Snapshot> snapshot_;
};

}  // namespace yagura::store
