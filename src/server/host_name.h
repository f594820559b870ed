// Names by which requests call the server, and addresses people write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace yagura::server {

// "example.org:8686" → "example.org", "[::1]:8686" → "::1"; lower case, without a last dot. Empty
// when it is no host.
std::string host_name(std::string_view host);

// Is the Host of a request one of `names`? Without names any host is. A page of another site whose
// name was made to point at us (DNS rebinding) still sends its own name, and fails here.
bool is_known_host(std::string_view host, const std::vector<std::string>& names);

// Where to listen.
struct Endpoint {
    std::string address;
    uint16_t port = 8686;
    bool is_loopback = true;
};

// "127.0.0.1:8686", "[::1]:0", "0.0.0.0", ":8080" (all interfaces of IPv4), "localhost:80", "8080".
Result<Endpoint> read_endpoint(std::string_view text);

}  // namespace yagura::server
