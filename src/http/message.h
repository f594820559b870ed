// Requests and answers of HTTP, without sockets: what the API is written against.
//
//   const auto limit = request.parameter("limit");
//   return Response::json(text);
//   return Response::stream("application/x-ndjson", [=](BodyWriter& out) { … out.write(line) … });
//   return Response::events(stream);                                   // see event_stream.h
//
// The server (server/) reads requests within limits and sends answers; tests make requests by hand.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/language.h"
#include "base/result.h"

namespace yagura::http {

enum class Method : uint8_t { get, head, post, put, patch, del };

std::string_view method_name(Method method);  // "GET", …

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
    Method method = Method::get;
    std::string path;  // decoded, begins with '/', without the query
    // Parts of the path between its slashes, each decoded: an encoded slash stays inside a part.
    std::vector<std::string> segments;
    Pairs parameters;        // of the query, decoded, in order
    Pairs headers;           // names in lower case
    std::string body;        // within the server's limit
    std::string peer;        // address of the other end
    bool is_secure = false;  // came over TLS
    // Becomes true when the client has left before the answer: long work should stop then. Null
    // when nobody tells.
    std::shared_ptr<std::atomic<bool>> left;

    std::optional<std::string_view> parameter(std::string_view name) const;
    std::string_view header(std::string_view lower_case_name) const;  // empty: none
    std::string_view cookie(std::string_view name) const;             // empty: none
    // X-Yagura-Language, else the first of Accept-Language that we speak, else English.
    Language language() const;
};

// Fills path, segments and parameters from a request target ("/a%20b?x=1&y"). False when it is
// malformed: bad percent-encoding, not UTF-8, a NUL, or not beginning with '/'.
bool read_target(std::string_view target, Request& request);

// Writes the body of a streamed answer, on the thread that handles the request.
class BodyWriter {
  public:
    virtual ~BodyWriter() = default;
    // Waits while much is on its way already. False when the client has left: stop then.
    virtual bool write(std::string_view bytes) = 0;
    virtual bool is_open() const = 0;
    // Called once, from any thread, when the client leaves before the end; at once when it has.
    virtual void on_leave(std::function<void()> left) = 0;
};

class EventStream;

struct Response {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    Pairs headers;
    std::string body;
    std::function<void(BodyWriter&)> write;  // instead of `body`
    std::shared_ptr<EventStream> events;     // instead of `body`; shared with whoever feeds it

    static Response json(std::string body, int status = 200);
    static Response text(std::string body, std::string_view content_type, int status = 200);
    static Response stream(std::string_view content_type, std::function<void(BodyWriter&)> write);
    static Response event_stream(std::shared_ptr<EventStream> events);
    Response& with(std::string_view name, std::string_view value) &;
    Response&& with(std::string_view name, std::string_view value) &&;
};

// 400, 404, … for an error of ours, and its code as the API names it ("not_found").
int status_of(Code code);
std::string_view api_code(Code code);

// {"error":{"code":…,"message":…}}
Response error_response(const Error& error);
Response error_response(int status, std::string_view code, std::string_view message);

}  // namespace yagura::http
