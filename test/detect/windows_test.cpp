#include "detect/windows.h"

#include <doctest/doctest.h>

#include "detect/made.h"

using namespace yagura;
using namespace yagura::detect;
using match::Condition;
using match::CorrelationType;
using match::Threshold;
using match::WindowKind;

namespace {

Lines told(const match::Correlation& correlation, const std::vector<Row>& rows, int64_t end = -1) {
    Made made;
    made.correlations = {correlation};
    return made.run(rows, end).lines;
}

std::vector<Row> valued(std::initializer_list<std::pair<int64_t, const char*>> values) {
    std::vector<Row> rows;
    for (const auto& [time, value] : values)
        rows.push_back({time, 0, {{"user", "alice"}, {"value", value}}, rows.size() + 1});
    return rows;
}

}  // namespace

TEST_CASE("a count fires with the event that reaches it") {
    const auto rule = correlation(CorrelationType::event_count, 10, {at_least(3)});
    CHECK(told(rule, at({0, 5, 9})) == Lines{"9 alice 3"});
    CHECK(told(rule, at({0, 5})).empty());
}

TEST_CASE("an event exactly one timespan ago has left the window") {
    const auto rule = correlation(CorrelationType::event_count, 10, {at_least(2)});
    CHECK(told(rule, at({0, 10})).empty());
    CHECK(told(rule, at({1, 10})) == Lines{"10 alice 2"});
}

TEST_CASE("a group fires once and again only after its window has drained") {
    const auto rule = correlation(CorrelationType::event_count, 10, {at_least(2)});
    CHECK(told(rule, at({0, 1, 2, 3, 12, 21, 30})) == Lines{"1 alice 2"});
    CHECK(told(rule, at({0, 1, 11, 12})) == Lines{"1 alice 2", "12 alice 2"});
}

TEST_CASE("groups do not know of each other") {
    const auto rule = correlation(CorrelationType::event_count, 10, {at_least(2)});
    const auto rows = together(at({0, 4}), at({1, 3}, 0, "Alice"));
    CHECK(told(rule, rows) == Lines{"3 Alice 2", "4 alice 2"});
}

TEST_CASE("an event without the group's field is not counted unless that is a group") {
    auto rule = correlation(CorrelationType::event_count, 10, {at_least(2)});
    const std::vector<Row> rows = {{1, 0, {}, 1}, {2, 0, {}, 2}};
    CHECK(told(rule, rows).empty());
    rule.missing_is_a_group = true;
    CHECK(told(rule, rows) == Lines{"2 - 2"});
}

TEST_CASE("without group-by all events are one group") {
    auto rule = correlation(CorrelationType::event_count, 10, {at_least(2)});
    rule.group_by.clear();
    rule.references[0].group_by.clear();
    CHECK(told(rule, together(at({1}), at({2}, 0, "bob"))) == Lines{"2 2"});
}

TEST_CASE("an event that matches two rules of a correlation counts once") {
    const auto rule = correlation(CorrelationType::event_count, 10, {at_least(2)}, 2);
    const Row one{1, 0, {{"user", "alice"}}, 1};
    Row again = one;
    again.rule = 1;
    CHECK(told(rule, {one, again}).empty());
    CHECK(told(rule, {one, again, {2, 1, {{"user", "alice"}}, 2}}) == Lines{"2 alice 2"});
    const auto both = correlation(CorrelationType::temporal, 10, {}, 2);
    CHECK(told(both, {one, again}) == Lines{"1 alice 2"});
}

TEST_CASE("a range holds between its bounds, when the window has closed") {
    const auto rule = correlation(
        CorrelationType::event_count, 10, {at_least(2), bound(Threshold::Kind::less_equal, 3)});
    CHECK(told(rule, at({0, 5}), 10) == Lines{"10 alice 2"});
    CHECK(told(rule, at({0, 5}), 9).empty());
    CHECK(told(rule, at({0, 5, 6, 7}), 10).empty());
}

