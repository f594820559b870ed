// Who really asks, when a reverse proxy stands in front of us.
//
//   YAGURA_TRY(const auto proxies, read_proxies({"10.0.0.0/8"}));
//   if (!take_forwarded(request, proxies)) … refuse: it says two things …
//
// X-Forwarded-For and Forwarded (RFC 7239) are written by anybody who likes. What counts is what
// our own proxies added: read from the right, the first address that is none of them is the
// client, and everything left of it is hearsay. Both headers may be there when they agree.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "http/message.h"

namespace yagura::server {

// Addresses and CIDR blocks, as a person writes them.
Result<std::vector<Cidr>> read_proxies(std::span<const std::string> texts);

bool is_proxy(std::string_view address, std::span<const Cidr> proxies);

// Sets `peer` to the client and `is_secure` to what it used towards the outermost of our proxies,
// when the other end of the connection is one of them; else does nothing. False: the two headers
// name different clients, so that somebody is lying; the request is not to be answered.
bool take_forwarded(http::Request& request, std::span<const Cidr> proxies);

}  // namespace yagura::server
