// What can be looked for without reading rows: the words and identifiers of a value.
//
// A word is a run of letters, digits and _ . : / @ - (and of bytes beyond ASCII), taken in lower
// case and without . : / @ - at its ends: an address, a key, an ARN, a host name, a path is one
// word. Words with : / @ in them also count by their parts (first between : and @, then between /),
// host names by their parent domains, addresses by their networks; pieces of base64 (24 or more
// letters, digits and / beside a +) only as a whole. In JSON text an escape ends a
// word (except \/). Tokens shorter than 4 or longer than 512 bytes do not count. One definition
// serves the side index, which must never miss, and the check of a row, which must agree with it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"

namespace yagura::store {

constexpr size_t kShortestToken = 4;
constexpr size_t kLongestToken = 512;

using VisitToken = std::function<void(std::string_view)>;

// Calls `visit` for every token of a text; one may come several times. The view lives during the
// call.
void for_each_token(std::string_view text, bool is_json, const VisitToken& visit);

// What a person looks for: an address, a CIDR block, or any other word.
class Indicator {
  public:
    // Blanks around it are dropped; an address is taken in canonical form, all else in lower case.
    explicit Indicator(std::string_view text);

    const std::string& text() const { return text_; }

    bool is_network() const { return network_.has_value(); }

    // A token that is in every text that matches; empty when no token tells (too short, too wide a
    // network).
    const std::string& probe() const { return probe_; }

    // True when `text` holds the indicator as a whole word, or an address inside the network.
    bool matches(std::string_view text, bool is_json) const;

  private:
    bool holds_phrase(std::string_view text) const;

    std::string text_;
    std::string probe_;
    std::optional<Cidr> network_;
    bool is_phrase_ = false;  // more than one word
    bool is_short_ = false;
};

}  // namespace yagura::store