TEST_CASE("an upper bound is decided at close, and told once until a window did not hold") {
    const auto rule = correlation(CorrelationType::event_count, 10, {below(2)});
    // [0,10) 1 event, [10,20) 1 event: held again; [20,30) 2 events: not; [30,40) 1 event.
    CHECK(told(rule, at({0, 10, 20, 21, 30}), 100) == Lines{"10 alice 1", "40 alice 1"});
    // Drained between: a whole timespan without an event.
    CHECK(told(rule, at({0, 20}), 100) == Lines{"10 alice 1", "30 alice 1"});
    CHECK(told(rule, at({0, 19}), 100) == Lines{"10 alice 1"});
}

TEST_CASE("silence fires when a timespan has passed, and again after the next event") {
    const auto rule =
        correlation(CorrelationType::event_count, 10, {bound(Threshold::Kind::equal, 0)});
    CHECK(told(rule, at({0, 5}), 14).empty());
    CHECK(told(rule, at({0, 5}), 15) == Lines{"15 alice 0"});
    CHECK(told(rule, at({0, 30}), 40) == Lines{"10 alice 0", "40 alice 0"});
}

TEST_CASE("windows that are open at the end of the data are counted, not decided") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 10, {below(5)})};
    const Told result = made.run(together(at({0}), at({8}, 0, "bob")), 12);
    CHECK(result.lines == Lines{"10 alice 1"});
    CHECK(result.counts.windows.open_windows == 1);
}

TEST_CASE("distinct values are counted, not events") {
    const auto rule = correlation(CorrelationType::value_count, 10, {at_least(3)});
    CHECK(told(rule, valued({{0, "a"}, {1, "a"}, {2, "b"}, {3, "b"}})).empty());
    CHECK(told(rule, valued({{0, "a"}, {1, "a"}, {2, "b"}, {3, "c"}})) == Lines{"3 alice 3"});
    // `a` was seen again at 5 and so is still there at 11.
    CHECK(told(rule, valued({{0, "a"}, {4, "b"}, {5, "a"}, {11, "c"}})) == Lines{"11 alice 3"});
    CHECK(told(rule, valued({{0, "a"}, {4, "b"}, {11, "c"}})).empty());
}

TEST_CASE("tuples count as one value") {
    auto rule = correlation(CorrelationType::value_count, 10, {at_least(2)});
    rule.references[0].value_fields = {"value", "other"};
    std::vector<Row> rows = valued({{0, "ab"}, {1, "a"}});
    rows[0].fields["other"] = "c";
    rows[1].fields["other"] = "bc";
    CHECK(told(rule, rows) == Lines{"1 alice 2"});
    rows[1].fields.erase("other");
    CHECK(told(rule, rows).empty());
}

TEST_CASE("sums, averages, medians and percentiles take numbers only") {
    const auto values = valued({{0, "1"}, {1, "2"}, {2, "many"}, {3, "4"}, {4, "10.5"}});
    CHECK(told(correlation(CorrelationType::value_sum, 10, {at_least(7)}), values) ==
          Lines{"3 alice 7"});
    CHECK(told(correlation(CorrelationType::value_avg, 10, {at_least(4)}), values) ==
          Lines{"4 alice 4.375"});
    CHECK(told(correlation(CorrelationType::value_median, 10, {at_least(3)}), values) ==
          Lines{"4 alice 3"});
    auto percentile = correlation(CorrelationType::value_percentile, 10, {at_least(8)});
    percentile.percentile = 90;
    // Ranks 0 … 3: 0.9 × 3 = 2.7, so 4 + 0.7 × 6.5.
    CHECK(told(percentile, values) == Lines{"4 alice 8.55"});
}

TEST_CASE("what left the window is no longer summed") {
    const auto rule = correlation(CorrelationType::value_sum, 10, {at_least(10)});
    CHECK(told(rule, valued({{0, "9"}, {10, "9"}, {19, "1"}})) == Lines{"19 alice 10"});
}

