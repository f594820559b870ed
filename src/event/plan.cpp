#include "event/plan.h"

#include <bit>

#include "base/text.h"

namespace yagura::event {
FieldPlan::FieldPlan(const Dictionary& dictionary) : dictionary_(&dictionary) {
    nodes_.emplace_back();
    children_.emplace_back();
    paths_.emplace_back();
    nodes_[0].takes_extra = true;
    nodes_[0].known = true;
    for (const Field& field : dictionary.fields()) {
        const auto slot = static_cast<SlotId>(slot_count_++);
        slots_.emplace(field.name, slot);
        if (!field.name.starts_with('@')) add_path(field.name, slot, true);
    }
}

SlotId FieldPlan::find(std::string_view name) const {
    if (const auto field = dictionary_->find(name)) return *field;
    const auto found = slots_.find(name);
    return found != slots_.end() ? found->second : kNoSlot;
}

SlotId FieldPlan::want(std::string_view name) {
    if (const SlotId slot = find(name); slot != kNoSlot) return slot;
    if (frozen_ || slot_count_ >= 65'000) return kNoSlot;
    const std::string& kept = strings_.emplace_back(name);
    const auto slot = static_cast<SlotId>(slot_count_++);
    slots_.emplace(kept, slot);
    add_path(kept, slot, false);
    return slot;
}

uint32_t FieldPlan::add_child(uint32_t parent, std::string_view key) {
    for (const auto& [name, id] : children_[parent]) {
        if (name == key) return id;
    }
    const auto id = static_cast<uint32_t>(nodes_.size());
    nodes_.emplace_back();
    children_.emplace_back();
    // Eight readable bytes behind every key, for the wide compare in child().
    std::string& kept = strings_.emplace_back(key);
    const size_t size = kept.size();
    kept.append(8, '\0');
    children_[parent].emplace_back(std::string_view(kept).substr(0, size), id);
    nodes_[id].key = kept.data();
    nodes_[id].key_size = static_cast<uint32_t>(size);
    const KeyWords words = key_words({kept.data(), size});
    nodes_[id].key_first = words.first;
    nodes_[id].key_last = words.last;
    return id;
}

uint32_t FieldPlan::add_path(std::string_view path, SlotId slot, bool from_dictionary) {
    uint32_t at = 0;
    std::string prefix;
    for (const std::string_view key : split(path, '.')) {
        if (at != 0 && from_dictionary && nodes_[at].slot == kNoSlot) nodes_[at].takes_extra = true;
        at = add_child(at, key);
        if (from_dictionary) nodes_[at].known = true;
        prefix += key;
        prefix += '.';
        if (nodes_[at].path == 0) {
            nodes_[at].path = static_cast<uint32_t>(paths_.size());
            paths_.push_back(prefix);
        }
    }
    nodes_[at].slot = slot;
    if (from_dictionary) nodes_[at].takes_extra = false;
    // A key that itself holds the dots ("a.b": 1) is the field too, and beats the nested path.
    if (path.find('.') != std::string_view::npos) {
        const uint32_t literal = add_child(0, path);
        nodes_[literal].slot = slot;
        nodes_[literal].known = from_dictionary;
    }
    return at;
}

void FieldPlan::freeze() {
    if (frozen_) return;
    frozen_ = true;
    for (uint32_t id = 0; id < nodes_.size(); ++id) {
        Node& node = nodes_[id];
        const auto& children = children_[id];
        node.has_children = !children.empty();
        node.plain = id != 0 && (node.known || !collect_extra_);
        node.table = static_cast<uint32_t>(entries_.size());
        const auto size = static_cast<uint32_t>(std::bit_ceil(children.size() * 2 + 1));
        node.mask = size - 1;
        entries_.resize(entries_.size() + size);
        for (const auto& [key, child_id] : children) {
            const KeyWords words = key_words(key);
            uint32_t i = words.hash() & node.mask;
            while (entries_[node.table + i].node != 0) i = (i + 1) & node.mask;
            entries_[node.table + i] = {
                words.first, words.last, key.data(), static_cast<uint32_t>(key.size()), child_id};
        }
    }
}

}  // namespace yagura::event
