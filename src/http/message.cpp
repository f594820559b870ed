#include "http/message.h"

#include <algorithm>

#include "base/hex.h"
#include "base/json_text.h"
#include "base/text.h"
#include "http/event_stream.h"

namespace yagura::http {
namespace {

// Percent-decoding; in a query '+' is a blank (WHATWG URL, application/x-www-form-urlencoded).
std::optional<std::string> decoded(std::string_view text, bool in_query) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && in_query) {
            out += ' ';
        } else if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    if (out.find('\0') != std::string::npos || !is_valid_utf8(out)) return std::nullopt;
    return out;
}

}  // namespace

std::string_view method_name(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
    }
    return "GET";
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters)
        if (key == name) return value;
    return std::nullopt;
}

std::string_view Request::header(std::string_view lower_case_name) const {
    for (const auto& [key, value] : headers)
        if (key == lower_case_name) return value;
    return {};
}

std::string_view Request::cookie(std::string_view name) const {
    std::string_view rest = header("cookie");
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(';'), rest.size());
        const std::string_view pair = trim(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
            return pair.substr(equals + 1);
    }
    return {};
}

Language Request::language() const {
    if (const std::string_view chosen = header("x-yagura-language"); !chosen.empty())
        return language_from_tag(chosen);
    std::string_view rest = header("accept-language");
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(','), rest.size());
        const std::string_view tag = trim(rest.substr(0, end)).substr(0, 2);
        if (tag == "ja" || tag == "en") return language_from_tag(tag);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return Language::english;
}

bool read_target(std::string_view target, Request& request) {
    if (target.empty() || target.front() != '/') return false;
    const size_t question = std::min(target.find('?'), target.size());
    auto path = decoded(target.substr(0, question), false);
    if (!path) return false;
    request.path = std::move(*path);
    request.segments.clear();
    for (size_t at = 1; at <= question;) {
        const size_t end = std::min(target.find('/', at), question);
        auto segment = decoded(target.substr(at, end - at), false);
        if (!segment) return false;
        request.segments.push_back(std::move(*segment));
        at = end + 1;
    }
    request.parameters.clear();
    std::string_view rest = target.substr(std::min(question + 1, target.size()));
    while (!rest.empty()) {
        const size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (pair.empty()) continue;
        const size_t equals = std::min(pair.find('='), pair.size());
        auto key = decoded(pair.substr(0, equals), true);
        auto value = decoded(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!key || !value) return false;
        request.parameters.emplace_back(std::move(*key), std::move(*value));
    }
    return true;
}

Response Response::json(std::string body, int status) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

Response Response::text(std::string body, std::string_view content_type, int status) {
    Response response = json(std::move(body), status);
    response.content_type = content_type;
    return response;
}

Response Response::stream(std::string_view content_type, std::function<void(BodyWriter&)> write) {
    Response response;
    response.content_type = content_type;
    response.write = std::move(write);
    return response;
}

Response Response::event_stream(std::shared_ptr<EventStream> events) {
    Response response;
    response.content_type = "text/event-stream";
    response.events = std::move(events);
    return response;
}

Response& Response::with(std::string_view name, std::string_view value) & {
    headers.emplace_back(name, value);
    return *this;
}

Response&& Response::with(std::string_view name, std::string_view value) && {
    headers.emplace_back(name, value);
    return std::move(*this);
}

int status_of(Code code) {
    switch (code) {
        case Code::invalid:
            return 400;
        case Code::not_found:
            return 404;
        case Code::unauthorized:
            return 401;
        case Code::forbidden:
            return 403;
        case Code::conflict:
            return 409;
        case Code::limit:
            return 413;
        case Code::busy:
            return 503;
        case Code::cancelled:
            return 499;
        case Code::unsupported:
            return 501;
        case Code::corrupt:
        case Code::io:
        case Code::internal:
            return 500;
    }
    return 500;
}

std::string_view api_code(Code code) {
    switch (code) {
        case Code::invalid:
            return "invalid";
        case Code::not_found:
            return "not_found";
        case Code::corrupt:
            return "corrupt";
        case Code::io:
            return "io";
        case Code::limit:
            return "limit";
        case Code::busy:
            return "busy";
        case Code::unauthorized:
            return "unauthorized";
        case Code::forbidden:
            return "forbidden";
        case Code::conflict:
            return "conflict";
        case Code::cancelled:
            return "cancelled";
        case Code::unsupported:
            return "unsupported";
        case Code::internal:
            return "internal";
    }
    return "internal";
}

Response error_response(int status, std::string_view code, std::string_view message) {
    std::string body = "{\"error\":";
    JsonObject error(body);
    error.text("code", code);
    error.text("message", message);
    error.close();
    body += '}';
    return Response::json(std::move(body), status);
}

Response error_response(const Error& error) {
    return error_response(status_of(error.code()), api_code(error.code()), error.sentence());
}

}  // namespace yagura::http
