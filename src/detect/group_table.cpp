#include "detect/group_table.h"

#include <new>

namespace yagura::detect {

void EntryRing::grow() {
    auto* wider = new Entry[size_t{capacity_} * 2];
    for (uint32_t i = 0; i < size_; ++i) wider[i] = (*this)[i];
    if (capacity_ != kOwn) delete[] heap_;
    heap_ = wider;
    capacity_ *= 2;
    head_ = 0;
}

void EntryRing::clear() {
    if (capacity_ != kOwn) delete[] heap_;
    new (own_) Entry[kOwn]{};
    size_ = head_ = 0;
    capacity_ = kOwn;
}

uint32_t GroupTable::find(uint64_t hash) const {
    if (slots_.empty()) return 0;
    const size_t mask = slots_.size() - 1;
    const uint32_t tag = tag_of(hash);
    for (size_t i = tag & mask; slots_[i].number != 0; i = (i + 1) & mask) {
        if (slots_[i].tag == tag && (*this)[slots_[i].number].hash == hash) return slots_[i].number;
    }
    return 0;
}

uint32_t GroupTable::add(uint64_t hash) {
    if (size_t{size_} * 4 >= slots_.size() * 3) grow();
    uint32_t number = free_;
    if (number != 0) {
        free_ = (*this)[number].next;
    } else {
        if (made_ % kChunk == 0) chunks_.push_back(std::make_unique<Group[]>(kChunk));
        number = ++made_;
    }
    Group& group = (*this)[number];
    group.hash = hash;
    group.previous = group.next = 0;
    place({number, tag_of(hash)});
    ++size_;
    return number;
}

void GroupTable::place(Slot slot) {
    const size_t mask = slots_.size() - 1;
    size_t i = slot.tag & mask;
    while (slots_[i].number != 0) i = (i + 1) & mask;
    slots_[i] = slot;
}

void GroupTable::grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
        if (slot.number != 0) place(slot);
    }
}

uint32_t GroupTable::slot_of(uint32_t number) const {
    const size_t mask = slots_.size() - 1;
    size_t i = tag_of((*this)[number].hash) & mask;
    while (slots_[i].number != number) i = (i + 1) & mask;
    return static_cast<uint32_t>(i);
}

// Slots behind the freed one move up unless they stand where they belong, so that no tombstones are
// needed.
void GroupTable::remove(uint32_t number) {
    const size_t mask = slots_.size() - 1;
    size_t hole = slot_of(number);
    for (size_t i = (hole + 1) & mask; slots_[i].number != 0; i = (i + 1) & mask) {
        const size_t home = slots_[i].tag & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        slots_[hole] = slots_[i];
        hole = i;
    }
    slots_[hole] = {};
    Group& group = (*this)[number];
    unlink(group);
    group.entries.clear();
    group.due = group.opened = 0;
    group.evidence = group.events = 0;
    group.sum = 0;
    group.key = 0;
    group.fired = group.open = false;
    group.previous = 0;
    group.next = free_;
    free_ = number;
    --size_;
}

void GroupTable::unlink(Group& group) {
    const bool is_head = head_ != 0 && &(*this)[head_] == &group;
    const bool is_tail = tail_ != 0 && &(*this)[tail_] == &group;
    if (group.previous != 0) (*this)[group.previous].next = group.next;
    if (group.next != 0) (*this)[group.next].previous = group.previous;
    if (is_head) head_ = group.next;
    if (is_tail) tail_ = group.previous;
    group.previous = group.next = 0;
}

void GroupTable::touch(uint32_t number, int64_t due) {
    Group& group = (*this)[number];
    group.due = due;
    if (tail_ == number) return;
    unlink(group);
    group.previous = tail_;
    if (tail_ != 0) (*this)[tail_].next = number;
    tail_ = number;
    if (head_ == 0) head_ = number;
}

}  // namespace yagura::detect
