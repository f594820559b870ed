#include "server/server.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>

#include "http/event_stream.h"
#include "raw_client.h"

using namespace yagura;
using namespace std::chrono_literals;
using server::Handled;
using server::RawClient;
using server::Server;

namespace {

// Something that happens once, in another thread.
class Signal {
  public:
    void set() {
        const std::lock_guard lock(mutex_);
        is_set_ = true;
        changed_.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return is_set_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_set_ = false;
};

server::Options quick() {
    server::Options options;
    options.port = 0;
    options.hosts = {"localhost"};
    options.headers = {{"X-Common", "yes"}};
    options.limits.workers = 4;
    return options;
}

std::string get(std::string_view path, std::string_view more = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) +
           "\r\n";
}

// Says the method, path and body back.
Handled echo(const http::Request& request) {
    return {http::Response::text(std::string(http::method_name(request.method)) + " " +
                                     request.path + " " + request.body,
                                 "text/plain"),
            "/echo"};
}

std::unique_ptr<Server> start(Server::Handler handler,
                              const server::Options& options = quick(),
                              Server::Observer observer = {}) {
    auto made = Server::start(options, std::move(handler), std::move(observer));
    REQUIRE(made);
    return std::move(*made);
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.ends_with(end);
}

}  // namespace

TEST_CASE("requests on one connection are answered in their order") {
    const auto server = start(echo);
    RawClient client(server->port());
    client.send(get("/1") + get("/2"));
    client.send("POST /3 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi" + get("/4"));
    CHECK(ends_with(client.read_answer(), "GET /1 "));
    CHECK(ends_with(client.read_answer(), "GET /2 "));
    const std::string third = client.read_answer();
    CHECK(ends_with(third, "POST /3 hi"));
    CHECK(third.find("X-Common: yes\r\n") != std::string::npos);
    CHECK(ends_with(client.read_answer(), "GET /4 "));
}

TEST_CASE("many requests sent at once are all answered") {
    const auto server = start(echo);
    RawClient client(server->port());
    constexpr int kMany = 3000;  // more than is read ahead
    std::thread sender([&] {
        for (int i = 0; i < kMany; ++i) client.send(get("/" + std::to_string(i)));
    });
    for (int i = 0; i < kMany; ++i) {
        const std::string answer = client.read_answer();
        if (!ends_with(answer, "GET /" + std::to_string(i) + " ")) FAIL(i, answer);
    }
    sender.join();
}

TEST_CASE("HEAD says what GET would, without the body") {
    const auto server = start(echo);
    RawClient client(server->port());
    client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/b"));
    const std::string head = client.read_until("\r\n\r\n");
    CHECK(head.find("Content-Length: 8\r\n") != std::string::npos);
    CHECK(client.read_answer().find("GET /b") != std::string::npos);
}

TEST_CASE("HTTP/1.0 is answered and closed unless it asks to stay") {
    const auto server = start(echo);
    RawClient client(server->port());
    client.send("GET /a HTTP/1.0\r\n\r\n");
    CHECK(client.read_all().find("Connection: close\r\n") != std::string::npos);
    RawClient staying(server->port());
    staying.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(staying.read_answer().find("Connection: keep-alive\r\n") != std::string::npos);
    staying.send("GET /b HTTP/1.0\r\n\r\n");
    CHECK(ends_with(staying.read_all(), "GET /b "));
}

TEST_CASE("a streamed body ends with the connection in HTTP/1.0 and with a chunk in HTTP/1.1") {
    const auto server = start([](const http::Request&) {
        return Handled{http::Response::stream("text/plain",
                                              [](http::BodyWriter& out) {
                                                  out.write("one ");
                                                  out.write("two");
                                              }),
                       "/s"};
    });
    RawClient old(server->port());
    old.send("GET /a HTTP/1.0\r\n\r\n");
    CHECK(ends_with(old.read_all(), "\r\n\r\none two"));
    RawClient client(server->port());
    client.send(get("/a"));
    CHECK(client.read_until("0\r\n\r\n").find("Transfer-Encoding: chunked") != std::string::npos);
    client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n").find("chunked") != std::string::npos);
    client.send(get("/b", "Connection: close\r\n"));
    CHECK(ends_with(client.read_all(), "0\r\n\r\n"));
}

