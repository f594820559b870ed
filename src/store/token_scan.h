// Inside store/ only: the tokens of a text (tokens.h), found without a call for each of them.
//
//   TokenScan scan([&](std::string_view token) { … });
//   scan.text(value, is_json, [&](std::string_view word) { return …had it already… });
//
// A template, because building the side index looks at every byte of every new text of an ingest.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/ip.h"
#include "base/text.h"
#include "store/tokens.h"

namespace yagura::store {

constexpr std::string_view kTrimmed = ".:/@-";
// Starts the token of a network, so that no word can be taken for one.
constexpr char kNetworkMark = '\x01';
constexpr int kNetworksV4[] = {24, 16, 8};
constexpr int kNetworksV6[] = {64, 48, 32};

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

inline bool is_word(char c) {
    return kIsWord[static_cast<uint8_t>(c)];
}

// Where the word that covers `at` ends.
inline size_t word_end(std::string_view text, size_t at) {
#ifdef __SSE2__
    const auto above = [](__m128i c, char least) {
        return _mm_cmpgt_epi8(c, _mm_set1_epi8(least));
    };
    const auto below = [](__m128i c, char most) { return _mm_cmplt_epi8(c, _mm_set1_epi8(most)); };
    for (; at + 16 <= text.size(); at += 16) {
        const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        // Signed: what is beyond ASCII is below zero. - . / 0-9 : are neighbours, and so are @ A-Z.
        const __m128i low = _mm_and_si128(above(c, '-' - 1), below(c, ':' + 1));
        const __m128i upper = _mm_and_si128(above(c, '@' - 1), below(c, 'Z' + 1));
        const __m128i lower = _mm_and_si128(above(c, 'a' - 1), below(c, 'z' + 1));
        const __m128i other = _mm_or_si128(below(c, 0), _mm_cmpeq_epi8(c, _mm_set1_epi8('_')));
        const __m128i word = _mm_or_si128(_mm_or_si128(low, upper), _mm_or_si128(lower, other));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(word));
        if (mask != 0xFFFF) return at + static_cast<size_t>(__builtin_ctz(~mask));
    }
#endif
    while (at < text.size() && is_word(text[at])) ++at;
    return at;
}

// What a word may be taken apart at.
struct Joints {
    bool outer = false;  // : or @
    bool slash = false;
    bool dot = false;
};

// Writes `raw` in lower case to `out`, which has room for it, and tells which joints are in it.
inline Joints copy_lower(std::string_view raw, char* out) {
    Joints found;
#ifdef __SSE2__
    __m128i outer = _mm_setzero_si128(), slash = outer, dot = outer;
    const auto lower = [&](__m128i c) {
        const auto is = [&](char one) { return _mm_cmpeq_epi8(c, _mm_set1_epi8(one)); };
        outer = _mm_or_si128(outer, _mm_or_si128(is(':'), is('@')));
        slash = _mm_or_si128(slash, is('/'));
        dot = _mm_or_si128(dot, is('.'));
        const __m128i is_upper = _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8('A' - 1)),
                                               _mm_cmplt_epi8(c, _mm_set1_epi8('Z' + 1)));
        return _mm_or_si128(c, _mm_and_si128(is_upper, _mm_set1_epi8('a' - 'A')));
    };
    const auto copy_16 = [&](size_t at) {
        const auto c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(raw.data() + at));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at), lower(c));
    };
    const auto copy_8 = [&](size_t at) {
        const auto c = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(raw.data() + at));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out + at), lower(c));
    };
    // The last block overlaps the one before it.
    if (raw.size() >= 16) {
        for (size_t at = 0; at + 16 < raw.size(); at += 16) copy_16(at);
        copy_16(raw.size() - 16);
    } else if (raw.size() >= 8) {
        copy_8(0);
        copy_8(raw.size() - 8);
    }
    if (raw.size() >= 8) {
        found.outer = _mm_movemask_epi8(outer) != 0;
        found.slash = _mm_movemask_epi8(slash) != 0;
        found.dot = _mm_movemask_epi8(dot) != 0;
        return found;
    }
#endif
    for (size_t i = 0; i < raw.size(); ++i) {
        const char c = raw[i];
        out[i] = ascii_lower(c);
        found.outer |= (c == ':') | (c == '@');
        found.slash |= c == '/';
        found.dot |= c == '.';
    }
    return found;
}

inline bool is_one_of(char c, std::string_view set) {
    for (const char one : set) {
        if (c == one) return true;
    }
    return false;
}

// find_first_of() for sets of a few characters; the standard one calls memchr for every character.
inline size_t find_any(std::string_view text, std::string_view set, size_t from) {
    while (from < text.size() && !is_one_of(text[from], set)) ++from;
    return from;
}

inline std::string_view trimmed(std::string_view word) {
    while (!word.empty() && is_one_of(word.front(), kTrimmed)) word.remove_prefix(1);
    while (!word.empty() && is_one_of(word.back(), kTrimmed)) word.remove_suffix(1);
    return word;
}

// Session tokens and S3's ids are base64, whose + ends a word and whose / joins parts. Nobody looks
// for such a part, and they were a sixth of the index.
bool is_base64_piece(std::string_view text, size_t at, size_t end);

// The address a word in lower case is, if it is one.
std::optional<IpAddress> address_of(std::string_view word);
std::string network_token(const IpAddress& address, int bits);
// 192.0.2.1 of ::ffff:192.0.2.1; any other address as it is.
IpAddress plain_address(const IpAddress& address);

