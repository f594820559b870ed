// Going on where the windows of earlier signals stood (window_past.h).
//
//        earlier signals, given again                       new ones
//   ─────────┬───────────────┬─────────────────────┬───────────────────────►
//          begin       GroupState::since     WindowPast::from
//
// What of a group lies before `since` is over. A group that holds finds itself so with its first
// event after that; one with windows without a pause begins its window there. Of what lies before
// `from` it is known what was told, so nothing else fires there: signals near `begin` lack those
// before them. Who is looked at by other correlations fires again what was told, since they take it
// in like signals; for that a window is begun wherever one began that was told when it closed.
#include <algorithm>

#include "detect/windows.h"

namespace yagura::detect {
namespace {

int64_t add_time(int64_t time, int64_t span) {
    int64_t sum = 0;
    return __builtin_add_overflow(time, span, &sum) ? INT64_MAX : sum;
}

}  // namespace

Windows::Lasting Windows::lasting_of(const match::Correlation& correlation) {
    switch (match::decision_of(correlation)) {
        case match::Decision::on_silence:
            return Lasting::nothing;
        case match::Decision::at_close:
            return Lasting::windows;
        case match::Decision::on_arrival:
            break;
    }
    if (correlation.window == match::WindowKind::tumbling) return Lasting::nothing;
    return correlation.window == match::WindowKind::session ? Lasting::windows : Lasting::hold;
}

void Windows::resume(const WindowPast& past, const std::function<bool(uint64_t group)>& is_ours) {
    past_ = &past;
    for (const GroupState& state : past.groups) {
        // Late events move the windows that begin behind them.
        const bool is_moved =
            lasting_ == Lasting::windows && !past.is_complete && state.since > past.from;
        if (!is_moved && is_ours(state.group)) waiting_.emplace(state.group, state);
    }
}

// Takes up how the group of a signal stood. False: the signal is of a window that is over.
bool Windows::take_up(const Signal& signal) {
    if (lasting_ == Lasting::nothing) return true;
    const auto waiting = waiting_.find(signal.group);
    const bool is_known = waiting != waiting_.end();
    if (lasting_ == Lasting::hold) {
        // The event that made it hold does so again.
        if (!is_known || signal.time <= waiting->second.since) return true;
    } else {
        const int64_t nothing_before = past_->is_complete ? past_->from : INT64_MIN;
        if (signal.time < (is_known ? waiting->second.since : nothing_before))
            return past_->is_looked_at && begins_again(signal);
        if (!is_known) return true;
    }
    const GroupState state = waiting->second;
    if (signal.time >= past_->from) {
        waiting_.erase(waiting);
    } else {
        waiting->second.due = INT64_MIN;  // taken up; what lies before `since` is over still
    }
    if (signal.time >= state.due) return true;
    Group& group = groups_[group_of(signal)];
    if (lasting_ == Lasting::hold && group.fired) return true;
    reset(group);
    group.fired = state.held;
    group.open = lasting_ == Lasting::hold;
    group.opened = state.since;
    return true;
}

// Whether a signal from before the group's present window is of a window that was told.
bool Windows::begins_again(const Signal& signal) {
    const int64_t close = add_time(signal.time, correlation_.timespan);
    if (correlation_.window == match::WindowKind::tumbling || close < past_->told_from) return true;
    const uint32_t number = groups_.find(signal.group);
    const bool is_open = number != 0 && groups_[number].open;
    if (close <= past_->from && past_->was_told(signal.group, close)) {
        if (is_open && groups_[number].opened != signal.time) {
            reset(groups_[number]);
            groups_[number].open = false;
        }
        return true;
    }
    return is_open || correlation_.window == match::WindowKind::session;
}

bool Windows::may_fire(const Group& group, int64_t time) const {
    return !past_ || !past_->is_certain(time) || past_->was_told(group.hash, time);
}

bool Windows::may_fire_at_close(const Group& group, int64_t time) const {
    const bool is_certain = past_ && past_->is_certain(time);
    return is_certain ? past_->was_told(group.hash, time) : !group.fired;
}

void Windows::states(int64_t now, std::vector<GroupState>& out) const {
    if (lasting_ == Lasting::nothing) return;
    for (uint32_t number = groups_.first_due(); number != 0; number = groups_[number].next) {
        const Group& group = groups_[number];
        if (lasting_ == Lasting::hold) {
            if (group.fired) out.push_back({group.hash, group.opened, group.due, true});
            continue;
        }
        int64_t since = group.opened;
        if (correlation_.window == match::WindowKind::session) {
            const int64_t end = add_time(group.opened, correlation_.timespan);
            if (!group.open || end <= now) since = end;
        } else if (!group.open) {
            since = group.due - correlation_.timespan;
        }
        out.push_back({group.hash, since, group.due, group.fired});
    }
    for (const auto& [hash, state] : waiting_) {
        if (state.due > now) out.push_back(state);
    }
}

}  // namespace yagura::detect
