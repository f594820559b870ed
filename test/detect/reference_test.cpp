// The engine against a reference that keeps every event and looks at all of them each time.
#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "detect/made.h"
#include "detect/random.h"
#include "detect/stream.h"

using namespace yagura;
using namespace yagura::detect;
using match::Condition;
using match::Correlation;
using match::CorrelationType;
using match::Decision;
using match::Threshold;
using match::WindowKind;

namespace {

using Events = std::vector<Row>;  // of one group, in order

double number(const Row& row) {
    return std::stod(row.fields.at("value"));
}

double percentile(std::vector<double> values, double wanted) {
    std::sort(values.begin(), values.end());
    const double rank = wanted / 100 * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(std::floor(rank));
    const auto above = static_cast<size_t>(std::ceil(rank));
    return values[below] + (values[above] - values[below]) * (rank - std::floor(rank));
}

// Are there events of references `from` … in order, none before `since`?
bool chain(const Events& events, const std::vector<uint32_t>& order, size_t from, int64_t since) {
    if (from == order.size()) return true;
    return std::any_of(events.begin(), events.end(), [&](const Row& row) {
        return row.rule == order[from] && row.time >= since &&
               chain(events, order, from + 1, row.time);
    });
}

struct Reference {
    const Correlation& rule;

    bool sees(const Events& events, uint32_t reference) const {
        const bool seen = std::any_of(
            events.begin(), events.end(), [&](const Row& row) { return row.rule == reference; });
        if (!seen || rule.type != CorrelationType::temporal_ordered) return seen;
        std::vector<uint32_t> order;
        for (uint32_t i = 0; i <= reference; ++i) order.push_back(i);
        return chain(events, order, 0, INT64_MIN);
    }

    bool evaluate(const Condition& condition, const Events& events) const {
        const auto holds = [&](const Condition& child) { return evaluate(child, events); };
        const auto& parts = condition.children;
        if (condition.kind == Condition::Kind::predicate) return sees(events, condition.predicate);
        if (condition.kind == Condition::Kind::negation) return !holds(parts[0]);
        return condition.kind == Condition::Kind::all
                   ? std::all_of(parts.begin(), parts.end(), holds)
                   : std::any_of(parts.begin(), parts.end(), holds);
    }

    double measure(const Events& events) const {
        std::vector<double> values;
        std::set<std::string> distinct;
        double sum = 0;
        const bool has_values = rule.type >= CorrelationType::value_sum;
        for (const Row& row : events) {
            if (row.fields.count("value")) distinct.insert(row.fields.at("value"));
            if (has_values) values.push_back(number(row)), sum += values.back();
        }
        switch (rule.type) {
            case CorrelationType::event_count:
                return static_cast<double>(events.size());
            case CorrelationType::value_count:
                return static_cast<double>(distinct.size());
            case CorrelationType::value_sum:
                return sum;
            case CorrelationType::value_avg:
                return values.empty() ? 0 : sum / static_cast<double>(values.size());
            case CorrelationType::value_median:
                return values.empty() ? 0 : percentile(values, 50);
            case CorrelationType::value_percentile:
                return values.empty() ? 0 : percentile(values, rule.percentile);
            default: {
                double seen = 0;
                for (uint32_t i = 0; i < rule.references.size(); ++i) seen += sees(events, i);
                return seen;
            }
        }
    }

    bool holds(const Events& events) const {
        const double measured = measure(events);
        for (const Threshold& threshold : rule.thresholds)
            if (!threshold.holds(measured)) return false;
        const bool temporal = rule.type == CorrelationType::temporal ||
                              rule.type == CorrelationType::temporal_ordered;
        if (!temporal) return true;
        if (rule.condition) return evaluate(*rule.condition, events);
        return measured == static_cast<double>(rule.references.size());
    }

    int64_t span() const { return rule.timespan / 1'000'000; }
    int64_t gap() const { return rule.gap / 1'000'000; }

    // Windows of tumbling and session kind, and those at_close opens: [from, to) over events.
    struct Window {
        int64_t close;
        bool continues;  // the window before may have held and not drained
        Events events;
    };
    std::vector<Window> windows(const Events& events) const {
        std::vector<Window> out;
        for (const Row& row : events) {
            if (rule.window == WindowKind::session) {
                const bool within = !out.empty() &&
                                    row.time < out.back().events.back().time + gap() &&
                                    row.time < out.back().events.front().time + span();
                const bool cut = !out.empty() && row.time < out.back().events.back().time + gap();
                if (!within) out.push_back({0, cut, {}});
                out.back().events.push_back(row);
                out.back().close =
                    std::min(row.time + gap(), out.back().events.front().time + span());
                continue;
            }
            if (out.empty() || row.time >= out.back().close) {
                const int64_t start =
                    rule.window == WindowKind::tumbling ? row.time / span() * span() : row.time;
                const bool near = !out.empty() && row.time < out.back().close + span();
                out.push_back({start + span(), near, {}});
            }
            out.back().events.push_back(row);
        }
        return out;
    }

