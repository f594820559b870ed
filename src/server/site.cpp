#include "server/site.h"

#include <algorithm>

#include <fmt/format.h>
#include <libdeflate.h>

#include "base/json_text.h"
#include "base/messages/server.h"
#include "base/text.h"
#include "server/host_name.h"

namespace yagura::server {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'";

// What is shown when the program was built without the browser side.
constexpr std::string_view kNoConsole = R"html(<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Yagura</title>
<h1>Yagura</h1>
<p>The API answers below <a href="/api/v1/openapi.json">/api/v1</a>. This build has no console.</p>
<p lang="ja">API は <a href="/api/v1/openapi.json">/api/v1</a> で利用できます。このビルドにコンソールは含まれていません。</p>
</html>
)html";

// Does the list of codings name gzip, other than to refuse it? RFC 9110, 12.5.3.
bool accepts_gzip(std::string_view codings) {
    while (!codings.empty()) {
        const size_t end = std::min(codings.find(','), codings.size());
        const std::string_view coding = trim(codings.substr(0, end));
        codings.remove_prefix(std::min(end + 1, codings.size()));
        const size_t weight = std::min(coding.find(';'), coding.size());
        const std::string_view name = trim(coding.substr(0, weight));
        if (name != "gzip" && name != "*") continue;
        const std::string_view q = trim(coding.substr(std::min(weight + 1, coding.size())));
        return q != "q=0" && !q.starts_with("q=0.000");
    }
    return false;
}

std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string unpacked(const Asset& asset) {
    std::string out(asset.raw_size, '\0');
    libdeflate_decompressor* inflate = libdeflate_alloc_decompressor();
    size_t size = 0;
    const auto result = libdeflate_gzip_decompress(
        inflate, asset.gzip.data(), asset.gzip.size(), out.data(), out.size(), &size);
    libdeflate_free_decompressor(inflate);
    out.resize(result == LIBDEFLATE_SUCCESS ? size : 0);
    return out;
}

// Is one of the tags in If-None-Match this one? Weakly compared (RFC 9110, 13.1.2).
bool is_listed(std::string_view list, std::string_view etag) {
    while (!list.empty()) {
        const size_t end = std::min(list.find(','), list.size());
        std::string_view tag = trim(list.substr(0, end));
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag || tag == "*") return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

// From this machine, and not handed on by a proxy on it.
bool is_local(const Request& request) {
    const std::string host = host_name(request.header("host"));
    const bool names_us =
        host.empty() || host == "localhost" || host == "127.0.0.1" || host == "::1";
    const bool was_forwarded =
        !request.header("x-forwarded-for").empty() || !request.header("forwarded").empty();
    return names_us && !was_forwarded &&
           (request.peer.starts_with("127.") || request.peer == "::1");
}

bool is_below(std::string_view path, std::string_view folder) {
    return path == folder ||
           (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

}  // namespace

http::Pairs security_headers(bool is_tls) {
    http::Pairs headers = {
        {"Content-Security-Policy", std::string(kPolicy)},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
        {"X-Frame-Options", "DENY"},
        {"Cache-Control", "no-store"},
    };
    if (is_tls) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    return headers;
}

Site::Site(SiteOptions options) : options_(std::move(options)), api_(options_.services) {}

Handled Site::answer(const Request& request) const {
    const LanguageScope scope(request.language());
    if (is_below(request.path, "/api")) {
        api::Answered answered = api_.answer(request);
        return {std::move(answered.response), answered.route};
    }
    if (request.method != Method::get && request.method != Method::head) {
        Response refused = http::error_response(
            405, "invalid", say(message::server_read_only, printable(request.path)));
        return {std::move(refused.with("Allow", "GET, HEAD")), "assets"};
    }
    if (request.path == "/healthz") return {health(), "/healthz"};
    if (request.path == "/readyz") return {readiness(), "/readyz"};
    if (request.path == "/metrics") return {metrics(request), "/metrics"};
    return {asset(request), "assets"};
}

Response Site::health() const {
    std::string out;
    JsonObject health(out);
    health.text("status", "ok");
    health.text("version", options_.version);
    health.close();
    return Response::json(std::move(out));
}

Response Site::readiness() const {
    std::string parts;
    JsonList list(parts);
    bool is_ready = true;
    for (const Check& check : options_.checks) {
        const auto verified = check.verify();
        is_ready = is_ready && verified.has_value();
        JsonObject part(list.next());
        part.text("name", check.name);
        part.boolean("ok", verified.has_value());
        if (!verified) part.text("reason", verified.error().sentence());
        part.close();
    }
    list.close();
    std::string out;
    JsonObject readiness(out);
    readiness.boolean("ready", is_ready);
    readiness.raw("parts", parts);
    readiness.close();
    return Response::json(std::move(out), is_ready ? 200 : 503);
}

Response Site::metrics(const Request& request) const {
    if (!is_local(request)) {
        const auto who = options_.services.identify(request);
        if (!who) return http::error_response(who.error());
        if (!*who || !(*who)->may(auth::Role::admin))
            return http::error_response(401, "unauthorized", say(message::server_metrics));
    }
    return Response::text(options_.metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
}

const Asset* Site::find(std::string_view path) const {
    for (const Asset& asset : options_.assets)
        if (asset.path == path) return &asset;
    return nullptr;
}

Response Site::asset(const Request& request) const {
    if (const Asset* found = find(request.path == "/" ? "/index.html" : request.path))
        return file(*found, request);
    // A page of the browser's own paths, reloaded or sent by somebody: the browser side knows it.
    const bool wants_page = request.header("accept").find("text/html") != std::string_view::npos;
    if (wants_page || request.path == "/") {
        if (const Asset* page = find("/index.html")) return file(*page, request);
        return Response::text(std::string(kNoConsole), "text/html; charset=utf-8");
    }
    return http::error_response(
        404, "not_found", say(message::server_not_here, printable(request.path)));
}

Response Site::file(const Asset& asset, const Request& request) const {
    const bool packed = accepts_gzip(request.header("accept-encoding"));
    // Two representations are told apart by their tags (RFC 9110, 8.8.3.3).
    std::string etag(asset.etag);
    if (packed && etag.size() > 1) etag.insert(etag.size() - 1, "-gzip");
    Response response;
    response.content_type = asset.type;
    if (is_listed(request.header("if-none-match"), etag)) {
        response.status = 304;
    } else {
        response.body = packed ? std::string(as_text(asset.gzip)) : unpacked(asset);
        if (packed) response.with("Content-Encoding", "gzip");
    }
    response.with("ETag", etag).with("Vary", "Accept-Encoding");
    response.with("Cache-Control",
                  asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    return response;
}

}  // namespace yagura::server
