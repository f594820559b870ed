// Which fields one pass over a record must deliver: those of the dictionary plus those rules ask
// for.
//
//   FieldPlan plan(log_type.dictionary());
//   const SlotId bucket = plan.want("requestParameters.bucketName");
//   plan.freeze();
//   ... walk(document, at, plan, event) ... event.value(bucket)
//
// Slot i is field i of the dictionary for the first fields().size() slots. The plan holds a trie of
// the wanted paths; sub-trees nobody wants are skipped. Immutable and shared between threads once
// frozen.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/same.h"
#include "event/field.h"

namespace yagura::event {

using SlotId = uint16_t;
constexpr SlotId kNoSlot = 0xFFFF;

class FieldPlan {
  public:
    explicit FieldPlan(const Dictionary& dictionary);

    // The slot of a field by any of its names, or of a dotted path in the record. Asking twice
    // gives the same slot; at most 65,000 slots.
    SlotId want(std::string_view name);

    // The slot of a field that the plan holds, by any of its names; kNoSlot otherwise.
    SlotId find(std::string_view name) const;

    // Also collect what no dictionary field takes (for the lake's `extra` column).
    void collect_extra() { collect_extra_ = true; }

    // Builds the lookup tables. After this the plan may be used by many threads and not be changed.
    void freeze();

    const Dictionary& dictionary() const { return *dictionary_; }
    size_t slot_count() const { return slot_count_; }
    bool collects_extra() const { return collect_extra_; }

    // --- used by the JSON walk (json_document.cpp) ---
    struct Node {
        SlotId slot = kNoSlot;
        bool has_children = false;
        bool takes_extra = false;  // unknown keys below it belong to `extra`
        bool known = false;        // a dictionary field, or on the way to one
        bool plain = false;        // a child that `extra` has no part of
        uint32_t table = 0;        // first entry of its hash table
        uint32_t mask = 0;         // table size − 1
        uint32_t path = 0;         // index into paths(): "userIdentity.", with the closing dot
        uint32_t key_size = 0;     // the key that leads here
        const char* key = nullptr;
        uint64_t key_first = 0;  // see KeyWords
        uint64_t key_last = 0;
    };
    struct Entry {
        uint64_t first = 0;  // the key's first and last eight bytes; of shorter keys, all bytes
        uint64_t last = 0;
        const char* key = nullptr;
        uint32_t size = 0;
        uint32_t node = 0;  // 0 = empty: the root is nobody's child
    };

    const Node& node(uint32_t id) const { return nodes_[id]; }
    size_t node_count() const { return nodes_.size(); }
    std::string_view path_of(const Node& node) const { return paths_[node.path]; }

    // Is this the key of the node? `key.data()` must be followed by 8 readable bytes.
    static bool is_key_of(const Node& node, std::string_view key) {
        if (node.key_size != key.size()) return false;
        if (key.size() > 16) return is_same(key, {node.key, node.key_size});
        const KeyWords words = key_words(key);
        return words.first == node.key_first && words.last == node.key_last;
    }

    // The child of `node` under `key`, or 0. `key.data()` must be followed by 8 readable bytes.
    uint32_t child(const Node& node, std::string_view key) const {
        const KeyWords words = key_words(key);
        for (uint32_t i = words.hash() & node.mask;; i = (i + 1) & node.mask) {
            const Entry& entry = entries_[node.table + i];
            if (entry.node == 0) return 0;
            const bool same_ends =
                entry.first == words.first && entry.last == words.last && entry.size == key.size();
            if (same_ends && (key.size() <= 16 || is_same(key, {entry.key, entry.size})))
                return entry.node;
        }
    }

  private:
    // Keys of one log differ in length or in their first or last eight bytes almost always, so
    // these make the hash, and for up to 16 bytes the comparison too.
    struct KeyWords {
        uint64_t first = 0;
        uint64_t last = 0;
        uint64_t size = 0;
        uint32_t hash() const {
            return static_cast<uint32_t>(
                ((first ^ (last * 0xC2B2AE3D27D4EB4Full) ^ size) * 0x9E3779B97F4A7C15ull) >> 32);
        }
    };
    static KeyWords key_words(std::string_view key) {
        KeyWords words;
        words.size = key.size();
        std::memcpy(&words.first, key.data(), 8);
        if (key.size() < 8) {
            words.first &= (uint64_t{1} << (key.size() * 8)) - 1;
        } else {
            std::memcpy(&words.last, key.data() + key.size() - 8, 8);
        }
        return words;
    }

    uint32_t add_path(std::string_view path, SlotId slot, bool from_dictionary);
    uint32_t add_child(uint32_t parent, std::string_view key);

    const Dictionary* dictionary_;
    bool collect_extra_ = false;
    bool frozen_ = false;
    size_t slot_count_ = 0;
    std::deque<std::string> strings_;  // owns names and keys
    std::unordered_map<std::string_view, SlotId, TextHash, std::equal_to<>> slots_;
    std::vector<std::vector<std::pair<std::string_view, uint32_t>>> children_;  // before freeze
    std::vector<Node> nodes_;
    std::vector<Entry> entries_;
    std::vector<std::string> paths_;
};

}  // namespace yagura::event
