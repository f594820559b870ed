#include "store/tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "store/token_scan.h"

namespace yagura::store {
namespace {

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

std::optional<IpAddress> address_of(std::string_view word) {
    return may_be_address(word) ? IpAddress::parse(word) : std::nullopt;
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

void for_each_token(std::string_view text, bool is_json, const VisitToken& visit) {
    TokenScan scan([&](std::string_view token) { visit(token); });
    scan.text(text, is_json, [](std::string_view) { return false; });
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
