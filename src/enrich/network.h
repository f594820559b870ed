// What an address is by itself, without any database: the blocks set aside by the IANA
// special-purpose registries (RFC 6890 and its updates), and those AWS uses inside instances.
//
//   network_kind(*IpAddress::parse("100.64.1.2"))       // NetworkKind::carrier
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/ip.h"
#include "base/language.h"

namespace yagura::enrich {

enum class NetworkKind : uint8_t {
    global,  // routed on the internet
    private_network,
    loopback,
    link_local,
    carrier,  // shared between a carrier and its customers
    aws_internal,
    documentation,
    benchmark,
    multicast,
    reserved,
};

NetworkKind network_kind(const IpAddress& address);

// The name in answers of the API ("private"), and what people read.
std::string_view network_name(NetworkKind kind);
std::string_view network_title(NetworkKind kind, Language language);

// All names, in the order of the kinds.
std::span<const std::string_view> network_names();

}  // namespace yagura::enrich
