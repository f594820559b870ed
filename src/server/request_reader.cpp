// RFC 9112 (HTTP/1.1) read strictly. Two parties that understand the same bytes differently are how
// requests are smuggled past a proxy: everything that could be read in two ways is refused.
#include "server/request_reader.h"

#include <algorithm>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/messages/server.h"
#include "base/text.h"
#include "server/host_name.h"

namespace yagura::server {
namespace beast = boost::beast::http;

struct RequestReader::Parser : beast::request_parser<beast::string_body> {};

namespace {

struct NamedMethod {
    std::string_view name;
    http::Method method;
};
constexpr NamedMethod kMethods[] = {
    {"GET", http::Method::get},
    {"HEAD", http::Method::head},
    {"POST", http::Method::post},
    {"PUT", http::Method::put},
    {"PATCH", http::Method::patch},
    {"DELETE", http::Method::del},
};
// Methods that exist, for nothing here (RFC 9110, 9.3).
constexpr std::string_view kKnown[] = {"OPTIONS", "TRACE", "CONNECT"};

int status_of(boost::system::error_code failed) {
    if (failed == beast::error::header_limit || failed == beast::error::buffer_overflow) return 431;
    if (failed == beast::error::body_limit) return 413;
    if (failed == beast::error::bad_version) return 505;
    return 400;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() < 20 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

RequestReader::RequestReader(const Limits& limits, const std::vector<std::string>& hosts)
    : parser_(std::make_unique<Parser>()), hosts_(hosts) {
    parser_->header_limit(static_cast<uint32_t>(limits.header_bytes));
    parser_->body_limit(limits.body_bytes);
}

RequestReader::~RequestReader() = default;

bool RequestReader::has_head() const {
    return checked_;
}

bool RequestReader::is_done() const {
    return checked_ && parser_->is_done();
}

bool RequestReader::wants_keep_alive() const {
    return checked_ && parser_->get().keep_alive();
}

bool RequestReader::is_http10() const {
    return checked_ && parser_->get().version() < 11;
}

void RequestReader::refuse(int status, std::string sentence) {
    if (!problem_) problem_ = Problem{status, std::move(sentence)};
}

size_t RequestReader::take(std::string_view bytes) {
    size_t used = 0;
    // An empty line before a request is a client's old mistake (RFC 9112, 2.2).
    while (!begun_ && bytes.substr(used).starts_with("\r\n")) used += 2;
    begun_ = begun_ || (used < bytes.size() && bytes.substr(used) != "\r");
    while (used < bytes.size() && begun_ && !problem_ && !is_done()) {
        boost::system::error_code failed;
        const size_t taken =
            parser_->put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), failed);
        used += taken;
        if (failed == beast::error::need_more) break;
        if (failed) {
            refuse(status_of(failed), say(message::server_bad_request, failed.message()));
            break;
        }
        if (parser_->is_header_done() && !checked_) check_head();
        if (taken == 0 && !problem_ && !is_done()) break;
    }
    if (is_done() && !problem_) request_.body = std::move(parser_->get().body());
    return used;
}

void RequestReader::check_head() {
    checked_ = true;
    parser_->eager(true);
    for (const auto& field : parser_->get()) {
        request_.headers.emplace_back(fold_case(std::string_view(field.name_string())),
                                      std::string(field.value()));
    }
    const LanguageScope scope(request_.language());
    check_fields();
    check_target();
    check_method();
}

void RequestReader::check_fields() {
    size_t hosts = 0;
    size_t lengths = 0;
    size_t encodings = 0;
    for (const auto& [name, value] : request_.headers) {
        if (name == "host") {
            ++hosts;
        } else if (name == "content-length") {
            if (++lengths > 1 || !is_number(value))
                refuse(400, say(message::server_ambiguous_length));
        } else if (name == "transfer-encoding") {
            if (++encodings > 1 || is_http10())
                refuse(400, say(message::server_ambiguous_length));
            else if (fold_case(value) != "chunked")
                refuse(501, say(message::server_transfer_encoding, printable(value)));
        } else if (name == "expect") {
            expects_continue_ = !is_http10() && fold_case(value) == "100-continue";
            if (!expects_continue_) refuse(417, say(message::server_expect, printable(value)));
        }
    }
    if (lengths > 0 && encodings > 0) refuse(400, say(message::server_ambiguous_length));
    if (hosts > 1 || (hosts == 0 && !is_http10())) refuse(400, say(message::server_one_host));
    if (hosts == 1 && !is_known_host(request_.header("host"), hosts_)) {
        refuse(421, say(message::server_unknown_host, printable(request_.header("host"))));
    }
}

void RequestReader::check_target() {
    std::string_view target(parser_->get().target());
    // The absolute form: what it names counts instead of Host (RFC 9112, 3.2.2).
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (fold_case(target.substr(0, scheme.size())) != scheme) continue;
        target.remove_prefix(scheme.size());
        const size_t end = std::min(target.find_first_of("/?"), target.size());
        if (!is_known_host(target.substr(0, end), hosts_)) {
            refuse(421, say(message::server_unknown_host, printable(target.substr(0, end))));
        }
        target.remove_prefix(end);
        break;
    }
    const std::string_view method(parser_->get().method_string());
    if (method == "OPTIONS" && target == "*") return;
    if (method == "CONNECT") return;
    if (!http::read_target(target.empty() ? "/" : target, request_))
        refuse(400, say(message::server_bad_target));
}

void RequestReader::check_method() {
    const std::string_view name(parser_->get().method_string());
    for (const NamedMethod& known : kMethods) {
        if (known.name != name) continue;
        request_.method = known.method;
        return;
    }
    const bool exists = std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown);
    refuse(exists ? 405 : 501, say(message::server_method, printable(name)));
    if (exists && problem_->status == 405) problem_->allow = "GET, HEAD, POST, PUT, PATCH, DELETE";
}

}  // namespace yagura::server
