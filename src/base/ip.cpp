#include "base/ip.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace yagura {
namespace {

bool parse_v4(std::string_view text, uint8_t* out) {
    size_t at = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0 && (at >= text.size() || text[at++] != '.')) return false;
        int value = 0;
        const size_t start = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            value = value * 10 + (text[at] - '0');
            if (at - start >= 3) return false;
        }
        const bool leading_zero = at - start > 1 && text[start] == '0';
        if (at == start || value > 255 || leading_zero) return false;
        out[part] = static_cast<uint8_t>(value);
    }
    return at == text.size();
}

// RFC 4291 §2.2: eight groups, one "::", optionally a dotted tail.
bool parse_v6(std::string_view text, std::array<uint8_t, 16>& out) {
    std::array<uint8_t, 16> bytes{};
    size_t filled = 0;
    size_t gap = 17;
    size_t at = 0;
    if (text.substr(0, 2) == "::") {
        gap = 0;
        at = 2;
    }
    while (at < text.size()) {
        const size_t end = std::min(text.find(':', at), text.size());
        const std::string_view group = text.substr(at, end - at);
        if (group.find('.') != std::string_view::npos) {
            if (end != text.size() || filled > 12 || !parse_v4(group, &bytes[filled])) return false;
            filled += 4;
            at = end;
            break;
        }
        uint32_t value = 0;
        if (group.empty() || group.size() > 4 || filled > 14) return false;
        const auto [stop, error] =
            std::from_chars(group.data(), group.data() + group.size(), value, 16);
        if (error != std::errc() || stop != group.data() + group.size()) return false;
        bytes[filled++] = static_cast<uint8_t>(value >> 8);
        bytes[filled++] = static_cast<uint8_t>(value);
        at = end;
        if (at == text.size()) break;
        ++at;  // the colon
        if (at == text.size()) return false;
        if (text[at] == ':') {
            if (gap != 17) return false;
            gap = filled;
            ++at;
        }
    }
    if (gap == 17) {
        out = bytes;
        return filled == 16;
    }
    if (filled > 14) return false;
    out.fill(0);
    const size_t tail = filled - gap;
    for (size_t i = 0; i < gap; ++i) out[i] = bytes[i];
    for (size_t i = 0; i < tail; ++i) out[16 - tail + i] = bytes[gap + i];
    return true;
}

bool same_prefix(const uint8_t* a, const uint8_t* b, int bits) {
    for (int i = 0; i < bits / 8; ++i) {
        if (a[i] != b[i]) return false;
    }
    const int rest = bits % 8;
    return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() < 2 || text.size() > 45) return std::nullopt;
    IpAddress address;
    if (text.find(':') == std::string_view::npos) {
        address.bytes[10] = address.bytes[11] = 0xFF;
        address.is_v4 = true;
        if (!parse_v4(text, &address.bytes[12])) return std::nullopt;
        return address;
    }
    if (!parse_v6(text, address.bytes)) return std::nullopt;
    return address;
}

std::string IpAddress::to_string() const {
    if (is_v4) return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
    // RFC 5952 §5: an address known to embed an IPv4 address shows it.
    constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
        return fmt::format("::ffff:{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
    }
    // RFC 5952: lower case, the longest run of zero groups (two or more) becomes "::".
    std::array<unsigned, 8> groups{};
    for (size_t i = 0; i < 8; ++i) groups[i] = bytes[2 * i] * 256u + bytes[2 * i + 1];
    size_t run_start = 8;
    size_t run_length = 1;
    for (size_t i = 0; i < 8; ++i) {
        size_t j = i;
        while (j < 8 && groups[j] == 0) ++j;
        if (j - i > run_length) {
            run_start = i;
            run_length = j - i;
        }
    }
    std::string out;
    for (size_t i = 0; i < 8; ++i) {
        if (i == run_start) {
            out += "::";
            i += run_length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':') out += ':';
        out += fmt::format("{:x}", groups[i]);
    }
    return out;
}

bool IpAddress::is_private() const {
    static const std::array kBlocks = {
        *Cidr::parse("10.0.0.0/8"),
        *Cidr::parse("172.16.0.0/12"),
        *Cidr::parse("192.168.0.0/16"),
        *Cidr::parse("127.0.0.0/8"),
        *Cidr::parse("169.254.0.0/16"),
        *Cidr::parse("100.64.0.0/10"),
        *Cidr::parse("fc00::/7"),
        *Cidr::parse("fe80::/10"),
        *Cidr::parse("::1/128"),
    };
    return std::any_of(
        kBlocks.begin(), kBlocks.end(), [&](const Cidr& block) { return block.contains(*this); });
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
    const size_t slash = text.find('/');
    const auto base = IpAddress::parse(text.substr(0, slash));
    if (!base) return std::nullopt;
    const int bits = base->is_v4 ? 32 : 128;
    Cidr cidr{*base, bits};
    if (slash == std::string_view::npos) return cidr;
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), cidr.prefix);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    const bool plain = whole && digits[0] != '-' && (digits[0] != '0' || digits.size() == 1);
    if (!plain || cidr.prefix > bits) return std::nullopt;
    // Host bits set means the author meant another block: refuse rather than guess.
    const int offset = base->is_v4 ? 96 : 0;
    for (int bit = offset + cidr.prefix; bit < 128; ++bit) {
        if ((base->bytes[static_cast<size_t>(bit / 8)] >> (7 - bit % 8)) & 1) return std::nullopt;
    }
    return cidr;
}

bool Cidr::contains(const IpAddress& address) const {
    if (address.is_v4 != base.is_v4) return false;
    const size_t skip = base.is_v4 ? 12 : 0;
    return same_prefix(base.bytes.data() + skip, address.bytes.data() + skip, prefix);
}

IpAddress Cidr::last() const {
    IpAddress end = base;
    const int offset = base.is_v4 ? 96 : 0;
    for (int bit = offset + prefix; bit < 128; ++bit) {
        end.bytes[static_cast<size_t>(bit / 8)] |= static_cast<uint8_t>(1 << (7 - bit % 8));
    }
    return end;
}

std::string Cidr::to_string() const {
    return fmt::format("{}/{}", base.to_string(), prefix);
}

}  // namespace yagura
