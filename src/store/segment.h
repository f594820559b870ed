// Turns a RowBuffer into a segment on disk: the Parquet file and its side index, complete under
// their final names.
//
// Nothing refers to the files until a catalog commit publishes the segment; until then they are
// orphans that the next writer sweeps away.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "store/catalog.h"
#include "store/files.h"
#include "store/row_buffer.h"

namespace yagura::store {

struct SegmentName {
    int64_t id = 0;
    std::string_view day;
    int level = 0;
    bool is_thorough = false;  // worth more time for fewer bytes
};

// Written whole, and gone again unless it is published.
struct NewSegment {
    Segment segment;
    NewFile file;
    NewFile index;
};

// `rows` must not be empty. The processor's part of it: the files have no name yet, and the disk
// may not have them.
Result<NewSegment> write_new_segment(const std::filesystem::path& lake,
                                     const RowBuffer& rows,
                                     const SegmentName& name);

// The disk's part: returns when the segment would survive a power cut.
Result<Segment> publish(const std::filesystem::path& lake, NewSegment segment);

// Both.
Result<Segment> write_segment(const std::filesystem::path& lake,
                              const RowBuffer& rows,
                              const SegmentName& name);

// Removes both files of a segment; missing ones are fine.
void remove_segment_files(const std::filesystem::path& lake, const Segment& segment);

}  // namespace yagura::store
