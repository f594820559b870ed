#include "store/tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace yagura::store {
namespace {

constexpr std::string_view kTrimmed = ".:/@-";
// Starts the token of a network, so that no word can be taken for one.
constexpr char kNetworkMark = '\x01';

constexpr auto kIsWord = [] {
    std::array<bool, 256> table{};
    for (int c = 0; c < 256; ++c) {
        const bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
        table[static_cast<size_t>(c)] =
            letter || c == '_' || c == '.' || c == ':' || c == '/' || c == '@' || c == '-';
    }
    return table;
}();

bool is_word(char c) {
    return kIsWord[static_cast<uint8_t>(c)];
}

bool is_one_of(char c, std::string_view set) {
    for (const char one : set) {
        if (c == one) return true;
    }
    return false;
}

// find_first_of() for sets of a few characters; the standard one calls memchr for every character.
size_t find_any(std::string_view text, std::string_view set, size_t from) {
    while (from < text.size() && !is_one_of(text[from], set)) ++from;
    return from;
}

std::string_view trimmed(std::string_view word) {
    while (!word.empty() && is_one_of(word.front(), kTrimmed)) word.remove_prefix(1);
    while (!word.empty() && is_one_of(word.back(), kTrimmed)) word.remove_suffix(1);
    return word;
}

// Session tokens and S3's ids are base64, whose + ends a word and whose / joins parts. Nobody looks
// for such a part, and they were a sixth of the index.
bool is_base64_piece(std::string_view text, size_t at, size_t end) {
    constexpr size_t kShortest = 24;
    if (end - at < kShortest) return false;
    const bool touches_plus =
        (at > 0 && text[at - 1] == '+') || (end < text.size() && text[end] == '+');
    return touches_plus && std::all_of(text.begin() + static_cast<ptrdiff_t>(at),
                                       text.begin() + static_cast<ptrdiff_t>(end),
                                       [](char c) {
                                           const char lower = ascii_lower(c);
                                           return (lower >= 'a' && lower <= 'z') ||
                                                  (c >= '0' && c <= '9') || c == '/';
                                       });
}

bool may_be_address(std::string_view word) {
    if (word.size() > 45 || word.size() < 2) return false;
    bool joint = false;
    for (const char c : word) {
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (!hex && c != '.' && c != ':') return false;
        joint = joint || c == '.' || c == ':';
    }
    return joint;
}

std::string network_token(const IpAddress& address, int bits) {
    std::string token(1, kNetworkMark);
    const size_t start = address.is_v4 ? 12 : 0;
    token += static_cast<char>(address.is_v4 ? '4' : '6');
    token += static_cast<char>(bits);
    token.append(reinterpret_cast<const char*>(address.bytes.data()) + start,
                 static_cast<size_t>(bits / 8));
    return token;
}

constexpr int kNetworksV4[] = {24, 16, 8};
constexpr int kNetworksV6[] = {64, 48, 32};

// Finds the tokens of one text; holds the lower-case copy of the word at hand.
class Tokens {
  public:
    explicit Tokens(const VisitToken& visit) : visit_(visit) {}

    void word(std::string_view raw) {
        raw = trimmed(raw);
        if (raw.empty()) return;
        word_.resize(raw.size());
        std::transform(raw.begin(), raw.end(), word_.begin(), ascii_lower);
        const std::string_view lower = word_;
        emit(lower);
        if (address(lower)) return;
        // An ARN's "user/alice" counts as well as its "user" and "alice".
        if (!split_at(lower, ":@", [&](std::string_view part) { outer_part(part); }))
            outer_part(lower);
    }

    // A word whose parts do not count.
    void whole(std::string_view raw) {
        raw = trimmed(raw);
        word_.resize(raw.size());
        std::transform(raw.begin(), raw.end(), word_.begin(), ascii_lower);
        emit(word_);
    }

  private:
    void emit(std::string_view token) {
        if (token.size() >= kShortestToken && token.size() <= kLongestToken) visit_(token);
    }

    void outer_part(std::string_view part) {
        if (part.size() != word_.size()) emit(part);
        if (address(part)) return;
        if (!split_at(part, "/", [&](std::string_view inner) { inner_part(inner); })) domains(part);
    }

    void inner_part(std::string_view part) {
        emit(part);
        if (!address(part)) domains(part);
    }

    // Calls `visit` for the trimmed parts; false when there is no joint to split at.
    template <class Visit>
    bool split_at(std::string_view text, std::string_view joints, Visit&& visit) {
        if (find_any(text, joints, 0) == text.size()) return false;
        for (size_t at = 0; at <= text.size();) {
            const size_t end = find_any(text, joints, at);
            visit(trimmed(text.substr(at, end - at)));
            at = end + 1;
        }
        return true;
    }

    bool address(std::string_view word) {
        if (!may_be_address(word)) return false;
        const auto address = IpAddress::parse(word);
        if (!address) return false;
        const std::string canonical = address->to_string();
        if (canonical != word) emit(canonical);
        for (const int bits : address->is_v4 ? kNetworksV4 : kNetworksV6)
            visit_(network_token(*address, bits));
        return true;
    }

