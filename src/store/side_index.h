// The side index of a segment: which tokens occur in which text column of which row group.
//
//   YAGURA_TRY(auto index, SideIndex::open(path));
//   for (const auto& place : index.places("203.0.113.9")) ...read place.column in rows of
//   place.group...
//
// One filter per row group of 122,880 rows over pairs of token and column, so that a lookup of a
// word that occurs nowhere reads a few cache lines and no row, and one that occurs says where. It
// may name a place that has no such token (once in 65,000 questions), it never omits one. File:
// header, shapes, fingerprints, checksums of each KiB; a damaged part counts as "may hold
// everything", so damage costs time and never an answer. `yagura verify` reports it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/catalog.h"
#include "store/files.h"
#include "store/fuse_filter.h"
#include "store/row_buffer.h"

namespace yagura::store {

// Columns whose tokens are indexed: texts and UUIDs of the log type, and `extra`.
bool is_indexed(const ColumnSpec& column);

// The index of rows in the given order (RowBuffer::time_order()), as the bytes of its file.
std::string build_side_index(const RowBuffer& rows, std::span<const uint32_t> order);

class SideIndex {
  public:
    static Result<SideIndex> open(const std::filesystem::path& file);

    // Of a file's bytes, which must stay where they are; nullopt when they are damaged or no index.
    static std::optional<SideIndex> read(std::string_view bytes);

    struct Group {
        Timestamp min_time, max_time;  // both inclusive
        uint32_t rows = 0;
    };
    size_t group_count() const { return groups_.size(); }
    const Group& group(size_t index) const { return groups_[index].group; }

    // May `token` (lower case, see tokens.h) occur in this column of this row group?
    bool may_hold(size_t group, std::string_view token, std::string_view column) const;

    // May `token` occur in any of these columns anywhere in the segment?
    bool may_hold(std::string_view token, std::span<const ColumnSpec> columns) const;

  private:
    struct GroupPart {
        Group group;
        uint64_t fingerprints = 0;  // offset in the file
        FuseShape shape;
    };
    explicit SideIndex(std::string_view bytes) : bytes_(bytes) {}
    bool read_groups(size_t count);
    bool may_hold_key(const GroupPart& part, uint64_t key) const;
    bool is_sound(uint64_t offset) const;

    std::optional<MappedFile> file_;
    std::string_view bytes_;  // of `file_`, or the caller's
    std::vector<GroupPart> groups_;
    uint32_t version_ = 0;
    uint64_t data_ = 0;  // where the fingerprints begin
    uint64_t data_size_ = 0;
};

// The side indexes of a lake's segments, opened as asked for. Thread-safe.
class SideIndexes {
  public:
    explicit SideIndexes(std::filesystem::path lake) : lake_(std::move(lake)) {}

    // Null when the file is missing or unreadable: then anything may be in the segment.
    std::shared_ptr<const SideIndex> of(const Segment& segment);

    // May the segment hold all of these tokens in this column (empty: in any)?
    bool may_hold_all(const Segment& segment,
                      std::span<const std::string> tokens,
                      std::string_view column);

  private:
    std::filesystem::path lake_;
    std::mutex mutex_;
    std::map<int64_t, std::shared_ptr<const SideIndex>> open_;
};

}  // namespace yagura::store
