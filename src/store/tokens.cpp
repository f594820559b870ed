#include "store/tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "event/value.h"
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

bool has_base64_form(std::string_view word) {
    constexpr size_t kShortest = 24;
    return word.size() >= kShortest && std::all_of(word.begin(), word.end(), [](char c) {
               const char lower = ascii_lower(c);
               return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '/';
           });
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

// Joins the parts of a word.
constexpr std::string_view kJoints = ":/@";

// True when no word goes on from here: at its end, a joint, or only what is trimmed of a word.
template <class Iterator>
bool is_edge(Iterator at, Iterator end) {
    for (; at != end && is_word(*at); ++at) {
        if (kJoints.find(*at) != std::string_view::npos) return true;
        if (kTrimmed.find(*at) == std::string_view::npos) return false;
    }
    return true;
}

// What the strings in a JSON text say.
std::string without_escapes(std::string_view json) {
    std::string out;
    event::append_unescaped(out, json);
    return out;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), ascii_lower);
    return out;
}

}  // namespace

bool is_base64_piece(std::string_view text, size_t at, size_t end) {
    const bool touches_plus =
        (at > 0 && text[at - 1] == '+') || (end < text.size() && text[end] == '+');
    return touches_plus && has_base64_form(text.substr(at, end - at));
}

std::optional<IpAddress> address_of(std::string_view word) {
    return may_be_address(word) ? IpAddress::parse(word) : std::nullopt;
}

IpAddress plain_address(const IpAddress& address) {
    constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    IpAddress out = address;
    out.is_v4 = out.is_v4 || std::equal(std::begin(kMapped), std::end(kMapped), out.bytes.begin());
    return out;
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
            probes_ = {{network_token(network_->base, bits)}};
            break;
        }
        return;
    }
    if (const auto address = IpAddress::parse(text_)) {
        is_address_ = true;
        text_ = plain_address(*address).to_string();
        // Of "::1" and "fe80::" older segments have no token.
        if (!text_.starts_with("::") && !text_.ends_with("::")) probes_ = {{text_}};
        return;
    }
    if (std::all_of(text_.begin(), text_.end(), is_word)) text_ = trimmed(text_);
    const bool has_joints = text_.find_first_of(kJoints) != std::string::npos;
    is_token_ = !has_joints && text_.size() >= kShortestToken && text_.size() <= kLongestToken &&
                std::all_of(text_.begin(), text_.end(), is_word);
    if (is_token_) {
        probes_ = {{text_}};
    } else {
        choose_probes();
    }
}

// What must be a token of every text that holds the indicator: words inside it, and what lies
// between the joints of words at its ends, which may go on in the text.
void Indicator::choose_probes() {
    Probe parts;
    const auto propose = [&parts](std::string_view token) {
        token = trimmed(token);
        if (token.size() >= kShortestToken && token.size() <= kLongestToken)
            parts.emplace_back(token);
    };
    const std::string_view all = text_;
    for (size_t at = 0; at < all.size();) {
        if (!is_word(all[at])) {
            ++at;
            continue;
        }
        const size_t end = word_end(all, at);
        const std::string_view word = all.substr(at, end - at);
        const bool is_edge = at == 0 || end == all.size();
        // Beside a + it may be the end of a longer piece of base64, which is a token as a whole.
        const bool may_be_base64 =
            (at > 0 && all[at - 1] == '+') || (end < all.size() && all[end] == '+');
        if (!is_edge) {
            propose(word);
        } else if (!may_be_base64) {
            for (size_t part = 0; part <= word.size();) {
                const size_t stop = std::min(word.find_first_of(kJoints, part), word.size());
                propose(word.substr(part, stop - part));
                part = stop + 1;
            }
        }
        at = end;
    }
    if (parts.empty()) return;
    probes_.push_back(std::move(parts));
    // A piece of base64 has no parts.
    if (has_base64_form(all) && all.size() <= kLongestToken) probes_.push_back({text_});
}

bool Indicator::may_be_escaped() const {
    return std::any_of(text_.begin(), text_.end(), [](char c) {
        return static_cast<uint8_t>(c) < 0x20 || static_cast<uint8_t>(c) >= 0x7F ||
               std::string_view("\"\\/<>&'").find(c) != std::string_view::npos;
    });
}

bool Indicator::matches(std::string_view text, bool is_json) const {
    if (text_.empty()) return false;
    if (!network_ && !is_token_ && !is_address_) {
        return holds(text) || (is_json && text.find('\\') != std::string_view::npos &&
                               holds(without_escapes(text)));
    }
    bool found = false;
    for_each_token(text, is_json, [&](std::string_view token) {
        if (found || token[0] == kNetworkMark) return;
        if (!network_) {
            found = token == text_;
        } else if (const auto address = IpAddress::parse(token)) {
            found = network_->contains(*address);
        }
    });
    return found;
}

// As it stands, in any case, and not as part of a longer word: it may be joined to what is before
// and behind it, as the parts of a path and an ARN are.
bool Indicator::holds(std::string_view text) const {
    const std::string lower = lowered(text);
    for (size_t at = lower.find(text_); at != std::string::npos; at = lower.find(text_, at + 1)) {
        const size_t end = at + text_.size();
        const auto before = lower.rbegin() + static_cast<ptrdiff_t>(lower.size() - at);
        const auto behind = lower.begin() + static_cast<ptrdiff_t>(end);
        if ((!is_word(text_.front()) || is_edge(before, lower.rend())) &&
            (!is_word(text_.back()) || is_edge(behind, lower.end())))
            return true;
    }
    return false;
}

}  // namespace yagura::store
