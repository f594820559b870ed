#include "api/identity.h"

#include <fmt/format.h>

#include "base/ip.h"
#include "base/messages/http.h"
#include "base/text.h"

namespace yagura::api {
namespace {

constexpr std::string_view kCookie = "yagura_session";
constexpr std::string_view kSecureCookie = "__Host-yagura_session";
constexpr int kCookieSeconds = 12 * 60 * 60;

bool is_loopback(std::string_view address) {
    const auto parsed = IpAddress::parse(address);
    if (!parsed) return false;
    if (parsed->is_v4) return parsed->bytes[12] == 127;
    return parsed->to_string() == "::1";
}

// A page elsewhere can make a browser call this machine under its own name (DNS rebinding): before
// there are passwords, only names that mean this machine count.
bool is_local_host(std::string_view host) {
    if (host.starts_with('[')) return is_loopback(host.substr(1, host.find(']') - 1));
    const std::string_view name = host.substr(0, host.find(':'));
    return equals_ignore_case(name, "localhost") || is_loopback(name);
}

Result<std::optional<auth::Principal>> by_token(auth::Gate& gate, std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    const bool is_bearer = equals_ignore_case(authorization.substr(0, kScheme.size()), kScheme);
    if (is_bearer) {
        YAGURA_TRY(auto who, gate.tokens().find(trim(authorization.substr(kScheme.size()))));
        if (who) return who;
    }
    return fail(Code::unauthorized, say(message::http_bad_token));
}

}  // namespace

Result<std::optional<auth::Principal>> identify(auth::Gate& gate, const http::Request& request) {
    YAGURA_TRY(const bool is_open, gate.setup_required());
    if (is_open) {
        if (!is_loopback(request.peer) || !is_local_host(request.header("host")))
            return std::nullopt;
        return gate.local();
    }
    const std::string_view authorization = request.header("authorization");
    if (!authorization.empty()) return by_token(gate, authorization);
    return gate.sessions().find(session_secret(request));
}

auth::Client client_of(const http::Request& request) {
    return {request.peer, std::string(request.header("user-agent"))};
}

std::string_view session_secret(const http::Request& request) {
    return request.cookie(request.is_secure ? kSecureCookie : kCookie);
}

std::string session_cookie(const http::Request& request, std::string_view secret) {
    return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
                       request.is_secure ? kSecureCookie : kCookie,
                       secret,
                       secret.empty() ? 0 : kCookieSeconds,
                       request.is_secure ? "; Secure" : "");
}

}  // namespace yagura::api
