// HTTP/1.1 to many people at once: listens, reads requests within limits, has them answered by
// worker threads, and sends answers, streams and events.
//
//   YAGURA_TRY(auto server, Server::start(options, [&](const http::Request& request) {
//       return Handled{site.answer(request), "/"};
//   }));
//   … server->port() …
//   server->stop();                       // no new ones; those under way may finish
//
// One thread does all reading and writing and never waits. A request goes to a bounded pool of
// workers, where the handler may block; when too many wait, the answer is 503. A streamed body
// (http::BodyWriter) is written by its worker, which waits while the client is slow; a stream of
// events (http::EventStream) holds no worker. While a body is made the connection is still read,
// so that a client that leaves is noticed and told to whoever asked with on_leave; a client that
// has ended its own side counts as gone for streams, and still gets answers that are whole.
//
// What a request must be: RFC 9112, and stricter where leniency is how requests are smuggled: one
// Content-Length, never beside Transfer-Encoding, which can only be "chunked"; one Host. See
// docs/serving.md for all limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "http/message.h"

namespace yagura::server {

struct Limits {
    size_t header_bytes = 16u << 10;
    size_t body_bytes = 4u << 20;
    std::chrono::milliseconds header_time{10'000};  // from its first byte, or from connecting
    std::chrono::milliseconds body_time{30'000};
    std::chrono::milliseconds idle_time{60'000};   // between requests
    std::chrono::milliseconds stall_time{30'000};  // a reader that takes nothing
    std::chrono::milliseconds heartbeat{15'000};   // a comment to readers of events
    size_t connections = 2048;
    size_t connections_per_address = 1024;  // /64 of IPv6
    size_t workers = 32;
    size_t streaming = 24;  // bodies being streamed; the other workers stay free for the rest
    size_t waiting = 256;   // requests waiting for a worker
};

struct Options {
    std::string address = "127.0.0.1";  // of an interface, IPv4 or IPv6
    uint16_t port = 8686;               // 0: any free one
    std::filesystem::path certificate;  // PEM chain; empty: no TLS
    std::filesystem::path key;
    // Names a request may call us by, without port; empty: any. IPv6 without brackets.
    std::vector<std::string> hosts;
    std::vector<Cidr> proxies;  // who may say for whom a request is; see proxies.h
    // How often certificate and key are looked at. What became of new ones is told to
    // `tell_certificate`, on the thread that sends: nothing, or why the old ones stay in use.
    std::chrono::milliseconds certificate_look{10'000};
    std::function<void(const Result<void>&)> tell_certificate = {};
    http::Pairs headers;  // of every answer, unless it has one of that name
    Limits limits;
};

// An answer and the route it is counted under.
struct Handled {
    http::Response response;
    std::string_view route;  // text that lasts
};

// One answered request, told on the thread that sends when its last byte is sent or it is given up.
struct Finished {
    http::Method method = http::Method::get;
    std::string_view route;
    int status = 0;
    double seconds = 0;  // from the whole request to the first byte of the answer
};

class Server {
  public:
    using Handler = std::function<Handled(const http::Request&)>;
    using Observer = std::function<void(const Finished&)>;

    // Listens from now on. `handler` is called by many threads at once. A busy port is Code::busy.
    static Result<std::unique_ptr<Server>> start(Options options,
                                                 Handler handler,
                                                 Observer observer = {});
    virtual ~Server() = default;  // stops at once

    virtual uint16_t port() const = 0;
    virtual size_t connections() const = 0;
    virtual size_t event_streams() const = 0;

    // Reads certificate and key again, even when they look the same. From any thread.
    virtual void renew_certificate() = 0;

    // Ends listening and streams of events, lets requests under way finish for `grace`, then drops
    // what is left. Returns when no handler runs any more.
    virtual void stop(std::chrono::milliseconds grace = std::chrono::seconds(10)) = 0;
};

}  // namespace yagura::server
