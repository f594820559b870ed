// Every signal changes one group in constant time: what a window needs is kept, not the events.
//
// - event_count: the times of the last N events, N being where more cannot change the answer.
// - value_count: of the last N distinct values when each was last seen; O(N) per signal.
// - value_sum, …: all values of the window; a percentile is O(window).
// - temporal: when each reference was last seen.
// - temporal_ordered: for each reference the latest time at which a chain of events up to it can
//   have begun; the chain is complete when the last one's began inside the window. An event of
//   reference i extends the best chain of i − 1, and events of one instant extend each other, so
//   ties are in order either way.
//
// A group is looked at when a signal comes and when it is due: at_close when its window closes,
// on_silence when it was silent, and otherwise when it has drained and can be forgotten.

#include "detect/windows.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace yagura::detect {
namespace {

using match::CorrelationType;
using match::Decision;
using match::Threshold;
using match::WindowKind;

constexpr int64_t kNever = INT64_MIN;
constexpr uint32_t kNone = UINT32_MAX;
constexpr uint32_t kSample = Decided::kEvidence;

// How many events or values decide all thresholds: more of them change no answer.
uint32_t enough_for(const match::Correlation& correlation) {
    double most = 1;
    for (const Threshold& bound : correlation.thresholds) {
        const bool at_it =
            bound.kind == Threshold::Kind::greater_equal || bound.kind == Threshold::Kind::less;
        most = std::max(most, at_it ? std::ceil(bound.value) : std::floor(bound.value) + 1);
    }
    return most < double(kNone) ? static_cast<uint32_t>(most) : kNone;
}

int64_t add_time(int64_t time, int64_t span) {
    int64_t sum = 0;
    return __builtin_add_overflow(time, span, &sum) ? INT64_MAX : sum;
}

int64_t before(int64_t time, int64_t span) {
    int64_t difference = 0;
    return __builtin_sub_overflow(time, span, &difference) ? INT64_MIN : difference;
}

}  // namespace

void WindowCounts::add(const WindowCounts& other) {
    updates += other.updates;
    evicted_groups += other.evicted_groups;
    evicted_events += other.evicted_events;
    open_windows += other.open_windows;
}

Windows::Windows(const match::Correlation& correlation, uint32_t target, const WindowLimits& limits)
    : correlation_(correlation),
      target_(target),
      limits_(limits),
      decision_(match::decision_of(correlation)),
      measure_(Measure::numbers),
      lasting_(lasting_of(correlation)) {
    switch (correlation.type) {
        case CorrelationType::event_count:
            measure_ = Measure::events;
            break;
        case CorrelationType::value_count:
            measure_ = Measure::distinct;
            break;
        case CorrelationType::temporal:
            measure_ = Measure::seen;
            break;
        case CorrelationType::temporal_ordered:
            measure_ = Measure::in_order;
            break;
        default:
            break;
    }
    const uint32_t wanted = enough_for(correlation);
    enough_ = std::min(wanted, std::max(1u, limits_.entries_per_group));
    is_cut_ = enough_ < wanted;
    if (measure_ != Measure::in_order) return;
    const auto references = static_cast<uint32_t>(correlation.references.size());
    if (correlation.condition) {
        collect_positive(*correlation.condition, false, 0);
        std::sort(chain_.begin(), chain_.end());
        chain_.erase(std::unique(chain_.begin(), chain_.end()), chain_.end());
    } else {
        for (uint32_t i = 0; i < references; ++i) chain_.push_back(i);
    }
    place_.assign(references, kNone);
    for (uint32_t i = 0; i < chain_.size(); ++i) place_[chain_[i]] = i;
}

