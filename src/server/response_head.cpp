#include "server/response_head.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "base/text.h"

namespace yagura::server {
namespace {

struct Reason {
    int status;
    std::string_view phrase;
};
constexpr Reason kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

std::string_view phrase_of(int status) {
    for (const Reason& reason : kReasons)
        if (reason.status == status) return reason.phrase;
    return "Unknown";
}

// RFC 9110, 5.6.7; in English whatever the locale.
std::string date_now() {
    constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::string_view kMonths[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                       kDays[utc.tm_wday],
                       utc.tm_mday,
                       kMonths[utc.tm_mon],
                       utc.tm_year + 1900,
                       utc.tm_hour,
                       utc.tm_min,
                       utc.tm_sec);
}

bool has_field(const http::Pairs& fields, std::string_view name) {
    const std::string folded = fold_case(name);
    return std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
        return fold_case(field.first) == folded;
    });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    constexpr std::string_view kLineEnds("\r\n\0", 3);
    if (name.find_first_of(kLineEnds) != std::string_view::npos) return;
    if (value.find_first_of(kLineEnds) != std::string_view::npos) return;
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

}  // namespace

bool has_no_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

std::string response_head(const http::Response& response,
                          const Framing& framing,
                          const http::Pairs& common) {
    std::string out =
        fmt::format("HTTP/1.1 {} {}\r\n", response.status, phrase_of(response.status));
    append_field(out, "Date", date_now());
    if (!has_no_body(response.status)) {
        if (!response.content_type.empty())
            append_field(out, "Content-Type", response.content_type);
        if (framing.length) {
            append_field(out, "Content-Length", std::to_string(*framing.length));
        } else if (framing.chunked) {
            append_field(out, "Transfer-Encoding", "chunked");
        }
    }
    if (!framing.keep_alive) {
        append_field(out, "Connection", "close");
    } else if (framing.is_http10) {
        append_field(out, "Connection", "keep-alive");
    }
    for (const auto& [name, value] : response.headers) append_field(out, name, value);
    for (const auto& [name, value] : common)
        if (!has_field(response.headers, name)) append_field(out, name, value);
    out += "\r\n";
    return out;
}

std::string chunk_begin(size_t size) {
    return fmt::format("{:x}\r\n", size);
}

}  // namespace yagura::server
