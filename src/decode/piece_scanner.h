// Finds where a JSON value ends in text that need not be JSON, byte by byte.
//
// The careful twin of the structural index: used only where the index gave up, to lose one broken
// record and not its neighbours. Knows strings, escapes and brackets, and the first bytes of a good
// record (`{"eventVersion"`), which show where the next one begins when quotes or brackets do not
// match.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace yagura::decode {

class PieceScanner {
  public:
    // Where the value stands: between other values at the top, often one per line, or in an array.
    enum class Place { top, array };

    // `start_of_record` may be empty. Without `trust_brackets` the
    // next start of a record ends the value, wherever it is.
    PieceScanner(Place place, std::string_view start_of_record, bool trust_brackets);

    static constexpr size_t npos = std::string_view::npos;

    // Scans on from `at`, in the first call the start of the value. Returns the position behind the
    // value, always after `at`, or npos when text ends before it. Complexity: linear.
    size_t scan(std::string_view text, size_t at);

    // After npos: a place where another record seems to begin, or npos.
    size_t next_record() const { return candidate_; }

  private:
    size_t scan_junk(std::string_view text, size_t at);
    size_t scan_brackets(std::string_view text, size_t at);
    bool begins_record(std::string_view text, size_t at) const;
    size_t close(std::string_view text, size_t at);
    void open(char bracket);
    void leave(char bracket);

    Place place_;
    std::string start_of_record_;
    bool trust_brackets_;
    bool started_ = false;
    bool in_string_ = false;
    bool escaped_ = false;
    char opening_ = 0;
    size_t depth_ = 0;
    static constexpr size_t kLevelsKnown = 1024;
    std::string opened_;     // the outermost brackets
    bool is_mixed_ = false;  // one was closed by a bracket of the other kind
    size_t start_ = 0;
    size_t candidate_ = npos;
};

}  // namespace yagura::decode
