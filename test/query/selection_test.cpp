// Which part of a lake a walk reads after which.
#include "query/selection.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

namespace yagura::query {
namespace {

// Segments of one day or two that overlap as they do in a lake.
struct Cut {
    std::vector<store::Segment> stored;
    Segments segments{2};

    explicit Cut(uint32_t seed) {
        std::mt19937 random(seed);
        const auto below = [&](int64_t limit) {
            return static_cast<int64_t>(random() % static_cast<uint32_t>(limit));
        };
        stored.resize(static_cast<size_t>(1 + below(12)));
        for (size_t i = 0; i < stored.size(); ++i) {
            store::Segment& segment = stored[i];
            segment.id = static_cast<int64_t>(i) + 1;
            segment.min_time = from_micros(below(1000));
            segment.max_time = segment.min_time + std::chrono::microseconds(below(500));
            segment.rows = static_cast<uint64_t>(1 + below(5000));
        }
        for (const store::Segment& segment : stored)
            segments[random() % segments.size()].push_back(&segment);
    }

    static bool holds(const TimeRange& range, Timestamp time) {
        return (!range.from || time >= *range.from) && (!range.to || time < *range.to);
    }
    // Rows that are read not at all, or twice, or although nobody wants them; a row at every time.
    size_t misread(const TimeRange& range, const std::vector<Piece>& pieces) const {
        size_t count = 0;
        for (size_t type = 0; type < segments.size(); ++type) {
            for (const store::Segment* segment : segments[type]) {
                for (Timestamp at = segment->min_time; at <= segment->max_time;
                     at += std::chrono::microseconds(1)) {
                    const auto reads = [&](const Piece& piece) {
                        const auto& list = piece.segments[type];
                        return holds(piece.range, at) &&
                               std::find(list.begin(), list.end(), segment) != list.end();
                    };
                    const auto read = std::count_if(pieces.begin(), pieces.end(), reads);
                    count += read != (holds(range, at) ? 1 : 0);
                }
            }
        }
        return count;
    }
};

}  // namespace

TEST_CASE("every row of a walk is read once, and only when it is in the range") {
    for (uint32_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        const Cut cut(seed);
        const TimeRange ranges[] = {{},
                                    {from_micros(200), from_micros(900)},
                                    {from_micros(300), {}},
                                    {{}, from_micros(50)}};
        for (const TimeRange& range : ranges) {
            for (const bool newest_first : {true, false}) {
                CHECK(cut.misread(range, pieces(cut.segments, range, newest_first, 400)) == 0);
            }
        }
    }
}

TEST_CASE("the pieces of a walk follow each other in time") {
    for (uint32_t seed = 0; seed < 60; ++seed) {
        const Cut cut(seed);
        const auto newest = pieces(cut.segments, {}, true, 300);
        for (size_t i = 1; i < newest.size(); ++i) {
            REQUIRE(newest[i].range.to);
            CHECK(*newest[i].range.to <= *newest[i - 1].range.from);
        }
        const auto oldest = pieces(cut.segments, {}, false, 300);
        for (size_t i = 1; i < oldest.size(); ++i) {
            REQUIRE(oldest[i].range.from);
            CHECK(*oldest[i].range.from >= *oldest[i - 1].range.to);
        }
    }
}

TEST_CASE("the first piece of a walk is small, however large the segments are") {
    store::Segment day;
    day.id = 1;
    day.min_time = from_micros(0);
    day.max_time = from_micros(86'400'000'000 - 1);
    day.rows = 864'000;  // ten a second
    const auto made = pieces({{&day}}, {}, true, 36'000);
    REQUIRE(made.size() == 4);  // an hour, four, sixteen, the rest
    CHECK(*made[0].range.from == from_micros(23 * 3'600'000'000));
    CHECK(*made[1].range.from == from_micros(19 * 3'600'000'000));
    CHECK(*made[2].range.from == from_micros(3 * 3'600'000'000));
    CHECK_FALSE(made[3].range.from);
    CHECK(pieces({{}}, {}, true, 36'000).empty());
}

}  // namespace yagura::query