TEST_CASE("a body that fails on the way is not taken for whole") {
    const auto server = start([](const http::Request&) {
        return Handled{http::Response::stream("text/plain",
                                              [](http::BodyWriter& out) {
                                                  out.write("half");
                                                  throw std::runtime_error("broken");
                                              }),
                       "/s"};
    });
    RawClient client(server->port());
    client.send(get("/a"));
    CHECK_FALSE(ends_with(client.read_all(), "0\r\n\r\n"));
}

TEST_CASE("a handler that throws is an answer of 500") {
    const auto server =
        start([](const http::Request&) -> Handled { throw std::runtime_error("x"); });
    RawClient client(server->port());
    client.send(get("/a"));
    CHECK(client.read_answer().starts_with("HTTP/1.1 500 "));
}

TEST_CASE("whoever refuses to read costs a bounded amount and stops the writer") {
    std::atomic<size_t> written{0};
    Signal gave_up;
    server::Options options = quick();
    options.limits.stall_time = 300ms;
    const auto server = start(
        [&](const http::Request&) {
            return Handled{http::Response::stream("text/plain",
                                                  [&](http::BodyWriter& out) {
                                                      const std::string part(100'000, 'x');
                                                      while (out.write(part)) written += 100'000;
                                                      gave_up.set();
                                                  }),
                           "/s"};
        },
        options);
    RawClient client(server->port(), 4096);
    client.send(get("/a"));
    CHECK(gave_up.wait());
    CHECK(written < 64u << 20);
}

TEST_CASE("the writer of a silent stream is told when the client leaves") {
    Signal started;
    Signal left;
    const auto handler = [&](const http::Request&) {
        return Handled{http::Response::stream("text/plain",
                                              [&](http::BodyWriter& out) {
                                                  out.on_leave([&] { left.set(); });
                                                  started.set();
                                                  left.wait();
                                                  CHECK_FALSE(out.is_open());
                                                  CHECK_FALSE(out.write("late"));
                                              }),
                       "/s"};
    };
    const auto server = start(handler);
    SUBCASE("by closing") {
        RawClient client(server->port());
        client.send(get("/a"));
        REQUIRE(started.wait());
        client.leave();
        CHECK(left.wait());
    }
    SUBCASE("by ending its side") {
        RawClient client(server->port());
        client.send(get("/a"));
        REQUIRE(started.wait());
        client.end_sending();
        CHECK(left.wait());
        CHECK(client.is_closed());
    }
    server->stop();
}

TEST_CASE("a client that has ended its side still gets an answer that is whole") {
    Signal ended;
    const auto server = start([&](const http::Request& request) {
        ended.wait();
        return echo(request);
    });
    RawClient client(server->port());
    client.send(get("/a"));
    client.end_sending();
    ended.set();
    CHECK(ends_with(client.read_all(), "GET /a "));
}

namespace {

// Handles a request for as long as its client is there, ten seconds at most.
auto works_until_left(Signal& began, Signal& left) {
    return [&began, &left](const http::Request& request) {
        began.set();
        for (int i = 0; i < 1000 && !*request.left; ++i) std::this_thread::sleep_for(10ms);
        if (*request.left) left.set();
        return echo(request);
    };
}

}  // namespace

TEST_CASE("a handler learns that its client has left, however that was done") {
    for (const bool resets : {false, true}) {
        Signal began, left;
        const auto server = start(works_until_left(began, left));
        RawClient client(server->port());
        client.send(get("/a"));
        CHECK(began.wait());
        const linger at_once{1, 0};  // close() then sends RST
        if (resets)
            setsockopt(client.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        client.leave();
        CHECK(left.wait());
    }
}

TEST_CASE("who leaves with requests still unread is noticed, too") {
    Signal began, left;
    const auto server = start(works_until_left(began, left));
    RawClient client(server->port());
    client.send(get("/a"));
    CHECK(began.wait());
    std::string more;
    while (more.size() < 100'000) more += get("/b");
    client.send(more);
    client.leave();
    CHECK(left.wait());
}

TEST_CASE(
    "work for a client that only ended its side is stopped in time, and what it gave is sent") {
    const auto server = start([&](const http::Request& request) {
        for (int i = 0; i < 1000 && !*request.left; ++i) std::this_thread::sleep_for(10ms);
        return Handled{http::Response::text(*request.left ? "stopped" : "whole", "text/plain"),
                       "/"};
    });
    RawClient client(server->port());
    client.send(get("/a"));
    client.end_sending();
    CHECK(ends_with(client.read_all(), "stopped"));
}

TEST_CASE("all requests that came before a client ended its side are answered") {
    const auto server = start(echo);
    RawClient client(server->port());
    client.send(get("/1") + get("/2") + get("/3") + "GET /4 HTTP/1.1\r\nHo");
    client.end_sending();
    const std::string all = client.read_all();
    for (const char* part : {"GET /1 ", "GET /2 ", "GET /3 "})
        CHECK(all.find(part) != std::string::npos);
    CHECK(all.find("/4") == std::string::npos);
}

TEST_CASE("a client that says nothing, or too slowly, is sent away") {
    server::Options options = quick();
    options.limits.header_time = 100ms;
    options.limits.body_time = 100ms;
    options.limits.idle_time = 100ms;
    const auto server = start(echo, options);
    RawClient silent(server->port());
    RawClient slow(server->port());
    RawClient half(server->port());
    RawClient idle(server->port());
    slow.send("GET /a HTTP/1.1\r\nHo");
    half.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc");
    idle.send(get("/a"));
    CHECK(silent.read_all().empty());
    CHECK(slow.read_all().starts_with("HTTP/1.1 408 "));
    CHECK(half.read_all().starts_with("HTTP/1.1 408 "));
    CHECK(ends_with(idle.read_all(), "GET /a "));
}

TEST_CASE("a body too large is refused in words although the client is still sending") {
    const auto server = start(echo);
    RawClient client(server->port());
    client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n");
    client.send(std::string(1'000'000, 'x'));
    CHECK(client.read_until("}}").starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a client that waits to be asked for its body is asked") {
    const auto server = start(echo);
    RawClient client(server->port());
    client.send(
        "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
        "Expect: 100-continue\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hi");
    CHECK(ends_with(client.read_answer(), "POST /a hi"));
}

TEST_CASE("refused requests say so and end the connection") {
    const auto server = start(echo);
    RawClient client(server->port());
    client.send(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
        get("/smuggled"));
    const std::string answer = client.read_all();
    CHECK(answer.starts_with("HTTP/1.1 400 "));
    CHECK(answer.find("X-Common: yes") != std::string::npos);
    CHECK(answer.find("smuggled") == std::string::npos);
    RawClient options(server->port());
    options.send("OPTIONS / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(options.read_all().find("Allow: GET, ") != std::string::npos);
}

TEST_CASE("when all workers are taken and enough wait, others are told to come again") {
    Signal go;
    std::atomic<int> running{0};
    server::Options options = quick();
    options.limits.workers = 1;
    options.limits.waiting = 1;
    const auto server = start(
        [&](const http::Request& request) {
            ++running;
            go.wait();
            return echo(request);
        },
        options);
    RawClient first(server->port());
    first.send(get("/1"));
    while (running == 0) std::this_thread::yield();
    RawClient second(server->port());
    RawClient third(server->port());
    second.send(get("/2"));
    third.send(get("/3"));
    // One of the two waits, the other is told at once.
    pollfd sockets[] = {{second.descriptor(), POLLIN, 0}, {third.descriptor(), POLLIN, 0}};
    REQUIRE(::poll(sockets, 2, 10'000) == 1);
    RawClient& refused = sockets[0].revents ? second : third;
    RawClient& waiting = sockets[0].revents ? third : second;
    const std::string answer = refused.read_answer();
    CHECK(answer.starts_with("HTTP/1.1 503 "));
    CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
    go.set();
    CHECK(first.read_answer().starts_with("HTTP/1.1 200 "));
    CHECK(waiting.read_answer().starts_with("HTTP/1.1 200 "));
}

TEST_CASE("streamed bodies do not take all the workers") {
    server::Options options = quick();
    options.limits.workers = 3;
    options.limits.streaming = 2;
    Signal go;
    std::atomic<int> streaming{0};
    const auto server = start(
        [&](const http::Request& request) {
            if (request.path != "/stream") return echo(request);
            return Handled{http::Response::stream("text/plain",
                                                  [&](http::BodyWriter& out) {
                                                      ++streaming;
                                                      go.wait();
                                                      out.write("done");
                                                  }),
                           "/s"};
        },
        options);
    RawClient one(server->port());
    RawClient two(server->port());
    one.send(get("/stream"));
    two.send(get("/stream"));
    while (streaming < 2) std::this_thread::yield();
    RawClient three(server->port());
    three.send(get("/stream") + get("/plain"));
    CHECK(three.read_answer().starts_with("HTTP/1.1 503 "));
    CHECK(ends_with(three.read_answer(), "GET /plain "));
    go.set();
    CHECK(ends_with(one.read_until("0\r\n\r\n"), "0\r\n\r\n"));
}

TEST_CASE("more connections than there is room for are told so") {
    server::Options options = quick();
    options.limits.connections_per_address = 2;
    const auto server = start(echo, options);
    RawClient one(server->port());
    RawClient two(server->port());
    one.send(get("/1"));
    two.send(get("/2"));
    one.read_answer();
    two.read_answer();
    RawClient three(server->port());
    three.send(get("/3"));
    CHECK(three.read_until("}}").starts_with("HTTP/1.1 503 "));
    one.leave();
    while (server->connections() > 1 + 1) std::this_thread::yield();
    three.leave();
    while (server->connections() > 1) std::this_thread::yield();
    RawClient four(server->port());
    four.send(get("/4"));
    CHECK(ends_with(four.read_answer(), "GET /4 "));
}

TEST_CASE("events reach their reader, with heartbeats between them") {
    const auto events = std::make_shared<http::EventStream>();
    server::Options options = quick();
    options.limits.heartbeat = 50ms;
    Signal left;
    events->on_leave([&] { left.set(); });
    const auto server = start(
        [&](const http::Request& request) {
            if (request.path == "/plain") return echo(request);
            return Handled{http::Response::event_stream(events), "/stream"};
        },
        options);
    RawClient client(server->port());
    client.send(get("/events"));
    CHECK(client.read_until("\r\n\r\n").find("text/event-stream") != std::string::npos);
    events->push(http::EventStream::frame("a", "1"));
    client.read_until("event: a\ndata: 1\n\n");
    CHECK(client.read_until(":\n\n").find(":\n\n") != std::string::npos);
    events->push(http::EventStream::frame("b", "2"));
    CHECK(ends_with(client.read_until("event: b\ndata: 2\n\n"), "data: 2\n\n"));
    CHECK(server->event_streams() == 1);
    SUBCASE("a reader that leaves is told") {
        client.leave();
        CHECK(left.wait());
        CHECK_FALSE(events->push(http::EventStream::frame("c", "3")));
    }
    SUBCASE("a stream that ends leaves the connection usable") {
        events->push(http::EventStream::frame("c", "3"));
        events->close();
        CHECK(client.read_until("0\r\n\r\n").find("data: 3") != std::string::npos);
        client.send(get("/plain"));
        CHECK(ends_with(client.read_answer(), "GET /plain "));
        CHECK(left.wait());
    }
    SUBCASE("news after the server has gone find nobody") {
        server->stop();
        CHECK_FALSE(events->push(http::EventStream::frame("c", "3")));
        CHECK(left.wait());
    }
}

TEST_CASE("a reader of events that does not read loses some, and is counted") {
    const auto events = std::make_shared<http::EventStream>();
    Signal left;
    events->on_leave([&] { left.set(); });
    server::Options options = quick();
    options.limits.stall_time = 300ms;
    const auto server = start(
        [&](const http::Request&) {
            return Handled{http::Response::event_stream(events), "/stream"};
        },
        options);
    RawClient client(server->port(), 4096);
    client.send(get("/events"));
    client.read_until("\r\n\r\n");
    const auto big = http::EventStream::frame("a", std::string(100'000, 'x'));
    while (events->dropped() == 0 && events->is_open()) events->push(big);
    CHECK(events->dropped() > 0);
    CHECK(left.wait());
}

TEST_CASE("stopping lets answers under way finish and ends streams") {
    const auto events = std::make_shared<http::EventStream>();
    Signal started;
    Signal go;
    const auto server = start([&](const http::Request& request) {
        if (request.path == "/events")
            return Handled{http::Response::event_stream(events), "/stream"};
        return Handled{http::Response::stream("text/plain",
                                              [&](http::BodyWriter& out) {
                                                  out.write("begin ");
                                                  started.set();
                                                  go.wait();
                                                  out.write("end");
                                              }),
                       "/s"};
    });
    RawClient idle(server->port());
    RawClient reader(server->port());
    RawClient client(server->port());
    reader.send(get("/events"));
    reader.read_until("\r\n\r\n");
    client.send(get("/a"));
    REQUIRE(started.wait());
    std::thread stopping([&] { server->stop(); });
    CHECK(ends_with(reader.read_all(), "0\r\n\r\n"));
    CHECK(idle.is_closed());
    go.set();
    const std::string answer = client.read_all();
    CHECK(answer.find("begin ") != std::string::npos);
    CHECK(ends_with(answer, "end\r\n0\r\n\r\n"));
    stopping.join();
    CHECK(server->connections() == 0);
}

TEST_CASE("what does not finish in time is dropped when stopping, and told") {
    Signal left;
    Signal started;
    const auto server = start([&](const http::Request&) {
        return Handled{http::Response::stream("text/plain",
                                              [&](http::BodyWriter& out) {
                                                  out.on_leave([&] { left.set(); });
                                                  started.set();
                                                  left.wait();
                                              }),
                       "/s"};
    });
    RawClient client(server->port());
    client.send(get("/a"));
    REQUIRE(started.wait());
    server->stop(10ms);
    CHECK(left.wait());
    CHECK(server->connections() == 0);
}

TEST_CASE("a port that is taken is said to be") {
    const auto server = start(echo);
    server::Options options = quick();
    options.port = server->port();
    const auto second = Server::start(options, echo);
    REQUIRE_FALSE(second);
    CHECK(second.error().code() == Code::busy);
    CHECK(second.error().sentence().find("--listen") != std::string::npos);
}

TEST_CASE("each answer is counted once under its route") {
    std::mutex mutex;
    std::vector<std::string> seen;
    const auto server = start(echo, quick(), [&](const server::Finished& finished) {
        const std::lock_guard lock(mutex);
        seen.push_back(std::string(finished.route) + " " + std::to_string(finished.status));
    });
    RawClient client(server->port());
    client.send(get("/a") + get("/b") + "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.read_all();
    server->stop();
    CHECK(seen == std::vector<std::string>{"/echo 200", "/echo 200", " 501"});
}
