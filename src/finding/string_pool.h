// Texts kept once and named by a number, so that millions of matches cost bytes, not strings.
//
//   const StringId ip = pool.intern("203.0.113.7");      // the same text gives the same id
//   const StringId id = pool.append(event_id);           // known to be unique: no table entry
//   pool.text(ip)
//
// Id 0 is the empty text. Not thread-safe: one pool belongs to one worker; ids of two pools are
// unrelated until one absorbs the other.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "finding/tag_table.h"

namespace yagura::finding {

using StringId = uint32_t;

class StringPool {
  public:
    StringPool() : texts_{std::string_view()} {}

    StringId intern(std::string_view text);
    StringId append(std::string_view text);
    std::string_view text(StringId id) const { return texts_[id]; }

    // The id of a text that was interned, or 0.
    StringId find(std::string_view text) const;

    // Takes over all texts of `other` without copying them; returns our ids of them, by theirs.
    // What was interned there is here too, what was appended is appended.
    std::vector<StringId> absorb(StringPool&& other);

    size_t size() const { return texts_.size(); }
    size_t bytes() const { return bytes_; }  // of the texts themselves

  private:
    StringId find(uint64_t hash, std::string_view text) const;
    StringId push(std::string_view kept);

    Arena arena_;
    std::vector<Arena> absorbed_;  // of other pools
    std::vector<std::string_view> texts_;
    TagTable table_;
    size_t bytes_ = 0;
};

}  // namespace yagura::finding