template <class Visit>
class TokenScan {
  public:
    explicit TokenScan(Visit visit) : visit_(std::move(visit)) {}

    // Every token of a text, but for those of words that `is_known` says yes to.
    template <class IsKnown>
    void text(std::string_view text, bool is_json, IsKnown&& is_known);

  private:
    void word(std::string_view raw);
    // A word whose parts do not count.
    void whole(std::string_view raw) {
        take(trimmed(raw));
        emit(lower_);
    }

    // Lower case into lower_; notes which joints are in it.
    void take(std::string_view raw) {
        if (buffer_.size() < raw.size()) buffer_.resize(raw.size() * 2);
        has_ = copy_lower(raw, buffer_.data());
        lower_ = {buffer_.data(), raw.size()};
    }

    void emit(std::string_view token) {
        if (token.size() >= kShortestToken && token.size() <= kLongestToken) visit_(token);
    }

    void outer_part(std::string_view part) {
        if (part.size() != lower_.size()) emit(part);
        if (address(part)) return;
        const bool split =
            has_.slash && split_at(part, "/", [&](std::string_view inner) { inner_part(inner); });
        if (!split) domains(part);
    }

    void inner_part(std::string_view part) {
        emit(part);
        if (!address(part)) domains(part);
    }

    // Calls `visit` for the trimmed parts; false when there is no joint to split at.
    template <class VisitPart>
    bool split_at(std::string_view text, std::string_view joints, VisitPart&& visit) {
        if (find_any(text, joints, 0) == text.size()) return false;
        for (size_t at = 0; at <= text.size();) {
            const size_t end = find_any(text, joints, at);
            visit(trimmed(text.substr(at, end - at)));
            at = end + 1;
        }
        return true;
    }

    // "::1" and "fe80::" begin or end with what is trimmed of other words.
    void edge_address(std::string_view raw) {
        while (!raw.empty() && is_one_of(raw.front(), "./@-")) raw.remove_prefix(1);
        while (!raw.empty() && is_one_of(raw.back(), "./@-")) raw.remove_suffix(1);
        if (!raw.starts_with("::") && !raw.ends_with("::")) return;
        take(raw);
        const auto found = address_of(lower_);
        if (!found) return;
        const IpAddress address = plain_address(*found);
        visit_(std::string_view(address.to_string()));
        for (const int bits : address.is_v4 ? kNetworksV4 : kNetworksV6)
            visit_(std::string_view(network_token(address, bits)));
    }

    bool address(std::string_view word) {
        if (!has_.dot && !has_.outer) return false;
        const auto address = address_of(word);
        if (!address) return false;
        const std::string canonical = address->to_string();
        if (canonical != word) emit(canonical);
        for (const int bits : address->is_v4 ? kNetworksV4 : kNetworksV6)
            visit_(std::string_view(network_token(*address, bits)));
        return true;
    }

    // a.b.example.com also counts as b.example.com and example.com.
    void domains(std::string_view host) {
        if (!has_.dot) return;
        const size_t last = host.rfind('.');
        if (last == std::string_view::npos || host.size() - last < 3) return;
        const std::string_view top = host.substr(last + 1);
        if (!std::all_of(top.begin(), top.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
            return;
        for (size_t dot = host.find('.'); dot < last; dot = host.find('.', dot + 1))
            emit(host.substr(dot + 1));
    }

    Visit visit_;
    std::string buffer_;
    std::string_view lower_;  // the word at hand, in buffer_
    Joints has_;
    std::string joined_;  // a word with \/ in it
};

template <class Visit>
void TokenScan<Visit>::word(std::string_view raw) {
    const std::string_view whole = raw;
    raw = trimmed(raw);
    if (raw.size() != whole.size()) edge_address(whole);
    if (raw.empty()) return;
    take(raw);
    emit(lower_);
    if (!has_.outer && !has_.slash && !has_.dot) return;  // most: nothing to take apart
    if (address(lower_)) return;
    // An ARN's "user/alice" counts as well as its "user" and "alice".
    const bool split =
        has_.outer && split_at(lower_, ":@", [&](std::string_view part) { outer_part(part); });
    if (!split) outer_part(lower_);
}

template <class Visit>
template <class IsKnown>
void TokenScan<Visit>::text(std::string_view text, bool is_json, IsKnown&& is_known) {
    // Bytes of the JSON escape at `at`.
    const auto escape_size = [&](size_t at) -> size_t {
        return at + 1 < text.size() && text[at + 1] == 'u' ? 6 : 2;
    };
    const auto is_slash = [&](size_t at) {  // as JSON may write it
        return is_json && at + 1 < text.size() && text[at] == '\\' && text[at + 1] == '/';
    };
    for (size_t at = 0; at < text.size();) {
        if (!is_word(text[at]) && !is_slash(at)) {
            at += is_json && text[at] == '\\' ? escape_size(at) : 1;
            continue;
        }
        size_t end = word_end(text, at);
        if (!is_slash(end)) {
            const std::string_view found = text.substr(at, end - at);
            if (is_base64_piece(text, at, end)) {
                whole(found);
            } else if (!is_known(found)) {
                word(found);
            }
            at = end;
            continue;
        }
        joined_.assign(text, at, end - at);
        while (is_slash(end)) {
            joined_ += '/';
            at = end += 2;
            end = word_end(text, end);
            joined_.append(text, at, end - at);
        }
        word(joined_);
        at = end;
    }
}

}  // namespace yagura::store
