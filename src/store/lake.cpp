#include "store/lake.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/store.h"
#include "store/files.h"
#include "store/footer.h"
#include "store/identity.h"
#include "store/side_index.h"

namespace yagura::store {

std::vector<std::string> Snapshot::log_types() const {
    std::vector<std::string> out;
    for (const Segment& segment : *live_) {
        if (out.empty() || out.back() != segment.log_type) out.push_back(segment.log_type);
    }
    return out;
}

std::vector<const Segment*> Snapshot::segments(std::string_view log_type,
                                               const TimeRange& range) const {
    std::vector<const Segment*> out;
    for (const Segment& segment : *live_) {
        if (segment.log_type != log_type) continue;
        if ((range.from && segment.max_time < *range.from) ||
            (range.to && segment.min_time >= *range.to))
            continue;
        out.push_back(&segment);
    }
    return out;
}

bool Snapshot::may_hold(const Segment& segment,
                        std::span<const std::string> tokens,
                        std::string_view column) const {
    return indexes_->may_hold_all(segment, tokens, column);
}

namespace {

// "SELECT CAST(NULL AS VARCHAR) AS "a", … WHERE false"
std::string empty_table(const Schema& schema) {
    std::string columns;
    for (const ColumnSpec& column : schema.columns()) {
        columns += fmt::format("{}CAST(NULL AS {}) AS {}",
                               columns.empty() ? "" : ", ",
                               sql_type(column.storage),
                               sql::quote_name(column.name));
    }
    return "SELECT " + columns + " WHERE false";
}

// True when the file surely has every column of the schema.
bool has_all_columns(const Schema& schema, const std::string& file) {
    auto names = column_names(file);
    if (!names) return false;
    std::sort(names->begin(), names->end());
    return std::all_of(
        schema.columns().begin(), schema.columns().end(), [&](const ColumnSpec& column) {
            return std::binary_search(names->begin(), names->end(), column.name);
        });
}

}  // namespace

std::string Snapshot::table_sql(const Schema& schema,
                                std::span<const Segment* const> segments) const {
    if (segments.empty()) return "(" + empty_table(schema) + ")";
    std::vector<std::string> files;
    for (const Segment* segment : segments) files.push_back(path_of(*segment));
    std::string rows =
        fmt::format("SELECT * FROM read_parquet({}, union_by_name=true)", file_list(files));
    // Columns are only added, so the segment written last has them all, or an older program wrote
    // every one of these. Then an empty table beside them gives the missing columns; always adding
    // it would cost the engine its shortcuts, such as counting rows without reading any.
    const auto latest =
        std::max_element(segments.begin(), segments.end(), [](const Segment* a, const Segment* b) {
            return a->id < b->id;
        });
    if (!has_all_columns(schema, path_of(**latest)))
        rows = empty_table(schema) + " UNION ALL BY NAME " + rows;
    std::string columns;
    for (const ColumnSpec& column : schema.columns())
        columns += (columns.empty() ? "" : ", ") + sql::quote_name(column.name);
    return fmt::format("(SELECT {} FROM ({}))", columns, rows);
}

std::shared_ptr<const SideIndex> Snapshot::index_of(const Segment& segment) const {
    return indexes_->of(segment);
}

bool Snapshot::is_outdated() const {
    std::error_code ignored;
    return std::any_of(live_->begin(), live_->end(), [&](const Segment& segment) {
        return !std::filesystem::exists(lake_ / segment.file, ignored);
    });
}

Error Snapshot::cause_of(Error error, std::span<const Segment* const> segments) const {
    for (const Segment* segment : segments) {
        const auto checksum = file_checksum(path_of(*segment));
        if (checksum && *checksum == segment->checksum) continue;
        const bool gone = !checksum && checksum.error().code() == Code::not_found;
        const Text& sentence = gone ? message::store_segment_gone : message::store_segment_damaged;
        return {Code::corrupt, say(sentence, path_of(*segment))};
    }
    return error;
}

uint64_t Snapshot::rows() const {
    uint64_t rows = 0;
    for (const Segment& segment : *live_) rows += segment.rows;
    return rows;
}

uint64_t Snapshot::bytes() const {
    uint64_t bytes = 0;
    for (const Segment& segment : *live_) bytes += segment.bytes;
    return bytes;
}

Result<Lake> Lake::open(const std::filesystem::path& folder) {
    YAGURA_TRY(auto catalog, Catalog::open(folder, false));
    return Lake(std::filesystem::absolute(folder).lexically_normal(), std::move(catalog));
}

// First the lock, then the look: what is retired in between is held.
Result<Snapshot> Lake::snapshot() {
    auto reading = reading_.lock();
    if (!reading) reading = std::make_shared<ReaderLock>(folder_, generation_, generation_ + 1);
    YAGURA_TRY(const int64_t version, catalog_.data_version());
    if (version != version_) {
        auto wide = std::make_shared<ReaderLock>(folder_, generation_);
        YAGURA_TRY(auto now, catalog_.segment_list());
        wide->narrow(now.generation);
        reading = std::move(wide);
        take(std::move(now));
        version_ = version;
    }
    reading_ = reading;
    Snapshot snapshot = latest_;
    snapshot.reading_ = std::move(reading);
    return snapshot;
}

void Lake::take(SegmentList now) {
    std::erase_if(now.segments,
                  [](const Segment& segment) { return segment.state != SegmentState::live; });
    std::sort(now.segments.begin(), now.segments.end(), [](const Segment& a, const Segment& b) {
        return std::tie(a.log_type, a.min_time, a.id) < std::tie(b.log_type, b.min_time, b.id);
    });
    generation_ = now.generation;
    ++latest_.moment_;
    latest_.live_ = std::make_shared<const std::vector<Segment>>(std::move(now.segments));
    latest_.indexes_ = std::make_shared<SideIndexes>(folder_);
}

Result<sql::Database> Lake::engine(sql::Options options) const {
    options.allowed_directories = {folder_};
    options.lock_configuration = true;
    return sql::Database::open(options);
}

}  // namespace yagura::store
