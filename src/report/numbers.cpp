#include "report/numbers.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/time.h"

namespace yagura::report {

using finding::kLevels;
using finding::Level;
using finding::LevelCounts;

std::array<LevelNumbers, kLevels> numbers_by_level(const finding::HitCollector& hits) {
    std::array<LevelNumbers, kLevels> numbers{};
    for (size_t i = 0; i < kLevels; ++i) numbers[i].matches = hits.by_level()[i];
    for (const finding::RuleTally& tally : hits.rules())
        ++numbers[static_cast<size_t>(tally.rule->level)].rules;
    for (const finding::Finding& found : hits.findings()) {
        ++numbers[static_cast<size_t>(hits.rules()[found.rule].rule->level)].findings;
    }
    return numbers;
}

std::vector<PlaceNumbers> numbers_by_place(
    const finding::ScanTotals::Names& records,
    const std::unordered_map<finding::StringId, LevelCounts>& levels,
    const finding::StringPool& strings) {
    std::map<std::string_view, PlaceNumbers> places;
    for (const auto& [name, count] : records) places[name] = {name, count, {}};
    for (const auto& [id, counts] : levels) {
        const std::string_view name = strings.text(id);
        if (name.empty()) continue;
        PlaceNumbers& place = places[name];
        place.name = name;
        place.levels = counts;
    }
    std::vector<PlaceNumbers> rows;
    for (const auto& [name, place] : places) rows.push_back(place);
    std::stable_sort(rows.begin(), rows.end(), [](const PlaceNumbers& a, const PlaceNumbers& b) {
        for (size_t i = kLevels; i-- > 1;) {
            if (a.levels[i] != b.levels[i]) return a.levels[i] > b.levels[i];
        }
        return a.records > b.records;
    });
    return rows;
}

std::map<int32_t, LevelCounts> detections_by_day(const finding::HitCollector& hits) {
    std::map<int32_t, LevelCounts> days;
    for (const auto& [hour, counts] : hits.by_hour()) {
        LevelCounts& day = days[hour / 24];
        for (size_t i = 0; i < kLevels; ++i) day[i] += counts[i];
    }
    return days;
}

std::string day_text(int32_t day) {
    return format_day(from_micros(int64_t{day} * 86'400'000'000));
}

namespace {

uint64_t detections(const LevelCounts& counts) {
    uint64_t sum = 0;
    for (size_t i = static_cast<size_t>(Level::low); i < kLevels; ++i) sum += counts[i];
    return sum;
}

std::string hour_text(int32_t hour) {
    std::string text = format_iso8601(from_micros(int64_t{hour} * 3'600'000'000));
    text.resize(13);
    text[10] = ' ';
    return text + "h";
}

}  // namespace

Spark detections_over_time(const finding::HitCollector& hits, size_t buckets) {
    Spark spark;
    int32_t first = INT32_MAX;
    int32_t last = INT32_MIN;
    for (const auto& [hour, counts] : hits.by_hour()) {
        if (detections(counts) == 0) continue;
        first = std::min(first, hour);
        last = std::max(last, hour);
    }
    if (first > last) return spark;
    const int64_t hours = int64_t{last} - first + 1;
    int64_t step = (hours + static_cast<int64_t>(buckets) - 1) / static_cast<int64_t>(buckets);
    if (step > 6) step = (step + 23) / 24 * 24;  // whole days read better
    if (step >= 24) first -= ((first % 24) + 24) % 24;
    const auto steps = static_cast<size_t>((int64_t{last} - first) / step + 1);
    spark.counts.assign(steps, 0);
    spark.levels.assign(steps, {});
    spark.first_hour = first;
    spark.hours_per_step = static_cast<int32_t>(step);
    for (const auto& [hour, counts] : hits.by_hour()) {
        if (hour < first || hour > last) continue;
        const auto at = static_cast<size_t>((int64_t{hour} - first) / step);
        spark.counts[at] += detections(counts);
        for (size_t i = 0; i < kLevels; ++i) spark.levels[at][i] += counts[i];
    }
    spark.first = hour_text(first);
    spark.last = hour_text(last);
    return spark;
}

}  // namespace yagura::report
