#include "store/compact.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/store.h"
#include "sql/database.h"
#include "store/files.h"
#include "store/identity.h"
#include "store/segment.h"
#include "store/sweep.h"
#include "store/writer_lock.h"

namespace yagura::store {
namespace {

using Partition = std::pair<std::string, std::string>;  // log type, day

// What a day's rows are cut into: [from, to) each.
struct Slice {
    Timestamp from, to;
};
constexpr uint64_t kSampledRows = 20'000;
constexpr uint64_t kMostShrink = 32;  // of rows in memory, as a segment
const Slice kWholeDay{from_micros(INT64_MIN / 2), from_micros(INT64_MAX / 2)};

class Merger {
  public:
    Merger(std::filesystem::path lake, const MergeOptions& options, sql::Connection& engine)
        : lake_(std::move(lake)), options_(options), engine_(engine) {}

    Result<std::vector<Segment>> merge(const std::vector<Segment>& old);

  private:
    Result<uint64_t> rows_that_fit(const Schema& schema, const std::string& files);
    Result<std::vector<Slice>> slices(const std::string& files, uint64_t most);
    Result<void> merge(const Schema& schema,
                       const std::string& files,
                       const Slice& slice,
                       std::string_view day);
    Result<void> write(RowBuffer& rows, std::string_view day);

    std::filesystem::path lake_;
    const MergeOptions& options_;
    sql::Connection& engine_;
    std::vector<Segment> written_;
};

// How many rows a segment may have before memory ends it, guessed from the first ones: few rows
// share less than many do, so rather too few.
Result<uint64_t> Merger::rows_that_fit(const Schema& schema, const std::string& files) {
    RowBuffer buffer(schema);
    YAGURA_TRY(
        auto rows,
        engine_.query(fmt::format(
            "SELECT * FROM read_parquet({}, union_by_name=true) LIMIT {}", files, kSampledRows)));
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) break;
        buffer.append(rows);
    }
    const uint64_t each = buffer.memory() / std::max<uint64_t>(1, buffer.rows()) + 1;
    return std::clamp<uint64_t>(options_.buffer_bytes / each, 1, options_.target_rows);
}

// Cuts at whole minutes into parts of about the same number of rows, `most` at the most.
Result<std::vector<Slice>> Merger::slices(const std::string& files, uint64_t most) {
    YAGURA_TRY(auto rows,
               engine_.query(fmt::format(
                   "SELECT time_bucket(INTERVAL 1 MINUTE, event_time) AS minute, count(*) FROM "
                   "read_parquet({}, union_by_name=true) GROUP BY minute ORDER BY minute",
                   files)));
    std::vector<std::pair<Timestamp, uint64_t>> minutes;
    uint64_t all = 0;
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) break;
        for (size_t row = 0; row < rows.size(); ++row) {
            minutes.emplace_back(from_micros(rows.column(0).integer(row)),
                                 static_cast<uint64_t>(rows.column(1).integer(row)));
            all += minutes.back().second;
        }
    }
    const uint64_t parts = std::max<uint64_t>(1, (all + most - 1) / most);
    const uint64_t each = (all + parts - 1) / parts;
    std::vector<Slice> out;
    uint64_t held = 0;
    for (const auto& [minute, count] : minutes) {
        if (out.empty() || held >= each) {
            out.push_back({minute, minute});
            held = 0;
        }
        out.back().to = minute + std::chrono::minutes(1);
        held += count;
    }
    return out;
}

Result<void> Merger::write(RowBuffer& rows, std::string_view day) {
    if (rows.rows() == 0) return {};
    const bool is_full = is_large(rows.rows(), options_.target_rows) ||
                         is_large(rows.memory(), options_.buffer_bytes);
    const SegmentName name{options_.take_id(),
                           day,
                           is_full ? kFullLevel : kMergedLevel,
                           options_.is_thorough || is_full};
    YAGURA_TRY(auto segment, write_segment(lake_, rows, name));
    written_.push_back(std::move(segment));
    rows.clear();
    failpoint("mid_compaction");
    return {};
}

Result<void> Merger::merge(const Schema& schema,
                           const std::string& files,
                           const Slice& slice,
                           std::string_view day) {
    RowBuffer buffer(schema);
    YAGURA_TRY(auto rows,
               engine_.query(fmt::format("SELECT * FROM read_parquet({}, union_by_name=true) "
                                         "WHERE event_time >= ? AND event_time < ?",
                                         files),
                             {sql::Value(slice.from), sql::Value(slice.to)}));
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) break;
        buffer.append(rows);
        if (buffer.memory() >= options_.buffer_bytes) YAGURA_CHECK(write(buffer, day));
    }
    return write(buffer, day);
}

Result<std::vector<Segment>> Merger::merge(const std::vector<Segment>& old) {
    const logtype::LogType* type = logtype::find(old.front().log_type);
    if (!type) return old;  // written by a program that knows more log types
    std::vector<std::string> paths;
    uint64_t rows_before = 0, bytes_before = 0, rows_after = 0;
    for (const Segment& segment : old) {
        // Damage must not be copied into a new file with a good checksum.
        YAGURA_TRY(const Sha256 checksum, file_checksum(lake_ / segment.file));
        if (checksum != segment.checksum) {
            return fail(Code::corrupt,
                        say(message::store_segment_damaged, (lake_ / segment.file).string()));
        }
        paths.push_back((lake_ / segment.file).string());
        rows_before += segment.rows;
        bytes_before += segment.bytes;
    }
    const std::string& day = old.front().day;
    const std::string files = file_list(paths);
    const Schema& schema = schema_of(*type);
    uint64_t most = options_.target_rows;
    if (bytes_before * kMostShrink > options_.buffer_bytes) {  // else not worth reading twice
        YAGURA_TRY(most, rows_that_fit(schema, files));
    }
    std::vector<Slice> parts{kWholeDay};
    if (rows_before > most) {
        YAGURA_TRY(parts, slices(files, most));
    }
    for (const Slice& slice : parts) YAGURA_CHECK(merge(schema, files, slice, day));
    for (const Segment& segment : written_) rows_after += segment.rows;
    if (rows_after != rows_before) {
        return fail(Code::internal,
                    fmt::format("compaction of {} {} would turn {} rows into {}",
                                type->name,
                                day,
                                rows_before,
                                rows_after));
    }
    return std::move(written_);
}

