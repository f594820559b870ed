// Numbers that the console summary and the HTML report both show.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "finding/hit.h"
#include "finding/totals.h"

namespace yagura::report {

struct LevelNumbers {
    uint64_t matches = 0;
    uint64_t findings = 0;
    uint64_t rules = 0;  // different ones
};
std::array<LevelNumbers, finding::kLevels> numbers_by_level(const finding::HitCollector& hits);

// An account or Region: its events and its matches by level.
struct PlaceNumbers {
    std::string_view name;  // points into the totals or the pool
    uint64_t records = 0;
    finding::LevelCounts levels{};
};
// The gravest matches first, then the most records.
std::vector<PlaceNumbers> numbers_by_place(
    const finding::ScanTotals::Names& records,
    const std::unordered_map<finding::StringId, finding::LevelCounts>& levels,
    const finding::StringPool& strings);

// A resource: the findings that are about it and how many of their matches are.
struct ResourceNumbers {
    finding::StringId key = 0;  // logtype/resource.h
    uint64_t findings = 0;
    uint64_t matches = 0;
    match::Level highest = match::Level::informational;
};
// Those with the most findings first, then the gravest, then those with the most matches.
std::vector<ResourceNumbers> numbers_by_resource(const finding::HitCollector& hits);

// The time of an event that has none is the beginning of 1970: told as unknown, never as a date.
inline bool is_known_time(int64_t micros) {
    return micros != 0;
}

// Days since 1970 → matches by level; those of unknown time are of no day.
std::map<int32_t, finding::LevelCounts> detections_by_day(const finding::HitCollector& hits);
std::string day_text(int32_t day);

// Detections (low and above) over the time they span, in at most `buckets` equal steps that read
// well (10 minutes, an hour, a day…).
struct Spark {
    std::vector<uint64_t> counts;
    std::vector<finding::LevelCounts> levels;
    int64_t first = 0;  // microseconds; start of the first step
    int64_t step = 0;
    std::string first_text;  // "2023-07-10 11:50"
    std::string last_text;   // of the last step
};
Spark detections_over_time(const finding::HitCollector& hits, size_t buckets);

}  // namespace yagura::report