    void add(Lines& out, int64_t time, const std::string& user, double measured) const {
        out.push_back(fmt::format("{} {} {:.6g}", time, user, measured));
    }

    void arrivals(const std::string& user, const Events& events, Lines& out) const {
        if (rule.window != WindowKind::sliding) {
            for (const Window& window : windows(events)) {
                for (size_t i = 1; i <= window.events.size(); ++i) {
                    const Events some(window.events.begin(),
                                      window.events.begin() + static_cast<ptrdiff_t>(i));
                    if (!holds(some)) continue;
                    add(out, some.back().time, user, measure(some));
                    break;
                }
            }
            return;
        }
        bool fired = false;
        for (size_t i = 0; i < events.size(); ++i) {
            const int64_t now = events[i].time;
            if (i > 0 && events[i - 1].time <= now - span()) fired = false;
            Events some;
            for (size_t j = 0; j <= i; ++j)
                if (events[j].time > now - span()) some.push_back(events[j]);
            if (fired || !holds(some)) continue;
            add(out, now, user, measure(some));
            fired = true;
        }
    }

    void closings(const std::string& user, const Events& events, int64_t end, Lines& out) const {
        bool held = false;
        for (const Window& window : windows(events)) {
            if (!window.continues) held = false;
            if (window.close > end) break;
            const bool now = holds(window.events);
            if (now && !held) add(out, window.close, user, measure(window.events));
            held = now;
        }
    }

    void silences(const std::string& user, const Events& events, int64_t end, Lines& out) const {
        for (size_t i = 0; i < events.size(); ++i) {
            const int64_t due = rule.window == WindowKind::tumbling
                                    ? (events[i].time / span() + 2) * span()
                                    : events[i].time + span();
            const int64_t next = i + 1 < events.size() ? events[i + 1].time : INT64_MAX;
            if (due <= std::min(next, end)) add(out, due, user, 0);
        }
    }

    Lines fire(std::vector<Row> rows) const {
        std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
            return a.time != b.time ? a.time < b.time : a.id < b.id;
        });
        std::map<std::string, Events> groups;
        for (const Row& row : rows)
            if (row.fields.count("user")) groups[row.fields.at("user")].push_back(row);
        Lines out;
        const int64_t end = rows.empty() ? 0 : rows.back().time;
        for (const auto& [user, events] : groups) {
            const Decision decision = match::decision_of(rule);
            if (decision == Decision::on_arrival) arrivals(user, events, out);
            if (decision == Decision::at_close) closings(user, events, end, out);
            if (decision == Decision::on_silence) silences(user, events, end, out);
        }
        std::sort(out.begin(), out.end());
        return out;
    }
};

// What the events that a firing names were about, by looking them up.
std::vector<std::string> resources_of(const Firing& firing, const std::vector<Row>& rows) {
    std::vector<std::string> out;
    for (const std::string& id : firing.event_ids) {
        const auto row = std::find_if(
            rows.begin(), rows.end(), [&](const Row& one) { return std::to_string(one.id) == id; });
        REQUIRE(row != rows.end());
        for (const std::string& key : row->resources)
            if (std::find(out.begin(), out.end(), key) == out.end()) out.push_back(key);
    }
    return out;
}

}  // namespace

TEST_CASE("random correlations over random events fire as the reference does") {
    std::mt19937 random(20260302);
    size_t fired = 0, about = 0;
    for (int round = 0; round < 6000; ++round) {
        const Correlation rule = random_correlation(random);
        const auto rows = random_rows(random, static_cast<uint32_t>(rule.references.size()));
        Made made;
        made.correlations = {rule};
        const Lines expected = Reference{rule}.fire(rows);
        const Told all = made.run(rows);
        const Lines told = sorted(all.lines);
        fired += told.size();
        for (const Firing& firing : all.firings) {
            about += firing.resources.size();
            REQUIRE(firing.resources == resources_of(firing, rows));
        }
        INFO("round " << round << " type " << static_cast<int>(rule.type) << " window "
                      << static_cast<int>(rule.window) << " decision "
                      << static_cast<int>(match::decision_of(rule)) << " told "
                      << fmt::format("{}", fmt::join(told, "; ")) << " expected "
                      << fmt::format("{}", fmt::join(expected, "; ")));
        REQUIRE(told == expected);
    }
    CHECK(fired > 5000);
    CHECK(about > 5000);
}

