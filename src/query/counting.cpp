#include "query/counting.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace yagura::query {
namespace {

// Whether the text may call a function that tells the time. A text that only looks as if it did is
// counted anew each time, nothing worse.
bool may_ask_the_clock(std::string_view text) {
    const std::string lower = fold_case(text);
    for (const std::string_view name :
         {"now", "querystarttime", "queryendtime", "querytimerange"}) {
        for (size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) {
            const size_t next = lower.find_first_not_of(" \t\r\n", at + name.size());
            if (next != std::string::npos && lower[next] == '(') return true;
        }
    }
    return false;
}

}  // namespace

bool is_lasting(const Plan& plan, std::string_view text) {
    if (may_ask_the_clock(text)) return false;
    return std::all_of(plan.base.begin(), plan.base.end(), [](const BaseColumn& base) {
        return std::all_of(base.access.begin(), base.access.end(), [](const Access& access) {
            return access.kind != Access::Kind::message &&
                   access.kind != Access::Kind::log_stream &&
                   access.kind != Access::Kind::ingestion_time;
        });
    });
}

std::string count_key(const Question& question, const Plan& plan) {
    std::string key = std::string(question.text) + '\0';
    for (const logtype::LogType* type : plan.types) key += fmt::format("{} ", type->name);
    key += '\0';
    if (plan.scope.is_all()) return key + "all";
    return key + fmt::format("{}", fmt::join(plan.scope.accounts(), " "));
}

bool is_inside(const store::Segment& segment, const TimeRange& range) {
    return (!range.from || segment.min_time >= *range.from) &&
           (!range.to || segment.max_time < *range.to);
}

Parted parted(const Segments& segments, const TimeRange& range) {
    Parted out{Segments(segments.size()), Segments(segments.size()), {}};
    for (size_t type = 0; type < segments.size(); ++type) {
        for (const store::Segment* segment : segments[type]) {
            const bool inside = is_inside(*segment, range);
            (inside ? out.inside : out.edges)[type].push_back(segment);
            if (inside) out.ids.push_back(segment->id);
        }
    }
    std::sort(out.ids.begin(), out.ids.end());
    return out;
}

Segments without(Segments segments, const std::vector<int64_t>& ids) {
    for (auto& of_type : segments) {
        std::erase_if(of_type, [&](const store::Segment* segment) {
            return std::binary_search(ids.begin(), ids.end(), segment->id);
        });
    }
    return segments;
}

std::vector<Segments> in_turns(const Segments& segments, uint64_t first_rows) {
    struct Place {
        size_t type;
        const store::Segment* segment;
    };
    std::vector<Place> places;
    for (size_t type = 0; type < segments.size(); ++type)
        for (const store::Segment* segment : segments[type]) places.push_back({type, segment});
    std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
        return a.segment->day != b.segment->day ? a.segment->day > b.segment->day
                                                : a.segment->id < b.segment->id;
    });
    std::vector<Segments> out;
    uint64_t room = 0, next_room = first_rows;
    for (const Place& place : places) {
        if (out.empty() || room == 0) {
            out.emplace_back(segments.size());
            room = next_room;
            next_room *= 2;
        }
        out.back()[place.type].push_back(place.segment);
        room -= std::min(room, place.segment->rows);
    }
    return out;
}

uint64_t rows_of(const Segments& segments) {
    uint64_t rows = 0;
    for (const auto& of_type : segments)
        for (const store::Segment* segment : of_type) rows += segment->rows;
    return rows;
}

}  // namespace yagura::query
