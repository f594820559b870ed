// The live groups of one correlation: found by hash, and in the order in which they are due.
//
// Open addressing over 8-byte slots; the groups themselves stay where they are, so growing copies
// the slots only. A group is due when its window closes or has drained; due times only grow from
// one touch() to the next, so a list appended to at its end is sorted, and both expiry and "evict
// the oldest" take its head. All operations are O(1).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/keyed_hash.h"

namespace yagura::detect {

// One event (temporal: one reference) inside a window.
struct Entry {
    int64_t time = 0;
    uint64_t evidence = 0;
    uint64_t value = 0;  // see Windows
};

// A ring of entries; the first two need no memory of their own. Owned by a Group.
class EntryRing {
  public:
    EntryRing() : own_{} {}
    ~EntryRing() { clear(); }
    EntryRing(const EntryRing&) = delete;
    EntryRing& operator=(const EntryRing&) = delete;

    uint32_t size() const { return size_; }
    Entry& operator[](uint32_t i) { return places()[(head_ + i) & (capacity_ - 1)]; }
    const Entry& operator[](uint32_t i) const {
        return const_cast<EntryRing*>(this)->operator[](i);
    }
    Entry& back() { return (*this)[size_ - 1]; }

    void push(const Entry& entry) {
        if (size_ == capacity_) grow();
        ++size_;
        back() = entry;
    }
    void pop_front() {
        head_ = (head_ + 1) & (capacity_ - 1);
        --size_;
    }
    void clear();  // frees

  private:
    static constexpr uint32_t kOwn = 2;
    Entry* places() { return capacity_ == kOwn ? own_ : heap_; }
    void grow();

    uint32_t size_ = 0;
    uint32_t capacity_ = kOwn;
    uint32_t head_ = 0;
    union {
        Entry own_[kOwn];
        Entry* heap_;
    };
};

struct Group {
    uint64_t hash = 0;
    int64_t due = 0;        // microseconds; when to look at it next
    int64_t opened = 0;     // start of the window
    uint64_t evidence = 0;  // that holds the group's key
    uint64_t events = 0;    // in the window, at close
    double sum = 0;
    uint32_t previous = 0;  // in order of due; 0 = none
    uint32_t next = 0;
    uint16_t key = 0;
    bool fired = false;  // not again until drained
    bool open = false;   // a window that is to be decided
    EntryRing entries;
};

class GroupTable {
  public:
    uint32_t size() const { return size_; }
    // The group's number, or 0.
    uint32_t find(uint64_t hash) const;
    // `hash` must not be there. The new group is in no list until touch().
    uint32_t add(uint64_t hash);
    void remove(uint32_t number);
    Group& operator[](uint32_t number) {
        return chunks_[(number - 1) / kChunk][(number - 1) % kChunk];
    }
    const Group& operator[](uint32_t number) const {
        return const_cast<GroupTable*>(this)->operator[](number);
    }

    // Sets when the group is due and moves it to the end of the list.
    void touch(uint32_t number, int64_t due);
    uint32_t first_due() const { return head_; }  // 0: no group

  private:
    static constexpr uint32_t kChunk = 1024;
    struct Slot {
        uint32_t number = 0;  // 0 = free
        uint32_t tag = 0;     // of the hash; where the slot belongs, too
    };

    static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(keyed_hash(hash)); }
    void grow();
    void place(Slot slot);
    void unlink(Group& group);
    uint32_t slot_of(uint32_t number) const;

    std::vector<Slot> slots_;
    std::vector<std::unique_ptr<Group[]>> chunks_;
    uint32_t size_ = 0;
    uint32_t made_ = 0;  // numbers handed out so far
    uint32_t free_ = 0;  // first of the free ones, linked by `next`
    uint32_t head_ = 0;
    uint32_t tail_ = 0;
};

}  // namespace yagura::detect