TEST_CASE("arrival, workers, threads and spilling do not change what is told") {
    std::mt19937 random(7);
    for (int round = 0; round < 150; ++round) {
        Made made;
        for (int i = 0; i < 3; ++i) made.correlations.push_back(random_correlation(random));
        Correlation outer = correlation(CorrelationType::event_count, 60, {at_least(2)});
        outer.references[0].rules.clear();
        outer.references[0].correlations = {0, 1, 2};
        made.correlations.push_back(outer);
        auto rows = random_rows(random, 4);
        const Told told = made.run(rows);
        for (int shuffle = 0; shuffle < 3; ++shuffle) {
            std::shuffle(rows.begin(), rows.end(), random);
            made.workers = 1 + random() % 5;
            made.options.threads = 1 + random() % 3;
            made.options.max_signals = shuffle == 0 ? 3 : 1'000'000;
            const Told again = made.run(rows);
            REQUIRE(with_evidence(again) == with_evidence(told));
            REQUIRE(again.counts.windows.open_windows == told.counts.windows.open_windows);
        }
    }
}

TEST_CASE("a stream tells what a batch tells while nothing is later than allowed") {
    std::mt19937 random(11);
    for (int round = 0; round < 300; ++round) {
        Made made;
        for (int i = 0; i < 3; ++i) made.correlations.push_back(random_correlation(random));
        Correlation outer = correlation(CorrelationType::temporal, 30, {}, 2);
        outer.references[0].rules.clear();
        outer.references[0].correlations = {0, 1, 2};
        made.correlations.push_back(outer);
        auto rows = random_rows(random, 4);
        const int64_t lateness = 1 + static_cast<int64_t>(random() % 10);
        // Arrival: event time plus some delay within the lateness.
        std::vector<std::pair<int64_t, Row>> arriving;
        for (const Row& row : rows)
            arriving.emplace_back(row.time + static_cast<int64_t>(random() % uint64_t(lateness)),
                                  row);
        std::sort(arriving.begin(), arriving.end(), [](const auto& a, const auto& b) {
            return a.first < b.first;
        });
        const Targets targets({made.rules, made.correlations, made.first_seen});
        FirstSeenMemory memory(targets);
        Stream stream(targets, memory, {});
        Told told;
        const FiringSink sink = [&](const Firing& firing) {
            told.lines.push_back(line_of(firing));
            told.firings.push_back(firing);
        };
        for (const auto& [when, row] : arriving) {
            stream.observe(from_micros(row.time * 1'000'000), std::chrono::seconds(lateness));
            give(stream.signals(), row);
            if (random() % 3 == 0) REQUIRE(stream.settle(sink));
        }
        REQUIRE(stream.flush(sink));
        CHECK(stream.counts().late == 0);
        REQUIRE(sorted(with_evidence(told)) == sorted(with_evidence(made.run(rows))));
    }
}

TEST_CASE("what comes after its time was decided is dropped and counted") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 100, {at_least(2)})};
    const Targets targets({made.rules, made.correlations, {}});
    FirstSeenMemory memory(targets);
    Stream stream(targets, memory, {});
    Lines told;
    const FiringSink sink = [&](const Firing& firing) { told.push_back(line_of(firing)); };
    const auto come = [&](int64_t time, uint64_t id) {
        stream.observe(from_micros(time * 1'000'000), std::chrono::seconds(10));
        give(stream.signals(), {time, 0, {{"user", "alice"}}, id});
        REQUIRE(stream.settle(sink));
    };
    come(100, 1);
    come(120, 2);
    come(109, 3);  // decided is everything before 110
    CHECK(told.empty());
    come(140, 4);
    CHECK(stream.counts().late == 1);
    CHECK(told == Lines{"120 alice 2"});
    CHECK(stream.decided_before() == 130 * 1'000'000);
}

TEST_CASE("when too many signals wait the older half is decided before its time") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 1000, {at_least(60)})};
    const Targets targets({made.rules, made.correlations, {}});
    FirstSeenMemory memory(targets);
    Stream stream(targets, memory, {.limits = {}, .max_waiting = 50});
    const FiringSink sink = [](const Firing&) {};
    for (uint64_t i = 0; i < 51; ++i) {
        stream.observe(from_micros(static_cast<int64_t>(i) * 1'000'000));
        give(stream.signals(), {static_cast<int64_t>(i), 0, {{"user", "alice"}}, i + 1});
    }
    REQUIRE(stream.settle(sink));
    CHECK(stream.counts().forced == 25);
    CHECK(stream.counts().is_incomplete());
}