TEST_CASE("temporal wants every reference within the timespan, in any order") {
    const auto rule = correlation(CorrelationType::temporal, 10, {}, 2);
    CHECK(told(rule, together(at({5}, 0), at({0}, 1))) == Lines{"5 alice 2"});
    CHECK(told(rule, together(at({10}, 0), at({0}, 1))).empty());
    CHECK(told(rule, at({0, 1, 2}, 0)).empty());
}

TEST_CASE("temporal_ordered wants them in the order of the references, ties accepted") {
    const auto rule = correlation(CorrelationType::temporal_ordered, 10, {}, 3);
    const auto rows = [](int64_t a, int64_t b, int64_t c) {
        return together(together(at({a}, 0), at({b}, 1)), at({c}, 2));
    };
    CHECK(told(rule, rows(1, 2, 3)) == Lines{"3 alice 3"});
    CHECK(told(rule, rows(1, 3, 2)).empty());
    CHECK(told(rule, rows(5, 5, 5)) == Lines{"5 alice 3"});
    CHECK(told(rule, rows(0, 5, 10)).empty());
    // Ties are in order whichever comes first by identity.
    std::vector<Row> tie = rows(5, 5, 5);
    std::swap(tie[0].id, tie[2].id);
    CHECK(told(rule, tie) == Lines{"5 alice 3"});
}

TEST_CASE("temporal_ordered takes the latest beginning that still leads to the end") {
    const auto rule = correlation(CorrelationType::temporal_ordered, 10, {}, 2);
    CHECK(told(rule, together(at({0, 12}, 0), at({13}, 1))) == Lines{"13 alice 2"});
    CHECK(told(rule, together(at({0, 14}, 0), at({13}, 1))).empty());
}

TEST_CASE("an extended condition speaks of what was seen") {
    auto rule = correlation(CorrelationType::temporal, 10, {}, 3);
    rule.condition = combined(Condition::Kind::all,
                              {seen(0), combined(Condition::Kind::any, {seen(1), seen(2)})});
    CHECK(told(rule, together(at({1}, 0), at({2}, 2))) == Lines{"2 alice 2"});
    CHECK(told(rule, together(at({1}, 1), at({2}, 2))).empty());
}

TEST_CASE("a negation is decided when the window has closed") {
    auto rule = correlation(CorrelationType::temporal, 10, {}, 2);
    rule.condition =
        combined(Condition::Kind::all, {seen(0), combined(Condition::Kind::negation, {seen(1)})});
    CHECK(told(rule, at({0}, 0), 10) == Lines{"10 alice 1"});
    CHECK(told(rule, together(at({0}, 0), at({9}, 1)), 30).empty());
    CHECK(told(rule, together(at({0}, 0), at({10}, 1)), 30) == Lines{"10 alice 1"});
}

TEST_CASE("tumbling windows begin at multiples of the timespan") {
    auto rule = correlation(CorrelationType::event_count, 10, {at_least(2)});
    rule.window = WindowKind::tumbling;
    CHECK(told(rule, at({9, 10})).empty());
    CHECK(told(rule, at({0, 9, 10, 11})) == Lines{"9 alice 2", "11 alice 2"});
}

TEST_CASE("a session ends with a gap, at the latest after the timespan") {
    auto rule = correlation(CorrelationType::event_count, 10, {at_least(3)});
    rule.window = WindowKind::session;
    rule.gap = 4'000'000;
    CHECK(told(rule, at({0, 3, 6})) == Lines{"6 alice 3"});
    CHECK(told(rule, at({0, 3, 7})).empty());
    CHECK(told(rule, at({0, 3, 6, 9, 12, 15, 18})) == Lines{"6 alice 3", "18 alice 3"});
}

TEST_CASE("a session that is open when the data ends is not decided") {
    auto rule = correlation(CorrelationType::event_count, 10, {below(3)});
    rule.window = WindowKind::session;
    rule.gap = 4'000'000;
    CHECK(told(rule, at({0, 3}), 6).empty());
    CHECK(told(rule, at({0, 3}), 7) == Lines{"7 alice 2"});
}

