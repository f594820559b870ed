// Values of a record as JSON text: the `extra` column, and what a JSON column holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/value.h"

namespace yagura::store {

// Appends a value as JSON; strings get their quotes back.
void append_json(std::string& out, const event::ValueView& value);

// JSON that other readers accept: surrogates without a partner become U+FFFD. The text itself when
// there are none.
std::string_view mended_json(std::string_view json, Arena& arena);

// A JSON object of dotted names. A name that comes several times (below an array) holds all its
// values as a list.
class ExtraObject {
  public:
    // Forgets the members; memory stays, for the next row.
    void clear();
    // `path` ends in a dot or is empty; `key` is a JSON string. Views must live until write().
    void add(std::string_view path, const event::ValueView& key, const event::ValueView& value);
    void write(std::string& out);

  private:
    struct Member {
        uint32_t start, size;  // of the name in names_
        event::ValueView value;
    };
    std::string_view name_of(const Member& member) const {
        return std::string_view(names_).substr(member.start, member.size);
    }
    std::string names_;  // escaped, without quotes, one after another
    std::vector<Member> members_;
};

}  // namespace yagura::store
