// Inside query/ only: which counts can be kept (count_cache.h), under which key, and of which
// segments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine.h"
#include "query/selection.h"

namespace yagura::query {

// True when a count depends on nothing but the rows of its segments: not on the clock, nor on files
// outside. `text` is that of the query.
bool is_lasting(const Plan& plan, std::string_view text);

// What a count depends on beside its segments: text, log types and scope.
std::string count_key(const Question& question, const Plan& plan);

// True when all rows of the segment lie in the range.
bool is_inside(const store::Segment& segment, const TimeRange& range);

// Segments that lie in a range, and those that reach beyond it.
struct Parted {
    Segments inside, edges;
    std::vector<int64_t> ids;  // of inside, ascending
};
Parted parted(const Segments& segments, const TimeRange& range);

// The segments whose id is not among `ids`, which ascend.
Segments without(Segments segments, const std::vector<int64_t>& ids);

// The segments in turns, the newest days first: each turn holds about twice the rows of the one
// before.
std::vector<Segments> in_turns(const Segments& segments, uint64_t first_rows);

uint64_t rows_of(const Segments& segments);

}  // namespace yagura::query
