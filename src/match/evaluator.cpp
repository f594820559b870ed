// Running a Program: look for witnesses, decide what they leave.
//
// Truth is kept as a stamp per predicate: true when it bears the number of the current event.
// Groups bear a stamp too, telling whether their field has been looked at. Nothing is cleared
// between events.
#include <algorithm>
#include <optional>

#include "event/json_document.h"
#include "match/cost.h"
#include "match/program.h"
#include "match/program_impl.h"
#include "match/term.h"
#include "match/value_match.h"
#include "match/value_memo.h"

namespace yagura::match {
namespace {

using event::Kind;
using event::SlotId;
using event::ValueView;

constexpr size_t kLargeRecord = 1 << 20;

// What most events are matched with: nothing is timed.
struct NoMeter {
    void begin() {}
    void looked(size_t) {}
    void asked(size_t) {}
    void decided(uint32_t) {}
    void end() {}
};

}  // namespace

struct Evaluator::Impl {
    Impl(const Program::Impl& program_in, const event::FieldPlan& plan)
        : program(program_in),
          truth(program.predicates.size(), 0),
          asked(program.predicates.size(), 0),
          looked(program.groups.size(), 0),
          considered(program.decisions.size(), 0) {
        for (const std::string& field : program.fields) {
            slots.push_back(field.empty() ? event::kNoSlot : plan.find(field));
        }
        if (program.tuning.memo_bytes != 0)
            memo = std::make_unique<ValueMemo>(program.tuning.memo_bytes);
        habits.resize(program.groups.size());
        for (const Program::Impl::Group& group : program.groups)
            slot_of.push_back(slots[group.field]);
    }

    template <class Meter>
    void match(event::Event& event_in, std::vector<uint32_t>& hits, Meter&& meter);

    void next_stamp();
    void consider(std::span<const uint32_t> decisions) {
        for (const uint32_t decision : decisions) {
            if (considered[decision] == stamp) continue;
            considered[decision] = stamp;
            candidates.push_back(decision);
        }
    }
    bool decide(uint32_t step);
    bool holds(uint32_t id) { return truth[id] == stamp || find_out(id); }
    bool find_out(uint32_t id);
    bool ask(uint32_t id);
    bool any_pair(const Program::Impl::Shared& shared);
    bool has_partner(const Program::Impl::Shared& shared);

    // Looks at the field of a group; `visit(id)` hears of each true predicate, maybe more than
    // once.
    template <class Visit>
    void look(uint32_t group, Visit&& visit);
    template <class Visit>
    void look_at_leaves(Visit&& visit);
    template <class Visit>
    void look_at_value(uint32_t group, const ValueView& value, Visit&& visit);

    const Program::Impl& program;
    std::vector<SlotId> slots;    // by field
    std::vector<SlotId> slot_of;  // by group
    const event::Event* event = nullptr;

    uint32_t stamp = 0;
    std::vector<uint32_t> truth;       // by predicate
    std::vector<uint32_t> asked;       // by predicate, those outside groups
    std::vector<uint32_t> looked;      // by group
    std::vector<uint32_t> considered;  // by decision
    std::vector<uint32_t> candidates;

