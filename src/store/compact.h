// Keeping a lake in shape: many small segments of a day become few large ones, old days go.
//
// Both take the writer's lock, publish their changes in one catalog transaction per day, and leave
// the replaced files to those who still read them. A crash in between leaves orphans for the next
// writer to sweep.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/catalog.h"

namespace yagura::store {

struct CompactOptions {
    uint64_t target_rows = 1'000'000;             // of a compacted segment
    size_t buffer_bytes = 320u << 20;             // a segment is full when its rows need as much
    std::chrono::seconds wait{0};                 // for another writer
    std::chrono::seconds grace{600};              // see remove_retired()
    const std::function<bool()>* stop = nullptr;  // asked between days
};

struct CompactTotals {
    uint64_t days = 0;
    uint64_t segments_before = 0;
    uint64_t segments_after = 0;
    uint64_t rows = 0;
    uint64_t bytes_before = 0;
    uint64_t bytes_after = 0;
};

// Neither full nor of the sample.
inline bool may_be_merged(const Segment& segment) {
    return segment.level <= kMergedLevel;
}

// So much of what a segment may have that merging it again would gain little.
inline bool is_large(uint64_t size, uint64_t most) {
    return size * 2 >= most;
}

// Merges, per log type and day, what ingest left (level 0) with merged segments that are not full.
Result<CompactTotals> compact(const std::filesystem::path& lake,
                              const CompactOptions& options = {});

// Of merging while somebody else writes.
struct MergeOptions {
    uint64_t target_rows = 1'000'000;
    size_t buffer_bytes = 320u << 20;
    bool is_thorough = true;  // compress well: they will not be merged again soon
    std::function<int64_t()> take_id;
};

// The rows of segments of one log type and day as new segments, which nothing refers to yet. Memory
// is bounded by `buffer_bytes` and the engine's.
Result<std::vector<Segment>> merge_segments(const std::filesystem::path& lake,
                                            const std::vector<Segment>& segments,
                                            const MergeOptions& options);

struct RetainTotals {
    uint64_t days = 0;  // (log type, day) pairs
    uint64_t segments = 0;
    uint64_t rows = 0;
    uint64_t bytes = 0;
};

// Drops all days before that of `oldest`. The ledger stays, so the same objects do not come back.
Result<RetainTotals> retain(const std::filesystem::path& lake,
                            Timestamp oldest,
                            const CompactOptions& options = {});

}  // namespace yagura::store
