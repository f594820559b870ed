// IP addresses and CIDR blocks, v4 and v6, without the operating system's resolver.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yagura {

// 16 bytes in network order; v4 is kept as ::ffff:a.b.c.d with `is_v4` set.
struct IpAddress {
    std::array<uint8_t, 16> bytes{};
    bool is_v4 = false;

    // Strict: no port, brackets, zone, leading zeros or surrounding blanks ("010.0.0.1" is refused,
    // as octal is ambiguous).
    static std::optional<IpAddress> parse(std::string_view text);
    std::string to_string() const;
    friend bool operator==(const IpAddress&, const IpAddress&) = default;
    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

    // RFC 1918, RFC 4193, loopback, link-local, carrier-grade NAT: addresses the internet does not
    // route.
    bool is_private() const;
};

struct Cidr {
    IpAddress base;
    int prefix = 0;  // within its own family: 0–32 or 0–128

    // A bare address is its /32 or /128. Host bits set ("10.0.0.1/8") are refused, as Sigma
    // demands.
    static std::optional<Cidr> parse(std::string_view text);
    bool contains(const IpAddress& address) const;
    IpAddress last() const;
    std::string to_string() const;
};

}  // namespace yagura
