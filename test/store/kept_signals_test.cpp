#include "store/kept_signals.h"

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include <doctest/doctest.h>

#include "store/catalog.h"
#include "support/must.h"

using namespace yagura;
using namespace yagura::store;
using test::must;

namespace {

using Row = std::tuple<int64_t, uint64_t, uint64_t, uint64_t, uint64_t>;

// Signals as text-like rows, streams by their ids.
std::vector<Row> rows_of(std::string_view bytes, const std::vector<uint64_t>& streams) {
    std::vector<Row> rows;
    must(KeptSignals::decode(bytes))
        .for_each([&](const KeptEvent& event, const KeptSignal& signal) {
            rows.emplace_back(
                event.time, event.identity, streams.at(signal.stream), signal.group, signal.value);
        });
    std::sort(rows.begin(), rows.end());
    return rows;
}

struct Made {
    SegmentSignals signals;
    std::vector<Row> rows;
};

// Nothing, a hash, or the bits of a number.
uint64_t value_of(std::mt19937_64& random) {
    const uint64_t value = random();
    return random() % 3 == 0 ? 0 : random() % 2 == 0 ? value >> 24 << 24 : value;
}

// Up to three signals for each of so many events, which come in no order.
Made make(std::mt19937_64& random, int events, std::vector<uint64_t> streams, int64_t unit) {
    SignalTally tally;
    Made made;
    for (int i = 0; i < events; ++i) {
        const int64_t time = (1'772'409'600 + static_cast<int64_t>(random() % 5'000)) * unit;
        const uint64_t identity = random();
        std::vector<Row> own;
        for (uint64_t n = 1 + random() % 3; n > 0; --n) {
            const KeptSignal signal{static_cast<uint32_t>(random() % streams.size()),
                                    (random() % 20 * 0x9E3779B97F4A7C15ull) & ~uint64_t{0xFF},
                                    value_of(random)};
            tally.add(time, identity, signal);
            own.emplace_back(
                time, kept_identity(identity), streams[signal.stream], signal.group, signal.value);
        }
        // The same signal of one event twice is one.
        std::sort(own.begin(), own.end());
        own.erase(std::unique(own.begin(), own.end()), own.end());
        made.rows.insert(made.rows.end(), own.begin(), own.end());
    }
    std::sort(made.rows.begin(), made.rows.end());
    made.signals = {1, std::move(streams), tally.take()};
    return made;
}

Segment segment_of(int64_t id, int64_t from, int64_t to) {
    Segment segment;
    segment.id = id;
    segment.min_time = from_micros(from);
    segment.max_time = from_micros(to);
    return segment;
}

}  // namespace

TEST_CASE("signals come back as they were noted, whole seconds or not, none or many") {
    std::mt19937_64 random(1);
    for (const int events : {0, 1, 2, 500}) {
        for (const int64_t unit : {int64_t{1}, int64_t{1'000'000}, int64_t{-1'000'000}}) {
            const Made made = make(random, events, {7, 3, 11}, unit);
            CHECK(rows_of(made.signals.bytes, made.signals.streams) == made.rows);
        }
    }
}

TEST_CASE("events of kept signals are in order of time") {
    std::mt19937_64 random(2);
    const Made made = make(random, 300, {1, 2}, 1'000'000);
    const KeptSignals kept = must(KeptSignals::decode(made.signals.bytes));
    CHECK(std::is_sorted(kept.events().begin(), kept.events().end(), [](auto& a, auto& b) {
        return std::tie(a.time, a.identity) < std::tie(b.time, b.identity);
    }));
}

TEST_CASE("events of one time are in the order of all of their identity") {
    SignalTally tally;
    for (const uint64_t low : {5, 3, 9, 1, 7}) tally.add(1'000'000, low, {0, low << 8, 0});
    const KeptSignals kept = must(KeptSignals::decode(tally.take()));
    std::map<uint32_t, uint64_t> group_at;
    for (const KeptSignals::Run& run : kept.runs())
        group_at[kept.members(run)[0]] = run.signal.group;
    std::vector<uint64_t> in_order;
    for (const auto& [place, group] : group_at) in_order.push_back(group >> 8);
    CHECK(in_order == std::vector<uint64_t>{1, 3, 5, 7, 9});
}

TEST_CASE("kept signals that are cut or changed are damaged, never something else") {
    std::mt19937_64 random(3);
    const Made made = make(random, 60, {1, 2}, 1'000'000);
    const std::string& bytes = made.signals.bytes;
    for (size_t size = 0; size < bytes.size(); ++size)
        CHECK(!KeptSignals::decode(std::string_view(bytes).substr(0, size)));
    for (size_t at = 0; at < bytes.size(); ++at) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
        const auto decoded = KeptSignals::decode(changed);
        // A bit of a frame's header may say nothing; the signals are the same then.
        if (decoded) CHECK(rows_of(changed, made.signals.streams) == made.rows);
    }
}

TEST_CASE("merged segments have the signals of the streams that all had, each where its row is") {
    std::mt19937_64 random(4);
    std::vector<Made> parts;
    parts.push_back(make(random, 200, {5, 9, 2}, 1'000'000));
    parts.push_back(make(random, 100, {9, 5}, 1'000'000));
    parts.push_back(make(random, 50, {2, 8, 9, 5}, 1'000'000));
    std::vector<SegmentSignals> before;
    std::vector<Row> wanted;
    for (const Made& part : parts) {
        before.push_back(part.signals);
        for (const Row& row : part.rows) {
            if (std::get<2>(row) == 5 || std::get<2>(row) == 9) wanted.push_back(row);
        }
    }
    std::sort(wanted.begin(), wanted.end());
    const int64_t middle = 1'772'412'000'000'000;
    const std::vector<Segment> merged{segment_of(20, middle, INT64_MAX / 2),
                                      segment_of(21, 0, middle - 1)};
    const auto after = merge_signals(before, merged);
    REQUIRE(after.size() == 2);
    CHECK(after[0].segment == 20);
    CHECK(after[1].segment == 21);
    std::vector<Row> found;
    for (const SegmentSignals& one : after) {
        CHECK(one.streams == std::vector<uint64_t>{5, 9});
        const auto rows = rows_of(one.bytes, one.streams);
        CHECK(!rows.empty());
        for (const Row& row : rows) CHECK((std::get<0>(row) >= middle) == (one.segment == 20));
        found.insert(found.end(), rows.begin(), rows.end());
    }
    std::sort(found.begin(), found.end());
    CHECK(found == wanted);
}

TEST_CASE("nothing is kept of merged segments when it is not known which has an event") {
    std::mt19937_64 random(5);
    const Made made = make(random, 20, {1}, 1'000'000);
    const std::vector<SegmentSignals> before{made.signals};
    const int64_t far = INT64_MAX / 2;
    CHECK(merge_signals(before, std::vector{segment_of(2, 0, far)}).size() == 1);
    CHECK(
        merge_signals(before, std::vector{segment_of(2, 0, far), segment_of(3, far, far)}).empty());
    CHECK(merge_signals(before, std::vector{segment_of(2, 0, 1)}).empty());
    CHECK(merge_signals({}, std::vector{segment_of(2, 0, far)}).empty());
    SegmentSignals damaged = made.signals;
    damaged.bytes.pop_back();
    CHECK(merge_signals(std::vector{damaged}, std::vector{segment_of(2, 0, far)}).empty());
}