    std::unique_ptr<ValueMemo> memo;
    std::vector<MemoHabit> habits;  // by group
    std::vector<uint32_t> ids;
    FieldMatcher::Scratch scratch;
    ValueText other;
    event::JsonDocument leaves;
};

void Evaluator::Impl::next_stamp() {
    if (++stamp != 0) return;
    for (auto* stamps : {&truth, &asked, &looked, &considered})
        std::fill(stamps->begin(), stamps->end(), 0);
    stamp = 1;
}

template <class Visit>
void Evaluator::Impl::look_at_value(uint32_t group, const ValueView& value, Visit&& visit) {
    if (value.kind == Kind::null) return;
    std::span<const uint32_t> known;
    MemoHabit& habit = habits[group];
    const bool keep = memo != nullptr && value.size <= memo->longest() && habit.is_worth_it();
    ValueMemo::Key key{};
    if (keep) {
        bool found = memo->find_at(habit.last, group, value, known);
        if (!found) {
            key = ValueMemo::key_of(group, value);
            habit.last = memo->place_of(key);
            found = memo->find(key, known);
        }
        if (found) {
            ++habit.found;
            for (const uint32_t id : known) visit(id);
            return;
        }
    }
    ids.clear();
    program.groups[group].matcher.match(value, scratch, ids);
    if (keep) memo->keep(key, ids);
    for (const uint32_t id : ids) visit(id);
}

template <class Visit>
void Evaluator::Impl::look_at_leaves(Visit&& visit) {
    if (program.shape == logtype::Shape::text) {
        look_at_value(0, ValueView::of_string(event->record), visit);
        return;
    }
    // One huge record must not leave a huge index behind.
    std::optional<event::JsonDocument> once;
    if (event->record.size() > kLargeRecord) once.emplace();
    event::JsonDocument& document = once ? *once : leaves;
    if (document.index(event->record)) return;
    for (uint32_t at = 0; at < document.size();) {
        const bool is_string = document.at(at) == '"';
        const bool is_key = at + 1 < document.size() && document.at(at + 1) == ':';
        ValueView leaf;
        if (!is_string || is_key) {
            ++at;
        } else if (document.read(at, leaf)) {
            return;
        } else {
            look_at_value(0, leaf, visit);
        }
    }
}

template <class Visit>
void Evaluator::Impl::look(uint32_t group, Visit&& visit) {
    looked[group] = stamp;
    if (group == 0) {
        look_at_leaves(visit);
        return;
    }
    const SlotId slot = slot_of[group];
    if (slot == event::kNoSlot) return;
    event->any_value(slot, [&](const ValueView& value) {
        look_at_value(group, value, visit);
        return false;
    });
}

bool Evaluator::Impl::any_pair(const Program::Impl::Shared& shared) {
    uint32_t values = 0;
    bool found = false;
    event->any_value(slots[shared.field], [&](const ValueView& view) {
        scratch.value.read(view);
        found = scratch.value.has_text() && has_partner(shared);
        return found || ++values == kMaxPairValues;
    });
    return found;
}

// Whether a value of the other fields goes with the one just read.
bool Evaluator::Impl::has_partner(const Program::Impl::Shared& shared) {
    const bool cased = shared.predicate->cased;
    const Op op = plain_op(shared.predicate->op);
    ValueText& value = scratch.value;
    const auto fits = [&](const ValueView& view) {
        other.read(view);
        if (!other.has_text()) return false;
        const std::string_view wanted = cased ? other.text() : other.folded();
        if (text_matches(op, cased ? value.text() : value.folded(), wanted)) return true;
        return op != Op::equals && value.has_inner() &&
               text_matches(op, cased ? value.inner() : value.folded_inner(), wanted);
    };
    for (const uint32_t field : shared.others) {
        if (slots[field] == event::kNoSlot) continue;
        uint32_t others = 0;
        bool found = false;
        event->any_value(slots[field], [&](const ValueView& view) {
            found = fits(view);
            return found || ++others == kMaxPairValues;
        });
        if (found) return true;
    }
    return false;
}

// A predicate outside groups, for the first time in this event.
bool Evaluator::Impl::ask(uint32_t id) {
    const Program::Impl::Shared& shared = program.predicates[id];
    if (!shared.predicate->terms.empty()) return terms_hold(*shared.predicate, *event);
    const SlotId slot = slots[shared.field];
    const bool has = slot != event::kNoSlot && event->has(slot);
    switch (shared.predicate->op) {
        case Op::exists:
            return has;
        case Op::present:
            return has && event->any_value(slot, [](const ValueView& value) {
                return value.kind != Kind::null;
            });
        case Op::null:
            return !has || event->any_value(slot, [](const ValueView& value) {
                return value.kind == Kind::null || is_empty_array(value);
            });
        default:
            return has && any_pair(shared);
    }
}

// Not known to be true: false, unless it has not been asked in this event.
bool Evaluator::Impl::find_out(uint32_t id) {
    const uint32_t group = program.group_of[id];
    if (group != kNever) {
        if (looked[group] == stamp) return false;
        look(group, [this](uint32_t found) { truth[found] = stamp; });
        return truth[id] == stamp;
    }
    if (asked[id] == stamp) return false;
    asked[id] = stamp;
    if (!ask(id)) return false;
    truth[id] = stamp;
    return true;
}

bool Evaluator::Impl::decide(uint32_t step) {
    while (step < kNo) {
        const Step& at = program.steps[step];
        step = holds(at.predicate) ? at.on_true : at.on_false;
    }
    return step == kYes;
}

template <class Meter>
void Evaluator::Impl::match(event::Event& event_in, std::vector<uint32_t>& hits, Meter&& meter) {
    event = &event_in;
    next_stamp();
    candidates.clear();
    meter.begin();
    for (size_t i = 0; i < program.witness_groups.size(); ++i) {
        look(program.witness_groups[i], [this](uint32_t id) {
            if (truth[id] == stamp) return;
            truth[id] = stamp;
            consider(program.decisions_of[id]);
        });
        meter.looked(i);
    }
    for (size_t i = 0; i < program.witness_predicates.size(); ++i) {
        const uint32_t id = program.witness_predicates[i];
        if (holds(id)) consider(program.decisions_of[id]);
        meter.asked(i);
    }
    consider(program.open);
    const size_t before = hits.size();
    for (const uint32_t decision : candidates) {
        if (decide(program.decisions[decision])) {
            const auto rules = program.rules_of[decision];
            hits.insert(hits.end(), rules.begin(), rules.end());
        }
        meter.decided(decision);
    }
    meter.end();
    std::sort(hits.begin() + static_cast<ptrdiff_t>(before), hits.end());
}

Evaluator::Evaluator(const Program& program, const event::FieldPlan& plan)
    : impl_(std::make_unique<Impl>(program.impl(), plan)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

void Evaluator::match(event::Event& event, std::vector<uint32_t>& hits) {
    impl_->match(event, hits, NoMeter{});
}

void Evaluator::match(event::Event& event, std::vector<uint32_t>& hits, CostMeter& meter) {
    impl_->match(event, hits, meter);
}

}  // namespace yagura::match