// Which references an extended condition wants to see; those it does not want have no place in the
// order.
void Windows::collect_positive(const match::Condition& condition, bool negated, uint32_t depth) {
    if (depth > match::kMaxConditionDepth) return;
    if (condition.kind == match::Condition::Kind::predicate) {
        if (!negated && condition.predicate < correlation_.references.size())
            chain_.push_back(condition.predicate);
        return;
    }
    const bool flips = condition.kind == match::Condition::Kind::negation;
    for (const match::Condition& child : condition.children)
        collect_positive(child, negated != flips, depth + 1);
}

// --- the life of a group ---

void Windows::add(const Signal& signal, std::vector<Decided>& out) {
    if (is_repeated(signal)) return;
    ++counts_.updates;
    settle(signal.time, out);
    if (past_ && !take_up(signal)) return;
    const uint32_t number = group_of(signal);
    Group& group = groups_[number];
    group.evidence = signal.evidence;
    group.key = signal.key;
    const bool was_open = group.open;
    if (!was_open) begin_window(group, signal);
    if (was_open && correlation_.window == WindowKind::session &&
        signal.time >= add_time(group.opened, correlation_.timespan)) {
        const bool fired = close(number, add_time(group.opened, correlation_.timespan), out);
        begin_window(group, signal);
        group.fired = fired && decision_ == Decision::at_close;
    }
    if (decision_ == Decision::on_arrival && group.fired) {
        groups_.touch(number, due_of(group, signal.time));
        return;
    }
    entries_ -= group.entries.size();
    take_in(group, signal);
    entries_ += group.entries.size();
    if (decision_ == Decision::on_arrival) {
        const double measured = measure(group);
        if (holds(group, measured) && may_fire(group, signal.time)) {
            fire(group, signal.time, measured, out);
            group.fired = true;
            if (lasting_ == Lasting::hold) group.opened = signal.time;
            reset(group);
        }
    }
    const int64_t due = due_of(group, signal.time);
    if (!was_open || due != group.due) groups_.touch(number, due);
    make_room();
}

// An event counts once for a group and value, however many of the rules it matches. Its signals
// come one after another.
bool Windows::is_repeated(const Signal& signal) {
    const bool same = !same_event_.empty() && same_event_[0].time == signal.time &&
                      same_event_[0].identity == signal.identity;
    if (!same) same_event_.clear();
    const bool temporal = measure_ == Measure::seen || measure_ == Measure::in_order;
    for (const Signal& other : same_event_) {
        if (other.group == signal.group && other.value == signal.value &&
            (!temporal || other.reference == signal.reference))
            return true;
    }
    same_event_.push_back(signal);
    return false;
}

void Windows::advance(int64_t now, std::vector<Decided>& out) {
    settle(now, out);
    if (correlation_.window == WindowKind::session) settle_sessions(now, out);
}

void Windows::settle(int64_t now, std::vector<Decided>& out) {
    for (uint32_t number = groups_.first_due(); number != 0 && groups_[number].due <= now;
         number = groups_.first_due())
        come_due(number, out);
}

// A session also ends when it has lasted for the timespan, whatever the list says.
void Windows::settle_sessions(int64_t now, std::vector<Decided>& out) {
    if (decision_ != Decision::at_close) return;
    std::vector<uint32_t> ended;
    for (uint32_t number = groups_.first_due(); number != 0; number = groups_[number].next) {
        if (groups_[number].open && session_end(groups_[number]) <= now) ended.push_back(number);
    }
    for (const uint32_t number : ended) {
        Group& group = groups_[number];
        group.fired = close(number, session_end(group), out);
        group.open = false;
    }
}

void Windows::come_due(uint32_t number, std::vector<Decided>& out) {
    Group& group = groups_[number];
    if (decision_ == Decision::on_silence) {
        if (holds(group, 0) && may_fire(group, group.due)) fire(group, group.due, 0, out);
    } else if (decision_ == Decision::at_close && group.open) {
        const bool session = correlation_.window == WindowKind::session;
        const int64_t closed = session ? session_end(group) : group.due;
        if (close(number, closed, out) && !session) {
            // Stays for one more timespan, so that the next window knows this one held.
            group.fired = true;
            group.open = false;
            groups_.touch(number, add_time(closed, correlation_.timespan));
            return;
        }
    }
    entries_ -= group.entries.size();
    groups_.remove(number);
}

