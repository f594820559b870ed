#include "server/host_name.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include "base/messages/server.h"
#include "base/text.h"

namespace yagura::server {
namespace {

// The host and, behind its colon, the port; nullopt when brackets do not match.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view text) {
    size_t end = text.find(':');
    if (text.starts_with('[')) {
        const size_t close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        const std::string_view rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return std::nullopt;
        return std::pair(text.substr(1, close - 1), rest.empty() ? rest : rest.substr(1));
    }
    if (end == std::string_view::npos) return std::pair(text, std::string_view());
    return std::pair(text.substr(0, end), text.substr(end + 1));
}

bool is_port(std::string_view text) {
    return text.size() <= 5 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string host_name(std::string_view host) {
    const auto parts = split(host);
    if (!parts || !is_port(parts->second)) return {};
    std::string name = fold_case(parts->first);
    if (name.ends_with('.')) name.pop_back();
    return name;
}

bool is_known_host(std::string_view host, const std::vector<std::string>& names) {
    const std::string name = host_name(host);
    if (name.empty()) return false;
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

Result<Endpoint> read_endpoint(std::string_view text) {
    const auto bad = [&] {
        return fail(Code::invalid, say(message::server_bad_endpoint, printable(text)));
    };
    Endpoint endpoint;
    auto parts = split(text);
    if (!parts || text.empty()) return bad();
    auto [host, port] = *parts;
    if (parts->second.empty() && !host.empty() && is_port(host)) std::swap(host, port);
    if (!port.empty()) {
        const auto [end, failed] =
            std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
        if (failed != std::errc() || end != port.data() + port.size()) return bad();
    }
    const bool names_port_only = !text.starts_with(':') && host.empty();
    endpoint.address = host.empty() ? (names_port_only ? "127.0.0.1" : "0.0.0.0") : host;
    if (endpoint.address == "localhost") endpoint.address = "127.0.0.1";
    in_addr v4{};
    in6_addr v6{};
    if (inet_pton(AF_INET, endpoint.address.c_str(), &v4) == 1) {
        endpoint.is_loopback = (ntohl(v4.s_addr) >> 24) == 127;
    } else if (inet_pton(AF_INET6, endpoint.address.c_str(), &v6) == 1) {
        endpoint.is_loopback = IN6_IS_ADDR_LOOPBACK(&v6);
    } else {
        return bad();
    }
    return endpoint;
}

}  // namespace yagura::server
