// How many events when.
//
//   YAGURA_TRY(const Histogram counts, histogram(lease, {.filter = "errorCode like /Denied/", …}));
//
// It is `filter … | stats count(*) by bin(…)`, over buckets of a length people know, that begin at
// multiples of it since 1970 (UTC).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "query/engine.h"

namespace yagura::query {

struct HistogramRequest {
    std::string filter;       // a condition, or empty
    std::string by;           // a field as QL writes it; empty: one series
    size_t buckets = 60;      // about as many, never more
    size_t most_series = 12;  // beyond them, counts go to a series called kOther
};

inline constexpr std::string_view kOther = "…";
inline constexpr size_t kMostBuckets = 1000;

struct Histogram {
    Answer answer;  // notes; ran is false when the text has a mistake, and nothing else counts
    std::chrono::seconds bucket{1};
    TimeRange range;  // asked for, or that of the events
    std::vector<Timestamp> starts;
    struct Series {
        std::string key;  // the field's value; empty: events without one
        std::vector<uint64_t> counts;
        uint64_t total = 0;
    };
    std::vector<Series> series;  // the largest first
    uint64_t total = 0;
};

// What asks: an engine, or a lease of one.
struct Questioner {
    std::function<Result<Answer>(const Question&, std::vector<Group>&)> count;
    std::function<Result<TimeRange>(const Question&)> span;
};

// `question` says range, types, now and limits; its text does not count.
Result<Histogram> histogram(const Questioner& questioner,
                            Question question,
                            const HistogramRequest& request);

// "filter CONDITION" when `condition` is one and nothing more ("" for an empty one); else the notes
// hold what is wrong, at its place in the condition.
std::string filter_of(std::string_view condition, std::vector<Diagnostic>& notes);

// Puts notes about "filter CONDITION…" where they belong in the condition.
void place_in_condition(std::vector<Diagnostic>& notes);

// How QL writes a name: as it stands, or in back-ticks; empty when it can be none.
std::string field_text(std::string_view name);

}  // namespace yagura::query
