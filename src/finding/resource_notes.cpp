#include "finding/resource_notes.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/text.h"
#include "event/plan.h"

namespace yagura::finding {
namespace {

using event::Kind;
using event::kNoSlot;
using event::SlotId;
using event::ValueView;

// Stands before each value of a note. A note of keys begins with one whose slot is kNoSlot.
struct Head {
    SlotId slot = kNoSlot;
    uint16_t kind = 0;
    uint32_t size = 0;
};

// The next value of a note, which is shortened by it; false at its end, also where it is torn.
bool take_value(std::string_view& note, Head& head, std::string_view& text) {
    if (note.size() < sizeof head) return false;
    std::memcpy(&head, note.data(), sizeof head);
    note.remove_prefix(sizeof head);
    if (head.size > note.size()) return false;
    text = note.substr(0, head.size);
    note.remove_prefix(head.size);
    return true;
}

}  // namespace

// How events of a log type are noted and read. Shared by all threads.
struct ResourceNotes::Shape {
    explicit Shape(const logtype::LogType& type)
        : plan(type.dictionary()), parts(part_slots_of(type)) {
        plan.freeze();
        if (!type.resources) return;
        for (const logtype::ResourceField& row : type.resources->rows) add(type, row.field);
        add(type, type.resources->when);
    }

    // Once, and not what is a part of the event.
    void add(const logtype::LogType& type, std::string_view field) {
        const auto slot = type.dictionary().find(field);
        if (!slot || std::find(slots.begin(), slots.end(), *slot) != slots.end()) return;
        const bool is_part = std::any_of(kReadWith.begin(), kReadWith.end(), [&](Part part) {
            return parts[static_cast<size_t>(part)] == static_cast<int>(*slot);
        });
        if (!is_part) slots.push_back(static_cast<SlotId>(*slot));
    }

    event::FieldPlan plan;
    PartSlots parts;
    std::vector<SlotId> slots;  // noted
};

const ResourceNotes::Shape& ResourceNotes::shape_of(const logtype::LogType& type) {
    static const auto kShapes = [] {
        std::map<const logtype::LogType*, Shape> shapes;
        for (const logtype::LogType* each : logtype::all()) shapes.emplace(each, *each);
        return shapes;
    }();
    return kShapes.at(&type);
}

std::vector<std::string_view> ResourceNotes::fields_of(const logtype::LogType& type) {
    std::vector<std::string_view> names;
    for (const SlotId slot : shape_of(type).slots) names.push_back(type.fields[slot].name);
    return names;
}

std::string_view ResourceNotes::take(event::Event& event, const logtype::LogType& type) {
    if (type_ != &type) shape_ = &shape_of(type);
    type_ = &type;
    size_t size = 0;
    for (const SlotId slot : shape_->slots) {
        const ValueView& value = event.value(slot);
        if (value.kind == Kind::absent || value.kind == Kind::null) continue;
        const std::string_view text = event::plain_text(value, event.arena());
        const Head head{
            slot, static_cast<uint16_t>(value.kind), static_cast<uint32_t>(text.size())};
        if (size + sizeof head + text.size() > raw_.size())
            return note_ = note_of(reader_.read(event, type));
        std::memcpy(raw_.data() + size, &head, sizeof head);
        std::memcpy(raw_.data() + size + sizeof head, text.data(), text.size());
        size += sizeof head + text.size();
    }
    return {raw_.data(), size};
}

std::string ResourceNotes::note_of(std::span<const std::string> keys) {
    if (keys.empty()) return {};
    Head head;
    std::string note(sizeof head, '\0');
    for (const std::string& key : keys.first(std::min(keys.size(), kMaxKeys))) {
        note += key;
        note += '\n';  // there are no control characters in a key
    }
    head.size = static_cast<uint32_t>(note.size() - sizeof head);
    std::memcpy(note.data(), &head, sizeof head);
    return note;
}

std::span<const std::string> ResourceNotes::keys_of(std::string_view lines) {
    keys_.clear();
    for (const std::string_view key : split(lines, '\n')) {
        if (!key.empty()) keys_.emplace_back(key);
    }
    return keys_;
}

std::span<const std::string> ResourceNotes::read(const ToldEvent& event) {
    if (event.resource_note.empty()) return {};
    const Shape& shape = shape_of(*event.type);
    event_.reset(shape.plan);
    for (const Part part : kReadWith) {
        const int slot = shape.parts[static_cast<size_t>(part)];
        if (slot >= 0 && !event.part(part).empty())
            event_.set(static_cast<SlotId>(slot), ValueView::of_string(event.part(part)));
    }
    std::string_view note = event.resource_note;
    Head head;
    std::string_view text;
    while (take_value(note, head, text)) {
        if (head.slot == kNoSlot) return keys_of(text);
        if (head.slot >= shape.plan.slot_count()) break;
        event_.set(head.slot,
                   {text.data(), head.size, static_cast<Kind>(head.kind), /*escaped=*/false});
    }
    return reader_.read(event_, *event.type);
}

}  // namespace yagura::finding
