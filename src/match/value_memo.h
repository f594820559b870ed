// Which predicates held for a value seen before.
//
// Values of a log repeat: nine in ten event names, addresses and user agents were there a moment
// ago. The memo maps (field, value) to the ids of its true predicates. Direct-mapped; texts and ids
// lie in a ring that overwrites its oldest part, so memory is fixed and nothing is freed. A hit
// compares the whole value, never the hash alone: nobody can make one value pass for another.
// Belongs to one worker.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/hash.h"
#include "base/same.h"
#include "event/value.h"

namespace yagura::match {

class ValueMemo {
  public:
    // `bytes` of ring (a power of two, at least 4 KiB) and as many entries as usually fit.
    explicit ValueMemo(size_t bytes)
        : size_(bytes),
          ring_(std::make_unique_for_overwrite<char[]>(bytes)),
          entries_(bytes / 64) {}

    // Longer values are not worth keeping.
    size_t longest() const { return size_ / 512; }

    struct Key {
        uint64_t hash;
        uint32_t group;
        event::ValueView value;
    };
    static Key key_of(uint32_t group, const event::ValueView& value) {
        const uint64_t seed = group * 8 + static_cast<uint64_t>(value.kind);
        return {hash64(value.text(), seed), group, value};
    }

    // True with `ids` when the value is known; they hold until the next keep().
    bool find(const Key& key, std::span<const uint32_t>& ids) const {
        const Entry& entry = entries_[place_of(key)];
        return entry.hash == key.hash && recall(entry, key.group, key.value, ids);
    }

    // Where a value is kept. Asking there again needs no hash: neighbouring records often agree.
    uint32_t place_of(const Key& key) const {
        return static_cast<uint32_t>(key.hash & (entries_.size() - 1));
    }
    bool find_at(uint32_t place,
                 uint32_t group,
                 const event::ValueView& value,
                 std::span<const uint32_t>& ids) const {
        return recall(entries_[place], group, value, ids);
    }

    void keep(const Key& key, std::span<const uint32_t> ids) {
        const size_t text_size = padded(key.value.size);
        const size_t need = text_size + ids.size_bytes();
        if (need > size_ / 4 || ids.size() > UINT16_MAX) return;
        const size_t at = written_ & (size_ - 1);
        if (at + need > size_) written_ += size_ - at;  // an item does not wrap
        char* to = ring_.get() + (written_ & (size_ - 1));
        if (key.value.size != 0) std::memcpy(to, key.value.data, key.value.size);
        if (!ids.empty()) std::memcpy(to + text_size, ids.data(), ids.size_bytes());
        entries_[place_of(key)] = {key.hash,
                                   written_,
                                   key.value.size,
                                   key.group,
                                   static_cast<uint16_t>(ids.size()),
                                   key.value.kind,
                                   key.value.escaped};
        written_ += padded(need);
    }

  private:
    struct alignas(32) Entry {  // two in a cache line
        uint64_t hash = 0;
        uint64_t at = 0;  // bytes ever written before it
        uint32_t size = 0;
        uint32_t group = UINT32_MAX;
        uint16_t count = 0;
        event::Kind kind = event::Kind::absent;
        bool escaped = false;
    };

    bool recall(const Entry& entry,
                uint32_t group,
                const event::ValueView& value,
                std::span<const uint32_t>& ids) const {
        if (entry.size != value.size || entry.group != group || entry.kind != value.kind ||
            entry.escaped != value.escaped || entry.at + size_ < written_) {
            return false;
        }
        const char* text = ring_.get() + (entry.at & (size_ - 1));
        if (!is_same({text, value.size}, value.text())) return false;
        ids = {reinterpret_cast<const uint32_t*>(text + padded(value.size)), entry.count};
        return true;
    }

    static size_t padded(size_t size) { return (size + 7) & ~size_t{7}; }

    size_t size_;
    std::unique_ptr<char[]> ring_;
    uint64_t written_ = 0;
    std::vector<Entry> entries_;
};

// What a group of predicates has to do with the memo: where the value seen last is kept, and
// whether asking is worth it. Byte counts and object keys hardly ever come again: remembering them
// would only push out what does.
struct MemoHabit {
    static constexpr uint32_t kTrial = 512;     // looks, after which
    static constexpr uint32_t kLeast = 128;     // so many must have been found,
    static constexpr uint32_t kPause = 16'384;  // or the memo is left alone for so many

    uint32_t last = 0;
    uint32_t found = 0;
    uint32_t looks = 0;

    // Once for each look.
    bool is_worth_it() {
        if (++looks <= kTrial) return true;
        if (found < kLeast && looks < kPause) return false;
        looks = found = 0;
        return true;
    }
};

}  // namespace yagura::match
