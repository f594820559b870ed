// A regular expression of a rule: RE2 search with bounded memory.
//
//   const Regex regex("(?i)get.*value");
//   if (regex.search(text)) …
//
// Immutable; one Regex may be used by many threads. RE2 keeps search linear in the text whatever
// the pattern; a pattern that does not compile within the limit matches nothing (loaders check
// is_valid()).
#pragma once

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace yagura::match {

class Regex {
  public:
    // Case counts unless the pattern says (?i); "." does not match a newline unless it says (?s).
    explicit Regex(std::string_view pattern);
    ~Regex();
    Regex(Regex&&) noexcept;

    bool is_valid() const;
    // Anywhere in `text`.
    bool search(std::string_view text) const;

  private:
    std::unique_ptr<re2::RE2> re_;
};

// The compiled form of `pattern`, kept per thread for callers that meet the same patterns again and
// again. The reference holds until the next call.
const Regex& regex_for(std::string_view pattern);

}  // namespace yagura::match
