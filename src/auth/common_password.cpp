#include "auth/common_password.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace yagura::auth {
namespace {

// Words that stand in front of all such lists, and those of this place. Lower case.
// clang-format off
constexpr std::string_view kWords[] = {
    "password", "passwort", "passw", "pass", "word", "qwerty", "azerty", "admin", "administrator", "root", "user", "login",
    "welcome", "letmein", "changeme", "change", "default", "secret", "security", "secure", "test", "testing", "guest",
    "master", "access", "server", "system", "internet", "computer", "network", "company", "service", "support", "manager",
    "iloveyou", "love", "lovely", "baby", "angel", "princess", "sunshine", "monkey", "dragon", "football", "baseball",
    "basketball", "soccer", "hockey", "superman", "batman", "spiderman", "starwars", "pokemon", "michael", "jordan",
    "charlie", "shadow", "freedom", "whatever", "trustno", "hello", "world", "spring", "summer", "autumn", "winter",
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tokyo", "osaka", "japan", "sakura",
    "naruto", "london", "chocolate", "butterfly", "liverpool", "chelsea", "arsenal", "samsung", "google", "amazon", "aws",
    "yagura", "console", "analyst", "responder", "viewer", "my", "the", "is", "you", "me", "in", "new", "abc", "qwe", "asd", "zxc",
};
constexpr std::string_view kWalks[] = {
    "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujm", "qweasdzxc", "!qaz@wsx#edc$rfv", "!@#$%^&*()", "01234567890",
};
// clang-format on

constexpr size_t kShortestWalk = 3;
constexpr size_t kLongestDigits = 8;  // a date
constexpr size_t kMostParts = 3;

// What people write instead of letters.
std::string plain(std::string_view password) {
    constexpr std::string_view kFrom = "@$0134578", kTo = "asoleastb";
    std::string text = fold_case(password);
    for (char& c : text) {
        const size_t at = kFrom.find(c);
        if (at != std::string_view::npos) c = kTo[at];
    }
    return text;
}

size_t run_of(std::string_view text, bool (*belongs)(char)) {
    size_t end = 0;
    while (end < text.size() && belongs(text[end])) ++end;
    return end;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_mark(char c) {
    return c > ' ' && c < 127 && !is_digit(c) && !(ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

size_t repeated(std::string_view text) {
    size_t end = 1;
    while (end < text.size() && text[end] == text[0]) ++end;
    return end >= kShortestWalk ? end : 0;
}

// The longest piece of `walk`, forwards or backwards, that `text` begins with.
size_t walked(std::string_view text, std::string_view walk) {
    size_t longest = 0;
    for (size_t start = 0; start < walk.size(); ++start) {
        size_t ahead = 0, back = 0;
        while (ahead < text.size() && start + ahead < walk.size() &&
               text[ahead] == walk[start + ahead])
            ++ahead;
        while (back < text.size() && back <= start && text[back] == walk[start - back]) ++back;
        longest = std::max({longest, ahead, back});
    }
    return longest >= kShortestWalk ? longest : 0;
}

// How many parts the rest of a password falls into at least, position by position from its end.
class Parts {
  public:
    explicit Parts(std::string_view password)
        : typed_(fold_case(password)), plain_(plain(password)), least_(typed_.size() + 1, kNever) {
        least_[typed_.size()] = 0;
        for (size_t at = typed_.size(); at-- > 0;) look_at(at);
    }
    size_t count() const { return least_[0]; }

  private:
    static constexpr size_t kNever = kMostParts + 1;

    void part(size_t at, size_t length, size_t costs = 1) {
        least_[at] = std::min(least_[at], least_[at + length] + costs);
    }
    // A part may end anywhere within a run.
    void parts_up_to(size_t at, size_t shortest, size_t longest) {
        for (size_t length = shortest; length <= longest; ++length) part(at, length);
    }
    bool has_at(size_t at, std::string_view word) const {
        return std::string_view(typed_).substr(at).starts_with(word) ||
               std::string_view(plain_).substr(at).starts_with(word);
    }
    void look_at(size_t at) {
        const std::string_view rest = std::string_view(typed_).substr(at);
        for (const std::string_view word : kWords) {
            // The same word again makes no other part.
            for (size_t end = at; has_at(end, word); part(at, end - at)) end += word.size();
        }
        for (const std::string_view walk : kWalks)
            parts_up_to(at, kShortestWalk, walked(rest, walk));
        parts_up_to(at, kShortestWalk, repeated(rest));
        parts_up_to(at, 1, std::min(kLongestDigits, run_of(rest, is_digit)));
        if (is_mark(rest.front()))
            part(at, 1, 0);  // marks between parts and behind make no difference
    }

    std::string typed_;
    std::string plain_;
    std::vector<size_t> least_;
};

// The shortest beginning that the whole repeats: "abc" of "abcabcabcabc".
std::string_view unit_of(std::string_view text) {
    for (size_t unit = 1; unit * 2 <= text.size(); ++unit) {
        if (text.substr(unit) == text.substr(0, text.size() - unit)) return text.substr(0, unit);
    }
    return text;
}

}  // namespace

bool is_common(std::string_view password) {
    constexpr size_t kShortestUnit = 7;
    // What is longer than some words in a row is nobody's first guess.
    constexpr size_t kLongest = 64;
    const std::string_view unit = unit_of(password);
    if (unit.size() < password.size() && unit.size() < kShortestUnit) return true;
    return !unit.empty() && unit.size() <= kLongest && Parts(unit).count() <= kMostParts;
}

}  // namespace yagura::auth
