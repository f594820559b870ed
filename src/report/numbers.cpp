#include "report/numbers.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/time.h"

namespace yagura::report {

using finding::kLevels;
using finding::Level;
using finding::LevelCounts;

std::array<LevelNumbers, kLevels> numbers_by_level(const finding::HitCollector& hits) {
    std::array<LevelNumbers, kLevels> numbers{};
    for (size_t i = 0; i < kLevels; ++i) numbers[i].matches = hits.by_level()[i];
    for (const finding::RuleTally& tally : hits.rules()) {
        if (!tally.only_tags) ++numbers[static_cast<size_t>(tally.rule->level)].rules;
    }
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

std::vector<ResourceNumbers> numbers_by_resource(const finding::HitCollector& hits) {
    std::unordered_map<finding::StringId, ResourceNumbers> by_key;
    for (const finding::Finding& found : hits.findings()) {
        for (const finding::TouchedResource& touched : found.touched.all()) {
            ResourceNumbers& numbers = by_key[touched.key];
            numbers.key = touched.key;
            ++numbers.findings;
            numbers.matches += touched.count;
            numbers.highest = std::max(numbers.highest, hits.rules()[found.rule].rule->level);
        }
    }
    std::vector<ResourceNumbers> out;
    out.reserve(by_key.size());
    for (const auto& [key, numbers] : by_key) out.push_back(numbers);
    std::sort(out.begin(), out.end(), [&](const ResourceNumbers& a, const ResourceNumbers& b) {
        const auto weight = [](const ResourceNumbers& n) {
            return std::tuple(n.findings, n.highest, n.matches);
        };
        if (weight(a) != weight(b)) return weight(a) > weight(b);
        return hits.strings().text(a.key) < hits.strings().text(b.key);
    });
    return out;
}

std::map<int32_t, LevelCounts> detections_by_day(const finding::HitCollector& hits) {
    std::map<int32_t, LevelCounts> days;
    for (const auto& [slot, counts] : hits.by_slot()) {
        if (!is_known_time(slot)) continue;
        LevelCounts& day = days[slot / finding::kSlotsPerDay];
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

std::string minute_text(int64_t micros) {
    std::string text = format_iso8601(from_micros(micros));
    text.resize(16);
    text[10] = ' ';
    return text;
}

// Steps that read well, in slots: 10 and 30 minutes, 1, 3, 6 and 12 hours, 1, 2, 7 and 28 days.
constexpr int64_t kSteps[] = {1, 3, 6, 18, 36, 72, 144, 288, 1008, 4032};

int64_t step_for(int64_t slots, size_t buckets) {
    for (const int64_t step : kSteps) {
        if (slots / step + 2 <= static_cast<int64_t>(buckets)) return step;
    }
    const int64_t most = kSteps[std::size(kSteps) - 1];
    return (slots / static_cast<int64_t>(buckets) / most + 1) * most;
}

}  // namespace

Spark detections_over_time(const finding::HitCollector& hits, size_t buckets) {
    Spark spark;
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    for (const auto& [slot, counts] : hits.by_slot()) {
        if (detections(counts) == 0 || !is_known_time(slot)) continue;
        first = std::min<int64_t>(first, slot);
        last = std::max<int64_t>(last, slot);
    }
    if (first > last) return spark;
    const int64_t step = step_for(last - first + 1, std::max<size_t>(buckets, 3));
    first -= (first % step + step) % step;  // steps start at whole hours and days
    const auto steps = static_cast<size_t>((last - first) / step + 1);
    spark.counts.assign(steps, 0);
    spark.levels.assign(steps, {});
    const int64_t slot_micros = finding::kSlotMinutes * int64_t{60'000'000};
    spark.first = first * slot_micros;
    spark.step = step * slot_micros;
    for (const auto& [slot, counts] : hits.by_slot()) {
        if (slot < first || slot > last) continue;
        const auto at = static_cast<size_t>((slot - first) / step);
        spark.counts[at] += detections(counts);
        for (size_t i = 0; i < kLevels; ++i) spark.levels[at][i] += counts[i];
    }
    spark.first_text = minute_text(spark.first);
    spark.last_text = minute_text(spark.first + static_cast<int64_t>(steps - 1) * spark.step);
    return spark;
}

}  // namespace yagura::report
