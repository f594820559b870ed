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

    // Tokens of every text that matches: all of one of these lists. No list when no token tells
    // (too short, too wide a network).
    using Probe = std::vector<std::string>;
    const std::vector<Probe>& probes() const { return probes_; }

    // True when JSON may write it with escapes.
    bool may_be_escaped() const;

    // True when `text` holds the indicator as a whole word or as whole parts of one, or an address
    // inside the network.
    bool matches(std::string_view text, bool is_json) const;

  private:
    bool holds(std::string_view text) const;
    void choose_probes();

    std::string text_;
    std::vector<Probe> probes_;
    std::optional<Cidr> network_;
    bool is_address_ = false;
    bool is_token_ = false;  // can be a token itself; else it is looked for as it stands
};

}  // namespace yagura::store
