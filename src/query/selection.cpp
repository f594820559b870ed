#include "query/selection.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/language.h"
#include "base/messages/store.h"
#include "store/tokens.h"

namespace yagura::query {
namespace {

constexpr size_t kMostAlternatives = 64;
constexpr uint64_t kGrowth = 4;  // of a piece beside the one before

std::vector<std::string> tokens_of(std::string_view text) {
    std::vector<std::string> tokens;
    store::for_each_token(text, false, [&](std::string_view token) { tokens.emplace_back(token); });
    return tokens;
}

// Where a log type of the plan keeps a needle: an empty name for anywhere, nothing when it has no
// such field, so that no row of it can equal the needle.
std::optional<std::string_view> place_of(const Plan& plan, const Needle& needle, size_t type) {
    if (!needle.column) return std::string_view();
    for (const BaseColumn& base : plan.base) {
        if (base.column != *needle.column) continue;
        if (base.access[type].kind == Access::Kind::none) return std::nullopt;
        return base.access[type].column;
    }
    return std::string_view();
}

// Narrows `segments`, those of the plan's `type`-th log type, to those that may hold one of the
// alternatives. A text without tokens rules nothing out.
void keep_with(const store::Snapshot& snapshot,
               const Plan& plan,
               size_t type,
               const Needles& needles,
               std::vector<const store::Segment*>& segments) {
    if (needles.size() > kMostAlternatives) return;
    std::set<const store::Segment*> found;
    for (const Needle& needle : needles) {
        const auto column = place_of(plan, needle, type);
        if (!column) continue;
        const std::vector<std::string> tokens = tokens_of(needle.text);
        if (tokens.empty()) return;
        for (const store::Segment* segment : segments) {
            if (snapshot.may_hold(*segment, tokens, *column)) found.insert(segment);
        }
    }
    std::erase_if(segments,
                  [&](const store::Segment* segment) { return !found.contains(segment); });
}

}  // namespace

Segments select_segments(const store::Snapshot& snapshot, const Plan& plan) {
    Segments out;
    for (size_t type = 0; type < plan.types.size(); ++type) {
        std::vector<const store::Segment*> segments =
            snapshot.segments(plan.types[type]->name, plan.range);
        std::erase_if(segments, [&](const store::Segment* segment) {
            // Of what is new: merged segments hold rows of before under new numbers.
            return segment->id < plan.first_segment ||
                   (plan.first_segment > 0 && store::is_merged(segment->level));
        });
        for (const Needles& needles : plan.needles) {
            if (!segments.empty()) keep_with(snapshot, plan, type, needles, segments);
        }
        out.push_back(std::move(segments));
    }
    return out;
}

bool is_nothing(const Segments& segments) {
    return std::all_of(
        segments.begin(), segments.end(), [](const auto& of_type) { return of_type.empty(); });
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

namespace {

// Segments of one day mostly span all of it, so pieces are cut between events, not between
// segments. Where to cut is guessed as if each segment's rows were spread evenly over its time: a
// wrong guess makes a piece larger or smaller, never an answer wrong.
//
// Times are places on a line that begins where reading begins: microseconds, negative ones when the
// newest come first.
struct Stretch {
    size_t type = 0;
    const store::Segment* segment = nullptr;
    int64_t begin = 0, end = 0;  // [begin, end)
    double rows_in_a_step = 0;
};

// Of each segment, what lies in the range.
std::vector<Stretch> stretches_of(const Segments& segments,
                                  const TimeRange& range,
                                  bool newest_first) {
    std::vector<Stretch> out;
    for (size_t type = 0; type < segments.size(); ++type) {
        for (const store::Segment* segment : segments[type]) {
            int64_t from = to_micros(segment->min_time), to = to_micros(segment->max_time) + 1;
            const double density =
                static_cast<double>(segment->rows) / static_cast<double>(to - from);
            if (range.from) from = std::max(from, to_micros(*range.from));
            if (range.to) to = std::min(to, to_micros(*range.to));
            if (from >= to) continue;
            if (newest_first) {
                out.push_back({type, segment, -to + 1, -from + 1, density});
            } else {
                out.push_back({type, segment, from, to, density});
            }
        }
    }
    return out;
}

// Where one piece ends and the next begins.
std::vector<int64_t> cuts_of(const std::vector<Stretch>& stretches, uint64_t first_rows) {
    std::map<int64_t, double> changes;  // of the rows in a step
    for (const Stretch& stretch : stretches) {
        changes[stretch.begin] += stretch.rows_in_a_step;
        changes[stretch.end] -= stretch.rows_in_a_step;
    }
    std::vector<int64_t> cuts;
    double density = 0, rows = 0, room = static_cast<double>(first_rows);
    for (auto change = changes.begin(); change != changes.end(); ++change) {
        density = std::max(0.0, density + change->second);
        const auto next = std::next(change);
        if (next == changes.end()) break;
        int64_t at = change->first;
        while (rows + density * static_cast<double>(next->first - at) > room) {
            const double steps = std::ceil((room - rows) / density);
            at = std::min(next->first, at + std::max<int64_t>(1, static_cast<int64_t>(steps)));
            cuts.push_back(at);
            rows = 0;
            room *= kGrowth;
        }
        rows += density * static_cast<double>(next->first - at);
    }
    return cuts;
}

// The times of [begin, end); an end that is not there is that of `range`.
TimeRange range_between(std::optional<int64_t> begin,
                        std::optional<int64_t> end,
                        bool newest_first,
                        TimeRange range) {
    const auto later = [&](int64_t from) {
        const Timestamp time = from_micros(from);
        range.from = range.from ? std::max(*range.from, time) : time;
    };
    const auto before = [&](int64_t to) {
        const Timestamp time = from_micros(to);
        range.to = range.to ? std::min(*range.to, time) : time;
    };
    if (begin) newest_first ? before(-*begin + 1) : later(*begin);
    if (end) newest_first ? later(-*end + 1) : before(*end);
    return range;
}

}  // namespace

std::vector<Piece> pieces(const Segments& segments,
                          const TimeRange& range,
                          bool newest_first,
                          uint64_t first_rows) {
    const std::vector<Stretch> stretches = stretches_of(segments, range, newest_first);
    const std::vector<int64_t> cuts = cuts_of(stretches, first_rows);
    std::vector<Piece> out;
    for (size_t i = 0; i <= cuts.size(); ++i) {
        const auto begin = i > 0 ? std::optional(cuts[i - 1]) : std::nullopt;
        const auto end = i < cuts.size() ? std::optional(cuts[i]) : std::nullopt;
        Piece piece{Segments(segments.size()), range_between(begin, end, newest_first, range)};
        bool is_empty = true;
        for (const Stretch& stretch : stretches) {
            if ((begin && stretch.end <= *begin) || (end && stretch.begin >= *end)) continue;
            piece.segments[stretch.type].push_back(stretch.segment);
            is_empty = false;
        }
        if (!is_empty) out.push_back(std::move(piece));
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

Error cause_of(Error error,
               const AccountScope& scope,
               const store::Snapshot& snapshot,
               std::span<const store::Segment* const> segments) {
    if (error.code() == Code::cancelled || error.code() == Code::limit) return error;
    error = snapshot.cause_of(std::move(error), segments);
    if (error.code() != Code::corrupt || scope.is_all()) return error;
    return {Code::corrupt, say(message::store_lake_damaged)};
}

Error cause_of(Error error,
               const AccountScope& scope,
               const store::Snapshot& snapshot,
               const Segments& segments) {
    for (const auto& of_type : segments) {
        error = cause_of(std::move(error), scope, snapshot, of_type);
        if (error.code() == Code::corrupt) break;
    }
    return error;
}

}  // namespace yagura::query