// Decides a window that has closed and empties it. Returns whether it held.
bool Windows::close(uint32_t number, int64_t time, std::vector<Decided>& out) {
    Group& group = groups_[number];
    bool held = false;
    if (decision_ == Decision::at_close) {
        const double measured = measure(group);
        held = holds(group, measured);
        if (held && may_fire_at_close(group, time)) fire(group, time, measured, out);
    }
    reset(group);
    return held;
}

uint32_t Windows::group_of(const Signal& signal) {
    const uint32_t found = groups_.find(signal.group);
    return found != 0 ? found : groups_.add(signal.group);
}

// `fired` stays: it says that the window before held.
void Windows::begin_window(Group& group, const Signal& signal) {
    group.open = true;
    group.opened = window_start(signal.time);
    if (decision_ != Decision::at_close) group.fired = false;
}

void Windows::reset(Group& group) {
    entries_ -= group.entries.size();
    group.entries.clear();
    group.events = 0;
    group.sum = 0;
}

int64_t Windows::window_start(int64_t time) const {
    if (correlation_.window != WindowKind::tumbling || correlation_.timespan <= 0) return time;
    const int64_t into = time % correlation_.timespan;
    return before(time, into < 0 ? into + correlation_.timespan : into);
}

int64_t Windows::session_end(const Group& group) const {
    return std::min(add_time(group.opened, correlation_.timespan), group.due);
}

// When a group in which an event came at `time` must be looked at next.
int64_t Windows::due_of(const Group& group, int64_t time) const {
    const int64_t span = correlation_.timespan;
    const bool tumbling = correlation_.window == WindowKind::tumbling;
    if (decision_ == Decision::on_silence)
        return tumbling ? add_time(window_start(time), 2 * span) : add_time(time, span);
    if (correlation_.window == WindowKind::session) return add_time(time, correlation_.gap);
    if (tumbling || decision_ == Decision::at_close) return add_time(group.opened, span);
    return add_time(time, span);
}

void Windows::make_room() {
    while (groups_.size() > limits_.groups || (entries_ > limits_.entries && groups_.size() > 1)) {
        const uint32_t oldest = groups_.first_due();
        entries_ -= groups_[oldest].entries.size();
        groups_.remove(oldest);
        ++counts_.evicted_groups;
    }
}

uint64_t Windows::open_windows() const {
    if (decision_ == Decision::on_arrival) return 0;
    uint64_t open = 0;
    for (uint32_t number = groups_.first_due(); number != 0; number = groups_[number].next)
        open += groups_[number].open ? 1 : 0;
    return open;
}

// --- what is known of a window ---

void Windows::take_in(Group& group, const Signal& signal) {
    const bool slides =
        decision_ == Decision::on_arrival && correlation_.window == WindowKind::sliding;
    if (measure_ == Measure::seen || measure_ == Measure::in_order) {
        take_reference(group, signal);
        return;
    }
    if (slides) drop_before(group, before(signal.time, correlation_.timespan));
    const Entry entry{signal.time, signal.evidence, signal.value};
    ++group.events;
    if (decision_ == Decision::on_silence) {
        group.entries.clear();
        group.entries.push(entry);
    } else if (measure_ == Measure::events) {
        take_event(group, entry);
    } else if (measure_ == Measure::distinct) {
        take_distinct(group, entry);
    } else {
        group.sum += std::bit_cast<double>(entry.value);
        if (group.entries.size() >= limits_.entries_per_group) {
            ++counts_.evicted_events;
            group.sum -= std::bit_cast<double>(group.entries[0].value);
            group.entries.pop_front();
        }
        group.entries.push(entry);
    }
}