Result<sql::Connection> merge_engine(const std::filesystem::path& lake) {
    YAGURA_TRY(
        auto database,
        sql::Database::open(
            {.threads = 1, .memory_limit_bytes = 256u << 20, .allowed_directories = {lake}}));
    return database.connect();
}

void add(const std::vector<Segment>& before,
         const std::vector<Segment>& after,
         CompactTotals& totals) {
    ++totals.days;
    totals.segments_before += before.size();
    totals.segments_after += after.size();
    for (const Segment& segment : before) totals.bytes_before += segment.bytes;
    for (const Segment& segment : after) {
        totals.bytes_after += segment.bytes;
        totals.rows += segment.rows;
    }
}

// A lake opened for changes.
struct Opened {
    WriterLock lock;
    Catalog catalog;
    std::vector<Segment> segments;  // live ones
};

Result<Opened> open_for_changes(const std::filesystem::path& lake, const CompactOptions& options) {
    if (!std::filesystem::exists(lake / "catalog.sqlite")) {
        return fail(Code::not_found, say(message::store_no_lake, lake.string()));
    }
    YAGURA_TRY(auto lock, WriterLock::acquire(lake, options.wait));
    YAGURA_TRY(auto catalog, Catalog::open(lake, true));
    YAGURA_TRY(auto segments, catalog.segments());
    YAGURA_CHECK(sweep(lake, catalog, segments, options.grace));
    std::erase_if(segments,
                  [](const Segment& segment) { return segment.state != SegmentState::live; });
    return Opened{std::move(lock), std::move(catalog), std::move(segments)};
}

}  // namespace

Result<std::vector<Segment>> merge_segments(const std::filesystem::path& lake,
                                            const std::vector<Segment>& segments,
                                            const MergeOptions& options) {
    YAGURA_TRY(auto engine, merge_engine(lake));
    return Merger(lake, options, engine).merge(segments);
}

Result<CompactTotals> compact(const std::filesystem::path& folder, const CompactOptions& options) {
    const auto lake = std::filesystem::absolute(folder).lexically_normal();
    YAGURA_TRY(auto opened, open_for_changes(lake, options));
    std::map<Partition, std::vector<Segment>> partitions;
    for (const Segment& segment : opened.segments) {
        if (!may_be_merged(segment)) continue;
        if (segment.level > 0 && is_large(segment.rows, options.target_rows)) continue;
        partitions[{segment.log_type, segment.day}].push_back(segment);
    }
    YAGURA_TRY(auto engine, merge_engine(lake));
    YAGURA_TRY(int64_t next_id, opened.catalog.next_segment_id());
    const MergeOptions merge{.target_rows = options.target_rows,
                             .buffer_bytes = options.buffer_bytes,
                             .take_id = [&next_id] { return next_id++; }};
    CompactTotals totals;
    for (const auto& [partition, segments] : partitions) {
        if (options.stop && (*options.stop)()) break;
        if (segments.size() < 2 && segments[0].level > 0) continue;
        if (!logtype::find(partition.first)) continue;  // of a newer program
        Commit commit;
        YAGURA_TRY(commit.publish, Merger(lake, merge, engine).merge(segments));
        for (const Segment& segment : segments) commit.retire.push_back(segment.id);
        YAGURA_TRY(const auto signals, opened.catalog.signals_of_all(commit.retire));
        commit.signals = merge_signals(signals, commit.publish);
        failpoint("before_compaction_commit");
        YAGURA_CHECK(opened.catalog.commit(commit));
        failpoint("after_compaction_commit");
        add(segments, commit.publish, totals);
        // Now, so that the lake needs room for a day twice, not for all of it.
        YAGURA_CHECK(remove_retired(lake, opened.catalog, options.grace));
    }
    return totals;
}

Result<RetainTotals> retain(const std::filesystem::path& lake,
                            Timestamp oldest,
                            const CompactOptions& options) {
    YAGURA_TRY(auto opened, open_for_changes(lake, options));
    const std::string first_kept = format_day(oldest);
    std::map<Partition, uint64_t> days;
    Commit commit;
    RetainTotals totals;
    for (const Segment& segment : opened.segments) {
        if (segment.day >= first_kept) continue;
        commit.retire.push_back(segment.id);
        days[{segment.log_type, segment.day}] += segment.rows;
        totals.rows += segment.rows;
        totals.bytes += segment.bytes;
    }
    totals.days = days.size();
    totals.segments = commit.retire.size();
    if (!commit.retire.empty()) {
        failpoint("before_retention_commit");
        YAGURA_CHECK(opened.catalog.commit(commit));
    }
    YAGURA_CHECK(remove_retired(lake, opened.catalog, options.grace));
    return totals;
}

}  // namespace yagura::store
