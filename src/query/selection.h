// Which segments a plan has to open, and in which order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/plan.h"
#include "store/lake.h"

namespace yagura::query {

// Segments per log type of the plan.
using Segments = std::vector<std::vector<const store::Segment*>>;

// Those that may hold rows in the plan's range with all of its needles.
Segments select_segments(const store::Snapshot& snapshot, const Plan& plan);

// How a plan can be answered piece by piece, day after day, stopping when there are enough rows.
struct Walk {
    bool possible =
        false;  // rows are single events in order of time, and nothing depends on all of them
    bool newest_first = true;
    uint64_t rows = 0;  // enough
};
Walk walk_of(const Plan& plan, uint64_t limit);

bool is_nothing(const Segments& segments);

// What of a selection is read at once: the rows of these segments that lie in the range.
struct Piece {
    Segments segments;
    TimeRange range;
};

// Cuts a selection into pieces that follow each other in time, the first of about `first_rows` rows
// and each a few times the size of the one before. No piece's events lie between another's, and
// every row of the selection that lies in `range` is in exactly one of them.
std::vector<Piece> pieces(const Segments& segments,
                          const TimeRange& range,
                          bool newest_first,
                          uint64_t first_rows);

// "(SELECT … FROM read_parquet([…]))" per log type; empty where nothing is to be read.
std::vector<std::string> tables_of(const store::Snapshot& snapshot,
                                   const Plan& plan,
                                   const Segments& segments);

// Why these segments could not be read. Their names are for those who may see all of the lake.
Error cause_of(Error error,
               const AccountScope& scope,
               const store::Snapshot& snapshot,
               std::span<const store::Segment* const> segments);
Error cause_of(Error error,
               const AccountScope& scope,
               const store::Snapshot& snapshot,
               const Segments& segments);

}  // namespace yagura::query