void Windows::take_event(Group& group, const Entry& entry) {
    const bool slides =
        decision_ == Decision::on_arrival && correlation_.window == WindowKind::sliding;
    if (!slides) {  // only counted; the entries are what will be shown
        if (group.entries.size() == kSample) {
            group.entries.back() = entry;
        } else {
            group.entries.push(entry);
        }
        return;
    }
    if (group.entries.size() == enough_) {
        group.entries.pop_front();
        counts_.evicted_events += is_cut_ ? 1 : 0;
    }
    group.entries.push(entry);
}

// Entries hold distinct values, the one seen longest ago first.
void Windows::take_distinct(Group& group, const Entry& entry) {
    EntryRing& entries = group.entries;
    uint32_t i = 0;
    while (i < entries.size() && entries[i].value != entry.value) ++i;
    if (i < entries.size()) {
        for (; i + 1 < entries.size(); ++i) entries[i] = entries[i + 1];
        entries.back() = entry;
        return;
    }
    if (entries.size() == enough_) {
        entries.pop_front();
        counts_.evicted_events += is_cut_ ? 1 : 0;
    }
    entries.push(entry);
}

// Entry i is reference i: `time` is when it was last seen, `value` when its chain began.
void Windows::take_reference(Group& group, const Signal& signal) {
    const auto references = static_cast<uint32_t>(correlation_.references.size());
    if (signal.reference >= references) return;
    while (group.entries.size() < references)
        group.entries.push({kNever, 0, std::bit_cast<uint64_t>(kNever)});
    ++group.events;
    Entry& entry = group.entries[signal.reference];
    entry.time = signal.time;
    entry.evidence = signal.evidence;
    if (measure_ != Measure::in_order || place_[signal.reference] == kNone) return;
    for (uint32_t at = place_[signal.reference]; at < chain_.size(); ++at) {
        Entry& link = group.entries[chain_[at]];
        if (link.time != signal.time) break;
        const int64_t began =
            at == 0 ? link.time : std::bit_cast<int64_t>(group.entries[chain_[at - 1]].value);
        link.value = std::bit_cast<uint64_t>(std::max(std::bit_cast<int64_t>(link.value), began));
    }
}

// Events at or before `horizon` have left a sliding window.
void Windows::drop_before(Group& group, int64_t horizon) {
    EntryRing& entries = group.entries;
    while (entries.size() > 0 && entries[0].time <= horizon) {
        if (measure_ == Measure::numbers) group.sum -= std::bit_cast<double>(entries[0].value);
        entries.pop_front();
    }
    if (entries.size() == 0) group.sum = 0;
}

double Windows::measure(const Group& group) const {
    switch (measure_) {
        case Measure::events:
            return decision_ == Decision::on_arrival && correlation_.window == WindowKind::sliding
                       ? double(group.entries.size())
                       : double(group.events);
        case Measure::distinct:
            return group.entries.size();
        case Measure::numbers:
            return number_of(group);
        case Measure::seen:
        case Measure::in_order: {
            uint32_t count = 0;
            for (uint32_t i = 0; i < group.entries.size(); ++i) count += reached(group, i) ? 1 : 0;
            return count;
        }
    }
    return 0;
}

double Windows::number_of(const Group& group) const {
    switch (correlation_.type) {
        case CorrelationType::value_sum:
            return group.sum;
        case CorrelationType::value_avg:
            return group.entries.size() == 0 ? 0 : group.sum / group.entries.size();
        default:
            return percentile(group);
    }
}

