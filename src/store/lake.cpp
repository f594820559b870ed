#include "store/lake.h"

#include <algorithm>

#include <fmt/format.h>

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
                                               const TimeRange& range,
                                               std::span<const std::string> tokens) const {
    std::vector<const Segment*> out;
    for (const Segment& segment : *live_) {
        if (segment.log_type != log_type) continue;
        if ((range.from && segment.max_time < *range.from) ||
            (range.to && segment.min_time >= *range.to))
            continue;
        if (!tokens.empty() && !indexes_->may_hold_all(segment, tokens)) continue;
        out.push_back(&segment);
    }
    return out;
}

std::string Snapshot::table_sql(const Schema& schema,
                                std::span<const Segment* const> segments) const {
    // Casts say the types for an empty table, and give columns that old segments lack.
    std::string columns;
    for (const ColumnSpec& column : schema.columns()) {
        if (!columns.empty()) columns += ", ";
        columns += segments.empty() ? fmt::format("CAST(NULL AS {}) AS {}",
                                                  sql_type(column.storage),
                                                  sql::quote_name(column.name))
                                    : sql::quote_name(column.name);
    }
    if (segments.empty()) return "(SELECT " + columns + " WHERE false)";
    std::vector<std::string> files;
    for (const Segment* segment : segments) files.push_back(path_of(*segment));
    return fmt::format(
        "(SELECT {} FROM read_parquet({}, union_by_name=true))", columns, file_list(files));
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

Result<Snapshot> Lake::snapshot() {
    YAGURA_TRY(const int64_t version, catalog_.data_version());
    if (snapshot_ && version == version_) return *snapshot_;
    YAGURA_TRY(auto segments, catalog_.segments());
    std::erase_if(segments,
                  [](const Segment& segment) { return segment.state != SegmentState::live; });
    std::sort(segments.begin(), segments.end(), [](const Segment& a, const Segment& b) {
        return std::tie(a.log_type, a.min_time, a.id) < std::tie(b.log_type, b.min_time, b.id);
    });
    Snapshot snapshot;
    snapshot.lake_ = folder_;
    snapshot.live_ = std::make_shared<const std::vector<Segment>>(std::move(segments));
    snapshot.indexes_ = std::make_shared<SideIndexes>(folder_);
    version_ = version;
    snapshot_ = snapshot;
    return snapshot;
}

Result<sql::Database> Lake::engine(sql::Options options) const {
    options.allowed_directories = {folder_};
    options.lock_configuration = true;
    return sql::Database::open(options);
}

}  // namespace yagura::store
