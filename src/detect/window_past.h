// What the windows of one correlation go on from, when earlier signals are given to them again.
//
// Most of a window is there again with its signals. What is not: that a group still holds because
// of events any time back, as none of its pauses was long enough; and where windows begin that
// followed each other without a pause. Both are a few numbers for a group (GroupState). What was
// told of the signals that are given again is asked for, so that correlations of correlations hear
// of the same firings as before.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace yagura::detect {

// Times in microseconds.
struct GroupState {
    uint64_t group = 0;
    int64_t since = 0;  // it holds since then; or its window was opened, or its last one closed
    int64_t due = 0;    // it is forgotten then, unless an event comes before
    bool held = false;  // it holds, or the window before did
    friend bool operator==(const GroupState&, const GroupState&) = default;
};

// By target.
using GroupStates = std::vector<std::vector<GroupState>>;

struct WindowPast {
    int64_t from = 0;           // what was decided before it is not decided anew
    int64_t told_from = 0;      // of what was decided since then, everything was told
    bool is_complete = false;   // a group without a state had no window at `from`
    bool is_looked_at = false;  // by other correlations
    std::vector<GroupState> groups;
    std::function<bool(uint64_t group, int64_t time)> was_told;  // called from several threads

    // was_told() says whether it was decided so then.
    bool is_certain(int64_t time) const { return time < from && time >= told_from; }
};

// By target; none for those that nothing is known of.
using WindowPasts = std::vector<std::optional<WindowPast>>;

}  // namespace yagura::detect