// Linear interpolation between the closest ranks (C = 1), as spreadsheets and NumPy have it.
double Windows::percentile(const Group& group) const {
    numbers_.clear();
    for (uint32_t i = 0; i < group.entries.size(); ++i)
        numbers_.push_back(std::bit_cast<double>(group.entries[i].value));
    if (numbers_.empty()) return 0;
    const double wanted =
        correlation_.type == CorrelationType::value_median ? 50 : correlation_.percentile;
    const double rank =
        std::clamp(wanted, 0.0, 100.0) / 100 * static_cast<double>(numbers_.size() - 1);
    const auto below = static_cast<size_t>(rank);
    const auto at = numbers_.begin() + static_cast<ptrdiff_t>(below);
    std::nth_element(numbers_.begin(), at, numbers_.end());
    const double low = *at;
    if (below + 1 == numbers_.size()) return low;
    const double high = *std::min_element(at + 1, numbers_.end());
    return low + (high - low) * (rank - static_cast<double>(below));
}

bool Windows::reached(const Group& group, uint32_t reference) const {
    if (reference >= group.entries.size()) return false;
    const Entry& entry = group.entries[reference];
    const bool in_chain = measure_ == Measure::in_order && place_[reference] != kNone;
    const int64_t time = in_chain ? std::bit_cast<int64_t>(entry.value) : entry.time;
    if (time == kNever) return false;
    if (correlation_.window != WindowKind::sliding || decision_ != Decision::on_arrival)
        return true;
    int64_t now = kNever;
    for (uint32_t i = 0; i < group.entries.size(); ++i) now = std::max(now, group.entries[i].time);
    return time > before(now, correlation_.timespan);
}

bool Windows::evaluate(const match::Condition& condition,
                       const Group& group,
                       uint32_t depth) const {
    if (depth > match::kMaxConditionDepth) return false;
    const auto child_holds = [&](const match::Condition& child) {
        return evaluate(child, group, depth + 1);
    };
    const auto& children = condition.children;
    switch (condition.kind) {
        case match::Condition::Kind::all:
            return std::all_of(children.begin(), children.end(), child_holds);
        case match::Condition::Kind::any:
            return std::any_of(children.begin(), children.end(), child_holds);
        case match::Condition::Kind::negation:
            return !children.empty() && !child_holds(children.front());
        case match::Condition::Kind::predicate:
            return reached(group, condition.predicate);
        case match::Condition::Kind::constant:
            return condition.constant;
    }
    return false;
}

bool Windows::holds(const Group& group, double measured) const {
    for (const Threshold& bound : correlation_.thresholds) {
        if (!bound.holds(measured)) return false;
    }
    if (measure_ != Measure::seen && measure_ != Measure::in_order) return true;
    if (correlation_.condition) return evaluate(*correlation_.condition, group, 0);
    if (!correlation_.thresholds.empty()) return true;
    return measured == static_cast<double>(correlation_.references.size());
}

void Windows::fire(const Group& group, int64_t time, double measured, std::vector<Decided>& out) {
    std::vector<Entry> shown;
    for (uint32_t i = 0; i < group.entries.size(); ++i) {
        const Entry& entry = group.entries[i];
        const bool temporal = measure_ == Measure::seen || measure_ == Measure::in_order;
        if (!temporal || reached(group, i)) shown.push_back(entry);
    }
    std::stable_sort(
        shown.begin(), shown.end(), [](const Entry& a, const Entry& b) { return a.time < b.time; });
    Decided decided{.time = time, .group = group.hash, .measured = measured};
    decided.evidence_of_key = group.evidence;
    decided.key = group.key;
    decided.target = target_;
    decided.first = shown.empty() ? time : shown.front().time;
    decided.last = shown.empty() ? time : shown.back().time;
    const bool slides =
        decision_ == Decision::on_arrival && correlation_.window == WindowKind::sliding;
    decided.opened = slides || decision_ == Decision::on_silence ? decided.first : group.opened;
    decided.events = slides ? shown.size() : group.events;
    for (size_t i = 0; i < shown.size(); ++i) {
        if (i + 1 >= kSample && i + 1 != shown.size()) continue;
        decided.evidence[decided.evidence_count++] = shown[i].evidence;
    }
    out.push_back(decided);
}

}  // namespace yagura::detect
