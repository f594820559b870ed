// The windows of one correlation: signals in, decisions out.
//
//   Windows windows(correlation, target, limits);
//   windows.add(signal, decided);            // signals in the order of is_before()
//   windows.advance(now, decided);           // nothing before or at `now` will come any more
//   windows.open_windows()                   // at the end of the data: not decided
//
// What a window is, when it is decided and when it may fire again is written in
// docs/correlations.md; match::decision_of says which of the three ways a correlation goes.
// Not thread-safe. State is bounded by `limits`; what had to go is counted.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/keyed_hash.h"
#include "detect/group_table.h"
#include "detect/signal.h"
#include "detect/window_past.h"
#include "match/correlation.h"

namespace yagura::detect {

struct WindowLimits {
    uint64_t groups = 1'000'000;   // of one correlation
    uint64_t entries = 8'000'000;  // of one correlation
    uint32_t entries_per_group = 100'000;
};

struct WindowCounts {
    uint64_t updates = 0;
    uint64_t evicted_groups = 0;  // the oldest, when there were too many
    uint64_t evicted_events = 0;  // of a group with too many; its measure is then too low
    uint64_t open_windows = 0;    // at the end of the data: not decided
    void add(const WindowCounts& other);
};

// A correlation holds for a group.
struct Decided {
    static constexpr size_t kEvidence = 10;
    int64_t time = 0;  // of the deciding event, or when the window closed
    uint64_t group = 0;
    int64_t opened = 0;  // start of the window
    int64_t first = 0;   // of the events in it
    int64_t last = 0;
    double measured = 0;
    uint64_t events = 0;
    uint64_t evidence_of_key = 0;
    uint32_t target = 0;
    uint16_t key = 0;
    uint8_t evidence_count = 0;
    std::array<uint64_t, kEvidence> evidence{};  // the first ones and the last
};

class Windows {
  public:
    Windows(const match::Correlation& correlation, uint32_t target, const WindowLimits& limits);

    void add(const Signal& signal, std::vector<Decided>& out);
    void advance(int64_t now, std::vector<Decided>& out);

    // Before the first signal: goes on from `past`, which outlives this; with those of its groups
    // that are ours. Signals from Targets::reach() before `past.from` on are to follow.
    void resume(const WindowPast& past, const std::function<bool(uint64_t group)>& is_ours);
    // How groups stand, when all signals up to `now` were added.
    void states(int64_t now, std::vector<GroupState>& out) const;

    const WindowCounts& counts() const { return counts_; }
    uint64_t groups() const { return groups_.size(); }
    uint64_t open_windows() const;

  private:
    enum class Measure : uint8_t { events, distinct, numbers, seen, in_order };
    // What of a group the signals of its last windows do not tell.
    enum class Lasting : uint8_t { nothing, hold, windows };
    static Lasting lasting_of(const match::Correlation& correlation);

    bool is_repeated(const Signal& signal);
    void settle(int64_t now, std::vector<Decided>& out);
    void settle_sessions(int64_t now, std::vector<Decided>& out);
    void come_due(uint32_t number, std::vector<Decided>& out);
    bool close(uint32_t number, int64_t time, std::vector<Decided>& out);
    uint32_t group_of(const Signal& signal);
    void begin_window(Group& group, const Signal& signal);
    void reset(Group& group);
    int64_t due_of(const Group& group, int64_t time) const;
    int64_t session_end(const Group& group) const;
    int64_t window_start(int64_t time) const;

    void take_in(Group& group, const Signal& signal);
    void take_event(Group& group, const Entry& entry);
    void take_distinct(Group& group, const Entry& entry);
    void take_reference(Group& group, const Signal& signal);
    void drop_before(Group& group, int64_t horizon);
    double measure(const Group& group) const;
    double number_of(const Group& group) const;
    double percentile(const Group& group) const;
    bool holds(const Group& group, double measured) const;
    bool reached(const Group& group, uint32_t reference) const;
    bool evaluate(const match::Condition& condition, const Group& group, uint32_t depth) const;
    void collect_positive(const match::Condition& condition, bool negated, uint32_t depth);
    void fire(const Group& group, int64_t time, double measured, std::vector<Decided>& out);
    void make_room();

    // windows_past.cpp
    bool take_up(const Signal& signal);
    bool begins_again(const Signal& signal);
    bool may_fire(const Group& group, int64_t time) const;
    bool may_fire_at_close(const Group& group, int64_t time) const;

    const match::Correlation& correlation_;
    uint32_t target_;
    WindowLimits limits_;
    match::Decision decision_;
    Measure measure_;
    Lasting lasting_;
    uint32_t enough_ = 1;          // so many entries decide every threshold
    bool is_cut_ = false;          // the limits allow fewer
    std::vector<uint32_t> chain_;  // in_order: references in the order asked for
    std::vector<uint32_t> place_;  // in_order: of a reference in chain_, or kNone
    GroupTable groups_;
    const WindowPast* past_ = nullptr;  // null: none
    // For a signal of the group.
    std::unordered_map<uint64_t, GroupState, KeyedNumberHash> waiting_;
    std::vector<Signal> same_event_;  // what the event being looked at has told so far
    uint64_t entries_ = 0;
    WindowCounts counts_;
    mutable std::vector<double> numbers_;  // reused
};

}  // namespace yagura::detect
