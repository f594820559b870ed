#include "event/event.h"

namespace yagura::event {

void Event::reset(const FieldPlan& plan) {
    if (plan_ != &plan) {
        plan_ = &plan;
        slots_.assign(plan.slot_count(), Slot{});
        node_epochs_.assign(plan.node_count(), 0);
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

void Event::add(SlotId slot, const ValueView& value) {
    Slot& s = slots_[slot];
    if (s.epoch != epoch_) {
        s = {value, epoch_, 0, 0};
        return;
    }
    more_.push_back({value, 0});
    const auto index = static_cast<uint32_t>(more_.size());
    if (s.last == 0) {
        s.next = index;
    } else {
        more_[s.last - 1].next = index;
    }
    s.last = index;
}

}  // namespace yagura::event
