// Who asks, by what a request carries: an API token, a session cookie, or being at this machine
// while nobody is administrator yet.
//
//   services.identify = [&gate](const http::Request& request) { return identify(gate, request); };
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/gate.h"
#include "base/result.h"
#include "http/message.h"

namespace yagura::api {

// nullopt: not signed in. A token that is none, or over, is Code::unauthorized.
Result<std::optional<auth::Principal>> identify(auth::Gate& gate, const http::Request& request);

auth::Client client_of(const http::Request& request);

// The secret of the session the browser has; empty: none.
std::string_view session_secret(const http::Request& request);

// A Set-Cookie that gives the browser the session, or takes it away when `secret` is empty. Out of
// reach for scripts, never sent along with links from elsewhere; under TLS bound to this host (the
// __Host- prefix, RFC 6265bis).
std::string session_cookie(const http::Request& request, std::string_view secret);

}  // namespace yagura::api
