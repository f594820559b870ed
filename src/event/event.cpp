#include "event/event.h"

namespace yagura::event {

void Event::reset(const FieldPlan& plan) {
    if (plan_ != &plan) {
        plan_ = &plan;
        slots_.assign(plan.slot_count(), Slot{});
        node_epochs_.assign(plan.node_count(), 0);
        expected_.assign(plan.node_count() * 2, 0);
        epoch_ = 0;
    }
    if (++epoch_ == 0) {  // wrapped: stale stamps could look current
        slots_.assign(plan.slot_count(), Slot{});
        node_epochs_.assign(plan.node_count(), 0);
        epoch_ = 1;
    }
    more_.clear();
    extra_.clear();
    arena_.reset();
    time = {};
    record = {};
    oddities = 0;
}

ValueView& Event::add_more(Slot& slot) {
    more_.emplace_back();
    const auto index = static_cast<uint32_t>(more_.size());
    if (slot.last == 0) {
        slot.next = index;
    } else {
        more_[slot.last - 1].next = index;
    }
    slot.last = index;
    return more_.back().value;
}

}  // namespace yagura::event
