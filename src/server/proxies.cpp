#include "server/proxies.h"

#include <algorithm>
#include <optional>

#include "base/messages/server.h"
#include "base/text.h"

namespace yagura::server {
namespace {

// One hop as a proxy tells it.
struct Hop {
    std::optional<IpAddress> address;  // nullopt: hidden, or nonsense
    std::string_view scheme = {};      // empty: not said
};

std::string_view unquoted(std::string_view text) {
    const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711".
std::optional<IpAddress> address_in(std::string_view text) {
    text = unquoted(trim(text));
    if (text.starts_with('[')) return IpAddress::parse(text.substr(1, text.find(']') - 1));
    const size_t colon = text.find(':');
    const bool has_port = colon != std::string_view::npos && text.rfind(':') == colon;
    return IpAddress::parse(has_port ? text.substr(0, colon) : text);
}

// IPv4 through a socket of IPv6 is the same address.
std::optional<IpAddress> plain_address(std::string_view text) {
    return IpAddress::parse(text.starts_with("::ffff:") ? text.substr(7) : text);
}

bool is_among(const IpAddress& address, std::span<const Cidr> proxies) {
    return std::any_of(
        proxies.begin(), proxies.end(), [&](const Cidr& block) { return block.contains(address); });
}

// The values of all headers of a name, in order: together they are one list (RFC 9110, 5.3).
std::vector<std::string_view> list_of(const http::Request& request, std::string_view name) {
    std::vector<std::string_view> out;
    for (const auto& [key, value] : request.headers) {
        if (key != name) continue;
        for (const std::string_view item : split(value, ',')) out.push_back(trim(item));
    }
    return out;
}

std::vector<Hop> hops_of_x_forwarded(const http::Request& request) {
    std::vector<Hop> out;
    for (const std::string_view item : list_of(request, "x-forwarded-for"))
        out.push_back({address_in(item)});
    return out;
}

// for="[2001:db8::1]:4711";proto=https;by=203.0.113.43
std::vector<Hop> hops_of_forwarded(const http::Request& request) {
    std::vector<Hop> out;
    for (const std::string_view item : list_of(request, "forwarded")) {
        Hop hop;
        for (const std::string_view pair : split(item, ';')) {
            const size_t equals = pair.find('=');
            if (equals == std::string_view::npos) continue;
            const std::string_view name = trim(pair.substr(0, equals));
            const std::string_view value = unquoted(trim(pair.substr(equals + 1)));
            if (equals_ignore_case(name, "for")) hop.address = address_in(value);
            if (equals_ignore_case(name, "proto")) hop.scheme = value;
        }
        out.push_back(hop);
    }
    return out;
}

// The client: the first from the right that is none of ours. Behind what cannot be read nothing
// can be known; then it is the last that could.
Hop client_in(const std::vector<Hop>& hops, const IpAddress& peer, std::span<const Cidr> proxies) {
    Hop client{peer};
    for (auto hop = hops.rbegin(); hop != hops.rend() && hop->address; ++hop) {
        client = *hop;
        if (!is_among(*hop->address, proxies)) break;
    }
    return client;
}

}  // namespace

Result<std::vector<Cidr>> read_proxies(std::span<const std::string> texts) {
    std::vector<Cidr> out;
    for (const std::string& text : texts) {
        const auto block = Cidr::parse(text);
        if (!block) return fail(Code::invalid, say(message::server_bad_proxy, printable(text)));
        out.push_back(*block);
    }
    return out;
}

bool is_proxy(std::string_view address, std::span<const Cidr> proxies) {
    const auto parsed = plain_address(address);
    return parsed && is_among(*parsed, proxies);
}

bool take_forwarded(http::Request& request, std::span<const Cidr> proxies) {
    const auto peer = plain_address(request.peer);
    if (!peer || !is_among(*peer, proxies)) return true;
    const auto usual = hops_of_x_forwarded(request);
    const auto standard = hops_of_forwarded(request);
    Hop client{*peer};
    if (!usual.empty()) client = client_in(usual, *peer, proxies);
    if (!standard.empty()) {
        const Hop other = client_in(standard, *peer, proxies);
        if (!usual.empty() && other.address != client.address) return false;
        client = other;
    }
    request.peer = client.address->to_string();
    // The proxy next to us wrote the last one.
    const auto schemes = list_of(request, "x-forwarded-proto");
    const std::string_view scheme = !schemes.empty() ? schemes.back() : client.scheme;
    if (!scheme.empty()) request.is_secure = equals_ignore_case(scheme, "https");
    return true;
}

}  // namespace yagura::server
