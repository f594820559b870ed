// One record of a log, read: its fields as views into the record's bytes.
//
// An Event is filled by a log type's parser and reused for the next record; whoever keeps a value
// copies it. It belongs to one worker.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/time.h"
#include "event/plan.h"
#include "event/value.h"

namespace yagura::event {

// What was odd about a record that was read all the same.
enum Oddity : uint8_t {
    kRepaired = 1,      // bad UTF-8, lone surrogates or numbers beyond 64 bits were mended
    kDuplicateKey = 2,  // a key came twice; the first counts
    kTimeFromEnvelope = 4,
    kTimeMissing = 8,
};

class Event {
  public:
    // Forgets the record and takes up `plan`. Keeps memory.
    void reset(const FieldPlan& plan);

    const FieldPlan& plan() const { return *plan_; }

    // The value of a slot: kind absent when the record has no such field. When the path crosses
    // arrays this is the first; an array itself comes first, then its elements.
    const ValueView& value(SlotId slot) const {
        static const ValueView kAbsent;
        const Slot& s = slots_[slot];
        return s.epoch == epoch_ ? s.value : kAbsent;
    }
    bool has(SlotId slot) const { return slots_[slot].epoch == epoch_; }

    // Calls `visit(const ValueView&)` for every value of a slot until it returns true; returns
    // whether one did.
    template <class Visit>
    bool any_value(SlotId slot, Visit&& visit) const {
        const Slot& s = slots_[slot];
        if (s.epoch != epoch_) return false;
        if (visit(s.value)) return true;
        for (uint32_t i = s.next; i != 0; i = more_[i - 1].next) {
            if (visit(more_[i - 1].value)) return true;
        }
        return false;
    }
    bool has_many(SlotId slot) const {
        return slots_[slot].epoch == epoch_ && slots_[slot].next != 0;
    }

    void set(SlotId slot, const ValueView& value) { slots_[slot] = {value, epoch_, 0, 0}; }
    void add(SlotId slot, const ValueView& value) { next_value(slot) = value; }
    // Where the next value of a slot goes. Filled in place: copying a fresh ValueView costs a
    // failed store forward, which was two thirds of the walk.
    ValueView& next_value(SlotId slot) {
        Slot& s = slots_[slot];
        if (s.epoch == epoch_) return add_more(s);
        s.epoch = epoch_;
        s.next = s.last = 0;
        return s.value;
    }
    void clear(SlotId slot) { slots_[slot].epoch = epoch_ - 1; }

    // Text of a slot with escapes resolved; empty when absent or null.
    std::string_view text(SlotId slot) { return plain_text(value(slot), arena_); }

    // A key no dictionary field takes, with the path above it ("userIdentity."). Only when the plan
    // collects extra.
    struct Extra {
        std::string_view path;
        ValueView key;
        ValueView value;
    };
    const std::vector<Extra>& extra() const { return extra_; }
    void add_extra(const Extra& extra) { extra_.push_back(extra); }

    // Lives until the next reset().
    Arena& arena() { return arena_; }

    // First visit of a trie node in this record? (Duplicate keys.)
    bool mark_node(uint32_t node) {
        const bool first = node_epochs_[node] != epoch_;
        node_epochs_[node] = epoch_;
        return first;
    }

    // Keys of one log come in the same order again and again: the node that followed `before` last
    // time, or 0. `before` is the node of the key before, or first_key_of(parent).
    uint32_t expected_after(uint32_t before) const { return expected_[before]; }
    void expect_after(uint32_t before, uint32_t node) { expected_[before] = node; }
    uint32_t first_key_of(uint32_t parent) const {
        return static_cast<uint32_t>(node_epochs_.size()) + parent;
    }

    // A place for an array, which stands in its slot before its elements but is known only after
    // them.
    uint32_t reserve_value(SlotId slot) {
        next_value(slot) = {};
        return slots_[slot].last;
    }
    void fill_reserved(SlotId slot, uint32_t place, const ValueView& value) {
        (place == 0 ? slots_[slot].value : more_[place - 1].value) = value;
    }

    // --- set by the log type ---
    Timestamp time{};         // event time; when unknown, the envelope's or object's (see oddities)
    std::string_view record;  // the record's exact bytes
    uint64_t ordinal = 0;     // position among the records of its object, from 0
    uint8_t oddities = 0;

  private:
    struct Slot {
        ValueView value;
        uint32_t epoch = 0;
        uint32_t next = 0;  // 1-based index into more_
        uint32_t last = 0;
    };
    struct More {
        ValueView value;
        uint32_t next = 0;
    };

    ValueView& add_more(Slot& slot);

    const FieldPlan* plan_ = nullptr;
    uint32_t epoch_ = 1;
    std::vector<Slot> slots_;
    std::vector<More> more_;
    std::vector<uint32_t> node_epochs_;
    std::vector<uint32_t> expected_;  // two parts: after each node, and first in each node
    std::vector<Extra> extra_;
    Arena arena_;
};

}  // namespace yagura::event
