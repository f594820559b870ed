#include "pipeline/firing_judge.h"

#include "event/json_document.h"

namespace yagura::pipeline {

FiringJudge::FiringJudge(const match::Policy& policy, const detect::Targets& targets, Timestamp now)
    : policy_(policy), now_(now) {
    for (uint32_t i = 0; i < targets.size(); ++i) rules_.push_back(&targets.info(i));
}

FiringJudge::Desk& FiringJudge::desk_of(const logtype::LogType& type) {
    std::unique_ptr<Desk>& desk = desks_[&type];
    if (!desk) {
        desk = std::make_unique<Desk>(
            Desk{event::FieldPlan(type.dictionary()), {policy_, type, rules_, now_}});
        desk->judge.want_fields(desk->plan);
        desk->plan.freeze();
    }
    return *desk;
}

match::Verdict FiringJudge::look(const detect::Firing& firing, match::ExceptionTally& tally) {
    static const event::PaddedText kNothing("{}");
    const logtype::LogType& type = *firing.event.type;
    Desk& desk = desk_of(type);
    event_.reset(desk.plan);
    event_.record = kNothing.view();
    event_.time = from_micros(firing.time);
    const finding::PartSlots slots = finding::part_slots_of(type);
    for (size_t i = 0; i < finding::kParts; ++i) {
        const std::string& text = firing.event.parts[i];
        if (slots[i] >= 0 && !text.empty())
            event_.set(static_cast<event::SlotId>(slots[i]), event::ValueView::of_string(text));
    }
    return desk.judge.look(firing.target, event_, tally);
}

}  // namespace yagura::pipeline
