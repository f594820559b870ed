#include "query/selection.h"

#include <algorithm>
#include <map>
#include <set>

#include "store/tokens.h"

namespace yagura::query {
namespace {

constexpr size_t kMostAlternatives = 64;
constexpr uint64_t kFirstPieceRows = 300'000;

std::vector<std::string> tokens_of(std::string_view text) {
    std::vector<std::string> tokens;
    store::for_each_token(text, false, [&](std::string_view token) { tokens.emplace_back(token); });
    return tokens;
}

// Narrows `segments` to those that may hold one of the alternatives. A text without tokens rules
// nothing out.
void keep_with(const store::Snapshot& snapshot,
               const Plan& plan,
               std::string_view log_type,
               const Needles& needles,
               std::vector<const store::Segment*>& segments) {
    if (needles.size() > kMostAlternatives) return;
    std::set<const store::Segment*> found;
    for (const std::string& needle : needles) {
        const std::vector<std::string> tokens = tokens_of(needle);
        if (tokens.empty()) return;
        for (const store::Segment* segment : snapshot.segments(log_type, plan.range, tokens))
            found.insert(segment);
    }
    std::erase_if(segments,
                  [&](const store::Segment* segment) { return !found.contains(segment); });
}

}  // namespace

Segments select_segments(const store::Snapshot& snapshot, const Plan& plan) {
    Segments out;
    for (const logtype::LogType* type : plan.types) {
        std::vector<const store::Segment*> segments = snapshot.segments(type->name, plan.range);
        std::erase_if(segments, [&](const store::Segment* segment) {
            // Of what is new: merged segments hold rows of before under new numbers.
            return segment->id < plan.first_segment ||
                   (plan.first_segment > 0 && segment->level == 1);
        });
        for (const Needles& needles : plan.needles) {
            if (!segments.empty()) keep_with(snapshot, plan, type->name, needles, segments);
        }
        out.push_back(std::move(segments));
    }
    return out;
}

Walk walk_of(const Plan& plan, uint64_t limit) {
    Walk walk{!plan.is_aggregated && plan.time.has_value(), true, limit};
    bool limited = false;
    for (const Step& step : plan.steps) {
        if (limited && step.kind != Step::Kind::extend) walk.possible = false;
        if (step.kind == Step::Kind::dedup || step.kind == Step::Kind::aggregate)
            walk.possible = false;
        if (step.kind == Step::Kind::sort) {
            if (plan.time != step.order[0].key->column) walk.possible = false;
            walk.newest_first = step.order[0].descending;
        }
        if (step.kind == Step::Kind::limit) {
            limited = true;
            walk.rows = std::min(walk.rows, step.limit);
        }
    }
    return walk;
}

std::vector<Segments> pieces(const Segments& segments, bool newest_first) {
    struct Day {
        Segments segments;
        uint64_t rows = 0;
    };
    std::map<std::string_view, Day> days;
    for (size_t type = 0; type < segments.size(); ++type) {
        for (const store::Segment* segment : segments[type]) {
            Day& day = days[segment->day];
            day.segments.resize(segments.size());
            day.segments[type].push_back(segment);
            day.rows += segment->rows;
        }
    }
    std::vector<Segments> out;
    uint64_t room = 0;
    uint64_t next_room = kFirstPieceRows;
    const auto add = [&](const Day& day) {
        if (out.empty() || day.rows > room) {
            out.emplace_back(segments.size());
            room = next_room;
            next_room *= 2;
        }
        room -= std::min(room, day.rows);
        for (size_t type = 0; type < segments.size(); ++type) {
            out.back()[type].insert(
                out.back()[type].end(), day.segments[type].begin(), day.segments[type].end());
        }
    };
    if (newest_first) {
        for (auto day = days.rbegin(); day != days.rend(); ++day) add(day->second);
    } else {
        for (const auto& [name, day] : days) add(day);
    }
    return out;
}

std::vector<std::string> tables_of(const store::Snapshot& snapshot,
                                   const Plan& plan,
                                   const Segments& segments) {
    std::vector<std::string> tables;
    for (size_t type = 0; type < plan.types.size(); ++type) {
        tables.push_back(
            segments[type].empty()
                ? ""
                : snapshot.table_sql(store::schema_of(*plan.types[type]), segments[type]));
    }
    return tables;
}

}  // namespace yagura::query