TEST_CASE("correlations of correlations see their firings, by the keys they carry") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 10, {at_least(2)}),
                         correlation(CorrelationType::temporal_ordered, 60, {}, 2)};
    match::Correlation& outer = made.correlations[1];
    outer.references[0].rules.clear();
    outer.references[0].correlations = {0};
    outer.references[1].rules = {1};
    auto rows = together(at({0, 1}, 0), at({20}, 1));
    rows[0].resources = {"AWS::S3::Bucket/a"};
    rows[1].resources = {"AWS::S3::Bucket/b", "AWS::S3::Bucket/a"};
    rows[2].resources = {"AWS::S3::Bucket/c"};
    const Told result = made.run(rows);
    CHECK(result.lines == Lines{"1 alice 2", "20 alice 2"});
    REQUIRE(result.firings.size() == 2);
    CHECK(evidence_of(result.firings[0]) == "1 2: AWS::S3::Bucket/a AWS::S3::Bucket/b");
    // Of the inner firing its last event stands for it, and all that its events were about.
    CHECK(evidence_of(result.firings[1]) ==
          "2 1001: AWS::S3::Bucket/a AWS::S3::Bucket/b AWS::S3::Bucket/c");
    CHECK(Targets({made.rules, made.correlations, {}}).level(1) == 1);
}

TEST_CASE("evidence is the first events and the last") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 100, {at_least(12)})};
    auto rows = at({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    for (Row& row : rows) row.resources = {fmt::format("AWS::S3::Bucket/b{}", row.id / 3)};
    const Told result = made.run(rows);
    REQUIRE(result.firings.size() == 1);
    const Firing& firing = result.firings[0];
    CHECK(evidence_of(firing) ==
          "1 2 3 4 5 6 7 8 9 12: AWS::S3::Bucket/b0 AWS::S3::Bucket/b1 AWS::S3::Bucket/b2 "
          "AWS::S3::Bucket/b3 AWS::S3::Bucket/b4");
    CHECK(firing.events == 12);
    CHECK(firing.first == 0);
    CHECK(firing.last == 11'000'000);
    CHECK(firing.event.part(finding::Part::event_id) == "12");
}

TEST_CASE("a firing names a bounded number of resources, the first ones") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 100, {at_least(3)})};
    auto rows = at({0, 1, 2});
    std::vector<std::string> all;
    for (Row& row : rows) {
        for (int i = 0; i < 30; ++i)
            row.resources.push_back(fmt::format("AWS::S3::Bucket/b{}-{}", row.id, i));
        all.insert(all.end(), row.resources.begin(), row.resources.end());
    }
    all.resize(Firing::kMaxResources);
    const Told result = made.run(rows);
    REQUIRE(result.firings.size() == 1);
    CHECK(result.firings[0].resources == all);
}

TEST_CASE("the oldest groups go when there are too many, counted") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 1000, {at_least(2)})};
    made.options.limits.groups = kShards;  // one in each shard
    std::vector<Row> rows;
    for (int i = 0; i < 400; ++i)
        rows.push_back({i, 0, {{"user", "user-" + std::to_string(i)}}, uint64_t(i) + 1});
    rows.push_back({400, 0, {{"user", "user-399"}}, 500});
    rows.push_back({401, 0, {{"user", "user-0"}}, 501});
    const Told result = made.run(rows);
    CHECK(result.lines == Lines{"400 user-399 2"});
    CHECK(result.counts.windows.evicted_groups >= 400 - kShards);
    CHECK(result.counts.is_incomplete());
}

TEST_CASE("a group keeps no more events than allowed, counted") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 1000, {at_least(5)})};
    made.options.limits.entries_per_group = 4;
    const Told result = made.run(at({0, 1, 2, 3, 4, 5}));
    CHECK(result.lines.empty());
    CHECK(result.counts.windows.evicted_events == 2);
}
