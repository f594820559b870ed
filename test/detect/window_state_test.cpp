// Windows that go on from how they stood tell what windows that were never left tell.
#include "detect/window_state.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <doctest/doctest.h>

#include "detect/made.h"
#include "detect/random.h"
#include "detect/state_file.h"
#include "detect/stream.h"

using namespace yagura;
using namespace yagura::detect;
using match::CorrelationType;
using match::WindowKind;

namespace {

// Matches whose groups hardly ever rest: a few minutes of them.
std::vector<Row> lasting_rows(std::mt19937& random) {
    std::vector<Row> rows;
    for (int64_t part = 0; part < 4; ++part) {
        for (Row row : random_rows(random, 4)) {
            row.time += part * 60;
            row.id += static_cast<uint64_t>(part) * 2000;
            rows.push_back(row);
        }
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
    return rows;
}

// Decides rows part by part, each with nothing but the states of before, what was told, and the
// rows within reach.
class Restarted {
  public:
    Restarted(const Made& made, bool as_stream)
        : made_(made),
          as_stream_(as_stream),
          targets_({made.rules, made.correlations, made.first_seen}),
          streams_(targets_, {made.rules, made.correlations, made.first_seen}, nullptr, {}) {}

    // `rows` in order of time; those before `begin` were decided.
    void decide(const std::vector<Row>& rows, size_t begin, size_t end) {
        const int64_t last = rows[end - 1].time * 1'000'000;
        const WindowStates states = unwrap(WindowStates::decode(bytes_, "states"));
        WindowPasts pasts(targets_.correlation_count());
        if (begin > 0) {
            pasts =
                states.pasts(streams_, targets_, from_, [&](auto target, auto group, auto time) {
                    return told_.contains({target, group, time});
                });
        }
        FirstSeenMemory memory(targets_);
        Batch batch(targets_, memory, {.keeps_groups = true});
        Stream stream(targets_, memory, {});
        SignalCollector& signals = as_stream_ ? stream.signals() : batch.new_collector();
        for (size_t i = 0; i < end; ++i) {
            if (begin == 0 || rows[i].time * 1'000'000 >= from_ - targets_.reach())
                give(signals, rows[i]);
        }
        const FiringSink sink = [&](const Firing& firing) { tell(firing, begin > 0); };
        const int64_t told_from = begin == 0 ? INT64_MIN : from_;
        if (as_stream_) {
            stream.resume(pasts);
            stream.observe(from_micros(last));
            REQUIRE(stream.flush(sink));
            bytes_ =
                WindowStates(last, streams_, targets_, pasts, stream.groups(), told_from).encode();
        } else {
            batch.resume(pasts);
            REQUIRE(batch.decide(last, sink));
            bytes_ =
                WindowStates(last, streams_, targets_, pasts, batch.groups(), told_from).encode();
        }
        from_ = last;
    }

    const Told& told() const { return out_; }

  private:
    template <class T>
    static T unwrap(Result<T> result) {
        REQUIRE(result);
        return std::move(*result);
    }

    void tell(const Firing& firing, bool is_later) {
        if (is_later && firing.time < from_) return;
        if (!told_.insert({firing.target, firing.group, firing.time}).second) return;
        out_.lines.push_back(line_of(firing));
        out_.firings.push_back(firing);
    }

    const Made& made_;
    bool as_stream_;
    Targets targets_;
    SignalStreams streams_;
    std::string bytes_ = WindowStates().encode();
    int64_t from_ = 0;
    std::set<std::tuple<uint32_t, uint64_t, int64_t>> told_;
    Told out_;
};

// Random parts; events of one time are in one of them.
Told in_parts(const Made& made,
              const std::vector<Row>& rows,
              bool as_stream,
              std::mt19937& random) {
    Restarted restarted(made, as_stream);
    for (size_t begin = 0; begin < rows.size();) {
        size_t end = std::min(begin + 1 + random() % 40, rows.size());
        while (end < rows.size() && rows[end].time == rows[end - 1].time) ++end;
        restarted.decide(rows, begin, end);
        begin = end;
    }
    return restarted.told();
}

bool is_cut_into_sessions(const match::Correlation& correlation) {
    return correlation.window == WindowKind::session;
}

// What one has and the other lacks.
std::string difference(const Told& restarted, const Told& whole) {
    const Lines left = sorted(with_evidence(restarted)), right = sorted(with_evidence(whole));
    Lines more, less;
    std::set_difference(left.begin(), left.end(), right.begin(), right.end(), back_inserter(more));
    std::set_difference(right.begin(), right.end(), left.begin(), left.end(), back_inserter(less));
    if (more.empty() && less.empty()) return "";
    return fmt::format("told: {}; not told: {}", fmt::join(more, ", "), fmt::join(less, ", "));
}

std::string described(const match::Correlation& rule) {
    return fmt::format("type {} window {} decision {} span {}",
                       static_cast<int>(rule.type),
                       static_cast<int>(rule.window),
                       static_cast<int>(match::decision_of(rule)),
                       rule.timespan / 1'000'000);
}

}  // namespace

TEST_CASE("every kind of correlation tells the same however often it is restarted") {
    std::mt19937 random(20261122);
    size_t fired = 0;
    for (int round = 0; round < 3000; ++round) {
        Made made;
        made.correlations = {random_correlation(random)};
        const auto rows = lasting_rows(random);
        const Told whole = made.run(rows);
        fired += whole.lines.size();
        INFO("round " << round << " " << described(made.correlations[0]));
        REQUIRE(difference(in_parts(made, rows, round % 2 == 0, random), whole) == "");
    }
    CHECK(fired > 10'000);
}

TEST_CASE("correlations of correlations do, too") {
    std::mt19937 random(20261123);
    size_t fired = 0;
    for (int round = 0; round < 3000; ++round) {
        Made made;
        while (made.correlations.size() < 2) {
            const auto one = random_correlation(random);
            if (!is_cut_into_sessions(one)) made.correlations.push_back(one);
        }
        const auto type =
            random() % 2 == 0 ? CorrelationType::event_count : CorrelationType::temporal;
        match::Correlation outer =
            correlation(type, 5 + static_cast<int64_t>(random() % 40), {at_least(2)}, 2);
        outer.window = static_cast<WindowKind>(random() % 3);
        outer.gap = 10'000'000;
        for (uint32_t i = 0; i < 2; ++i) {
            outer.references[i].rules.clear();
            outer.references[i].correlations = {i};
        }
        made.correlations.push_back(outer);
        const auto rows = lasting_rows(random);
        const Told whole = made.run(rows);
        fired += whole.lines.size();
        INFO("round " << round << " " << described(made.correlations[0]) << ", "
                      << described(made.correlations[1]) << " in " << described(outer));
        REQUIRE(difference(in_parts(made, rows, round % 2 == 0, random), whole) == "");
    }
    CHECK(fired > 10'000);
}

TEST_CASE("states belong to what a correlation asks") {
    const auto id_of = [](const match::Correlation& one, const match::Rule& rule) {
        Made made;
        made.rules[0] = rule;
        made.correlations = {one};
        const Targets targets({made.rules, made.correlations, {}});
        return SignalStreams(targets, {made.rules, made.correlations, {}}, nullptr, {})
            .target_id(0);
    };
    const match::Correlation often = correlation(CorrelationType::event_count, 60, {at_least(3)});
    const match::Rule rule;
    CHECK(id_of(often, rule) == id_of(often, rule));
    std::vector<match::Correlation> others(6, often);
    others[0].timespan += 1;
    others[1].thresholds[0].value = 4;
    others[2].window = WindowKind::tumbling;
    others[3].info.id = "another";
    others[4].references[0].group_by = {"account"};
    others[5].condition = seen(0);
    for (const match::Correlation& other : others) CHECK(id_of(other, rule) != id_of(often, rule));
    match::Rule another = rule;
    another.condition.kind = match::Condition::Kind::constant;
    another.condition.constant = true;
    CHECK(id_of(often, another) != id_of(often, rule));
    match::Correlation renamed = often;
    renamed.info.title = "Renamed";
    renamed.info.level = match::Level::low;
    CHECK(id_of(renamed, rule) == id_of(often, rule));
}

TEST_CASE("a correlation of correlations asks what those ask") {
    const auto id_of_outer = [](int64_t timespan_of_inner) {
        Made made;
        made.correlations = {
            correlation(CorrelationType::event_count, timespan_of_inner, {at_least(3)}),
            correlation(CorrelationType::event_count, 60, {at_least(2)})};
        made.correlations[1].references[0].rules.clear();
        made.correlations[1].references[0].correlations = {0};
        const Targets targets({made.rules, made.correlations, {}});
        return SignalStreams(targets, {made.rules, made.correlations, {}}, nullptr, {})
            .target_id(1);
    };
    CHECK(id_of_outer(10) == id_of_outer(10));
    CHECK(id_of_outer(10) != id_of_outer(11));
}

TEST_CASE("damaged bytes hold no states, and too many groups are left out") {
    Made made;
    made.correlations = {correlation(CorrelationType::event_count, 60, {at_least(3)}),
                         correlation(CorrelationType::value_count, 60, {at_least(3)})};
    const Targets targets({made.rules, made.correlations, {}});
    const SignalStreams streams(targets, {made.rules, made.correlations, {}}, nullptr, {});
    GroupStates groups(2);
    groups[0].resize(WindowStates::kMaxGroups);
    groups[1] = {{0x700, 5, 65, true}, {0x100, 7, 67, false}};
    const auto never = [](uint32_t, uint64_t, int64_t) { return false; };
    const WindowStates full(100, streams, targets, {}, groups, 0);
    CHECK(full.pasts(streams, targets, 100, never)[0]);
    CHECK_FALSE(full.pasts(streams, targets, 100, never)[1]);
    groups[0].resize(1);
    const std::string bytes = WindowStates(100, streams, targets, {}, groups, 0).encode();
    const auto back = WindowStates::decode(bytes, "states");
    REQUIRE(back);
    CHECK(back->until() == 100);
    const WindowPasts pasts = back->pasts(streams, targets, 90, never);
    REQUIRE(pasts[1]);
    CHECK(pasts[1]->groups == std::vector<GroupState>{{0x100, 7, 67, false}, {0x700, 5, 65, true}});
    CHECK_FALSE(pasts[1]->is_complete);
    for (size_t size = 0; size < bytes.size(); ++size)
        REQUIRE_FALSE(WindowStates::decode(std::string_view(bytes).substr(0, size), "states"));
    for (size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
        REQUIRE_FALSE(WindowStates::decode(damaged, "states"));
    }
    // A stranger's file may have a checksum that is right.
    const std::string_view content = std::string_view(bytes).substr(0, bytes.size() - 8);
    for (size_t size = 0; size < content.size(); ++size) {
        std::string cut(content.substr(0, size));
        put(cut, hash64(cut));
        REQUIRE_FALSE(WindowStates::decode(cut, "states"));
    }
}