    // a.b.example.com also counts as b.example.com and example.com.
    void domains(std::string_view host) {
        const size_t last = host.rfind('.');
        if (last == std::string_view::npos || host.size() - last < 3) return;
        const std::string_view top = host.substr(last + 1);
        if (!std::all_of(top.begin(), top.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
            return;
        for (size_t dot = host.find('.'); dot < last; dot = host.find('.', dot + 1))
            emit(host.substr(dot + 1));
    }

    const VisitToken& visit_;
    std::string word_;
};

// Bytes of the JSON escape at `at`.
size_t escape_size(std::string_view text, size_t at) {
    return at + 1 < text.size() && text[at + 1] == 'u' ? 6 : 2;
}

// "10.1.2.3/24" is the network 10.1.2.0/24: a person who looks for it means that.
std::optional<Cidr> network_of(std::string_view text) {
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    auto address = IpAddress::parse(text.substr(0, slash));
    int prefix = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + slash + 1, end, prefix);
    if (!address || read.ec != std::errc() || read.ptr != end || prefix < 0) return std::nullopt;
    if (prefix > (address->is_v4 ? 32 : 128)) return std::nullopt;
    const int start = address->is_v4 ? 96 : 0;
    for (int bit = start + prefix; bit < 128; ++bit) {
        address->bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
    }
    return Cidr{*address, prefix};
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), ascii_lower);
    return out;
}

}  // namespace

void for_each_token(std::string_view text, bool is_json, const VisitToken& visit) {
    for_each_new_token(text, is_json, {}, visit);
}

void for_each_new_token(std::string_view text,
                        bool is_json,
                        const IsKnownWord& is_known,
                        const VisitToken& visit) {
    Tokens tokens(visit);
    std::string joined;  // a word with \/ in it
    for (size_t at = 0; at < text.size();) {
        if (!is_word(text[at])) {
            const bool slash =
                is_json && text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '/';
            if (!slash) {
                at += is_json && text[at] == '\\' ? escape_size(text, at) : 1;
                continue;
            }
        }
        size_t end = at;
        while (end < text.size() && is_word(text[end])) ++end;
        const bool escaped_slash =
            is_json && end + 1 < text.size() && text[end] == '\\' && text[end + 1] == '/';
        if (!escaped_slash) {
            const std::string_view word = text.substr(at, end - at);
            if (is_base64_piece(text, at, end)) {
                tokens.whole(word);
            } else if (!is_known || !is_known(word)) {
                tokens.word(word);
            }
            at = end;
            continue;
        }
        joined.assign(text, at, end - at);
        while (end + 1 < text.size() && text[end] == '\\' && text[end + 1] == '/') {
            joined += '/';
            at = end += 2;
            while (end < text.size() && is_word(text[end])) ++end;
            joined.append(text, at, end - at);
        }
        tokens.word(joined);
        at = end;
    }
}

Indicator::Indicator(std::string_view raw) {
    const std::string_view text = trim(raw);
    text_ = lowered(text);
    if (text.find('/') != std::string_view::npos) network_ = network_of(text_);
    if (network_) {
        const bool v4 = network_->base.is_v4;
        for (const int bits : v4 ? kNetworksV4 : kNetworksV6) {
            if (bits > network_->prefix) continue;
            probe_ = network_token(network_->base, bits);
            break;
        }
        return;
    }
    if (const auto address = IpAddress::parse(text_)) {
        text_ = probe_ = address->to_string();
        is_short_ = text_.size() < kShortestToken;
        if (is_short_) probe_.clear();
        return;
    }
    is_phrase_ = !std::all_of(text_.begin(), text_.end(), is_word);
    if (!is_phrase_) text_ = trimmed(text_);
    is_short_ = text_.size() < kShortestToken || text_.size() > kLongestToken;
    if (!is_phrase_) {
        if (!is_short_) probe_ = text_;
        return;
    }
    // The longest whole word tells best. Words of a phrase are whole words of any text that holds
    // it.
    for (size_t at = 0; at < text_.size();) {
        size_t end = at;
        while (end < text_.size() && is_word(text_[end])) ++end;
        const std::string_view word = trimmed(std::string_view(text_).substr(at, end - at));
        if (word.size() >= kShortestToken && word.size() <= kLongestToken &&
            word.size() > probe_.size())
            probe_ = word;
        at = std::max(end, at + 1);
    }
}

bool Indicator::matches(std::string_view text, bool is_json) const {
    if (text_.empty()) return false;
    if (network_) {
        bool found = false;
        for_each_token(text, is_json, [&](std::string_view token) {
            if (found || token[0] == kNetworkMark) return;
            const auto address = IpAddress::parse(token);
            found = address && network_->contains(*address);
        });
        return found;
    }
    if (is_phrase_ || is_short_) return holds_phrase(text);
    bool found = false;
    for_each_token(text, is_json, [&](std::string_view token) { found = found || token == text_; });
    return found;
}

// As it stands, in any case, and not as part of a longer word.
bool Indicator::holds_phrase(std::string_view text) const {
    const std::string lower = lowered(text);
    for (size_t at = lower.find(text_); at != std::string::npos; at = lower.find(text_, at + 1)) {
        const size_t end = at + text_.size();
        const bool opens = at == 0 || !is_word(text_.front()) || !is_word(lower[at - 1]) ||
                           kTrimmed.find(lower[at - 1]) != std::string_view::npos;
        const bool closes = end == lower.size() || !is_word(text_.back()) || !is_word(lower[end]) ||
                            kTrimmed.find(lower[end]) != std::string_view::npos;
        if (opens && closes) return true;
    }
    return false;
}

}  // namespace yagura::store
