#include "api/api.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "auth/secret.h"
#include "base/messages/http.h"

namespace yagura::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kPrefixSegments[] = {"api", "v1"};  // kPrefix

bool is_ours(const Request& request) {
    const auto& segments = request.segments;
    return segments.size() > std::size(kPrefixSegments) &&
           std::equal(std::begin(kPrefixSegments), std::end(kPrefixSegments), segments.begin());
}

Answered no_route(const Request& request) {
    return {http::error_response(404, "not_found", say(message::http_no_route, request.path)), {}};
}

// Fills `parts` when the path of the request, which is_ours(), is that of the route.
bool is_at(const Route& route, const Request& request, decltype(Call::parts)& parts) {
    parts.clear();
    std::string_view rest = route.path.substr(1);
    size_t at = std::size(kPrefixSegments);
    while (true) {
        const size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view wanted = rest.substr(0, end);
        if (at == request.segments.size()) return false;
        if (wanted.front() == '{') {
            parts.emplace_back(wanted.substr(1, wanted.size() - 2), request.segments[at]);
        } else if (wanted != request.segments[at]) {
            return false;
        }
        ++at;
        if (end == rest.size()) return at == request.segments.size();
        rest.remove_prefix(end + 1);
    }
}

bool changes_something(Method method) {
    return method != Method::get && method != Method::head;
}

// HEAD is GET without the body.
bool takes(const Route& route, Method method) {
    return route.method == method || (route.method == Method::get && method == Method::head);
}

// A browser says where a changing request comes from (Fetch standard, Origin header).
bool comes_from_us(const Request& request) {
    const std::string_view origin = request.header("origin");
    if (origin.empty()) return true;
    const size_t scheme = origin.find("://");
    return scheme != std::string_view::npos && origin.substr(scheme + 3) == request.header("host");
}

std::optional<Response> refusal(const Route& route,
                                const Request& request,
                                const std::optional<auth::Principal>& who) {
    if (changes_something(request.method) && !comes_from_us(request))
        return http::error_response(403, "forbidden", say(message::http_origin));
    if (route.access == Access::everyone) return std::nullopt;
    if (!who) return http::error_response(401, "unauthorized", say(message::http_sign_in));
    const bool needs_token = changes_something(request.method) && !who->csrf.empty();
    if (needs_token && !auth::is_same_secret(who->csrf, request.header("x-yagura-csrf")))
        return http::error_response(403, "forbidden", say(message::http_csrf));
    if (!who->may(route.role)) {
        const auto name = auth::role_name(route.role);
        return http::error_response(403, "forbidden", say(message::http_forbidden, name));
    }
    return std::nullopt;
}

// What a streamed answer says later is said in the language of its request, too.
void keep_language(Response& response, Language language) {
    if (!response.write) return;
    response.write = [language, write = std::move(response.write)](http::BodyWriter& out) {
        const LanguageScope scope(language);
        write(out);
    };
}

Response handled(const Route& route, Call& call) {
    auto response = route.handle(call);
    if (!response) return http::error_response(response.error());
    keep_language(*response, call.request.language());
    return std::move(*response);
}

}  // namespace

std::string_view Call::part(std::string_view name) const {
    for (const auto& [key, value] : parts)
        if (key == name) return value;
    return {};
}

std::optional<int64_t> Call::id() const {
    const std::string_view text = part("id");
    int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size() || id < 0) return std::nullopt;
    return id;
}

Result<http::Json> Call::body() const {
    return http::Json::parse(request.body.empty() ? "{}" : request.body);
}

Result<uint64_t> Call::number(std::string_view name, uint64_t otherwise, uint64_t most) const {
    const auto text = request.parameter(name);
    if (!text) return otherwise;
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value > most)
        return fail(Code::invalid, say(message::http_bad_number, name, *text, 0, most));
    return value;
}

Result<TimeRange> Call::range() const {
    const auto since = request.parameter("since");
    return parse_time_range(request.parameter("from").value_or(since.value_or("")),
                            request.parameter("to").value_or(""),
                            services.now());
}

Answered Api::answer(const Request& request) const {
    const LanguageScope scope(request.language());
    if (!is_ours(request)) return no_route(request);
    decltype(Call::parts) parts;
    const Route* at_path = nullptr;
    for (const Described& resource : resources()) {
        for (const Route& route : resource.resource->routes) {
            if (!is_at(route, request, parts)) continue;
            at_path = &route;
            if (!takes(route, request.method)) continue;
            auto who = services_.identify(request);
            if (!who) return {http::error_response(who.error()), route.path};
            if (auto refused = refusal(route, request, *who)) return {*refused, route.path};
            const auth::Principal nobody;
            Call call{request, *who ? **who : nobody, services_, std::move(parts)};
            return {handled(route, call), route.path};
        }
    }
    if (at_path) {
        const std::string sentence =
            say(message::http_wrong_method, request.path, method_name(request.method));
        return {http::error_response(405, "invalid", sentence), at_path->path};
    }
    return no_route(request);
}

}  // namespace yagura::api
