#include "server/server.h"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include "base/messages/server.h"
#include "server/certificate_watch.h"
#include "server/connection.h"
#include "server/proxies.h"
#include "server/wire.h"
#include "server/workers.h"

namespace yagura::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Failure = boost::system::error_code;

constexpr std::chrono::milliseconds kTick{200};
constexpr std::chrono::milliseconds kAcceptAgain{100};  // when descriptors have run out

// As many descriptors as the system lets us have: each connection is one.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// What is counted as one address: people are given a whole /64 of IPv6.
std::string block_of(const asio::ip::address& address) {
    if (!address.is_v6() || address.to_v6().is_v4_mapped()) return address.to_string();
    const auto bytes = address.to_v6().to_bytes();
    return std::string(bytes.begin(), bytes.begin() + 8);
}

std::string shown(const Options& options, uint16_t port) {
    const bool is_v6 = options.address.find(':') != std::string::npos;
    return fmt::format(fmt::runtime(is_v6 ? "[{}]:{}" : "{}:{}"), options.address, port);
}

class Listener : public Server, public Host {
  public:
    Listener(Options options, Handler handler, Observer observer)
        : options_(std::move(options)),
          handler_(std::move(handler)),
          observer_(std::move(observer)),
          context_(std::make_shared<asio::io_context>(1)),
          acceptor_(*context_),
          ticking_(*context_),
          again_(*context_),
          certificate_(options_),
          workers_(std::make_unique<Workers>(options_.limits.workers, options_.limits.waiting)) {}

    ~Listener() override { stop(std::chrono::milliseconds(0)); }

    Result<void> listen();

    uint16_t port() const override { return port_; }
    size_t connections() const override { return open_; }
    size_t event_streams() const override { return event_streams_; }
    void renew_certificate() override {
        asio::post(*context_, [this] { renew(); });
    }
    void stop(std::chrono::milliseconds grace) override;

  private:
    // --- Host ---
    const Options& options() const override { return options_; }
    const std::shared_ptr<asio::io_context>& context() const override { return context_; }
    bool hand_over(std::shared_ptr<Connection> from,
                   http::Request request,
                   std::shared_ptr<BodyPipe> pipe) override;
    void finished(const Finished& answered) override {
        if (observer_) observer_(answered);
    }
    void events_began() override { ++event_streams_; }
    void events_ended() override { --event_streams_; }
    void closed(Connection& connection) override;
    bool is_stopping() const override { return stopping_; }

    void accept();
    void welcome(tcp::socket socket);
    void tick();
    void renew();
    void work(const std::shared_ptr<Connection>& from,
              const http::Request& request,
              const std::shared_ptr<BodyPipe>& pipe);
    Handled handle(const http::Request& request) const;
    // Waits until no connection is left; false when the time is over before.
    bool wait_until_empty(std::chrono::milliseconds time);

    const Options options_;
    const Handler handler_;
    const Observer observer_;
    std::shared_ptr<asio::io_context> context_;  // event streams may outlive us and still post
    tcp::acceptor acceptor_;
    asio::steady_timer ticking_;
    asio::steady_timer again_;
    Wiring wiring_;  // our thread's, once it runs
    CertificateWatch certificate_;
    uint16_t port_ = 0;
    std::thread thread_;
    std::unique_ptr<Workers> workers_;
    std::atomic<size_t> streaming_{0};
    std::atomic<size_t> event_streams_{0};
    std::atomic<size_t> open_{0};
    std::atomic<bool> stopping_{false};

    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;  // our thread's
    std::map<std::string, size_t> by_address_;
    std::unordered_map<Connection*, std::string> address_of_;
    std::mutex mutex_;
    std::condition_variable emptied_;
};

Result<void> Listener::listen() {
    YAGURA_TRY(wiring_, make_wiring(options_));
    Failure failed;
    const auto address = asio::ip::make_address(options_.address, failed);
    if (failed) return fail(Code::invalid, say(message::server_bad_endpoint, options_.address));
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    if (failed == asio::error::address_in_use)
        return fail(Code::busy, say(message::server_port_busy, shown(options_, options_.port)));
    if (failed) {
        return fail(
            Code::io,
            say(message::server_cannot_listen, shown(options_, options_.port), failed.message()));
    }
    port_ = acceptor_.local_endpoint(failed).port();
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN);  // a reader that left is an error of the write
    accept();
    tick();
    thread_ = std::thread([this] { context_->run(); });
    return {};
}

void Listener::accept() {
    acceptor_.async_accept([this](Failure failed, tcp::socket socket) {
        if (stopping_ || failed == asio::error::operation_aborted) return;
        if (failed) {
            again_.expires_after(kAcceptAgain);
            again_.async_wait([this](Failure cancelled) {
                if (!cancelled && !stopping_) accept();
            });
            return;
        }
        welcome(std::move(socket));
        accept();
    });
}

void Listener::welcome(tcp::socket socket) {
    Failure failed;
    const tcp::endpoint peer = socket.remote_endpoint(failed);
    if (failed) return;  // gone already
    socket.set_option(tcp::no_delay(true), failed);
    socket.set_option(asio::socket_base::keep_alive(true), failed);
    std::string block = block_of(peer.address());
    const std::string address = peer.address().to_string();
    // A proxy has the connections of everybody behind it.
    const bool is_crowded = by_address_[block] >= options_.limits.connections_per_address &&
                            !is_proxy(address, options_.proxies);
    const bool is_full = connections_.size() >= options_.limits.connections || is_crowded;
    auto connection = std::make_shared<Connection>(*this, wiring_(std::move(socket)), address);
    ++by_address_[block];
    address_of_.emplace(connection.get(), std::move(block));
    connections_.emplace(connection.get(), connection);
    open_ = connections_.size();
    is_full ? connection->start_refused() : connection->start();
}

void Listener::closed(Connection& connection) {
    const auto block = address_of_.find(&connection);
    if (block != address_of_.end()) {
        const auto count = by_address_.find(block->second);
        if (--count->second == 0) by_address_.erase(count);
        address_of_.erase(block);
    }
    connections_.erase(&connection);
    open_ = connections_.size();
    if (!connections_.empty()) return;
    const std::lock_guard lock(mutex_);
    emptied_.notify_all();
}

void Listener::tick() {
    ticking_.expires_after(kTick);
    ticking_.async_wait([this](Failure cancelled) {
        if (cancelled) return;
        const auto now = Connection::Clock::now();
        std::vector<std::shared_ptr<Connection>> all;  // closing takes one out
        all.reserve(connections_.size());
        for (const auto& [key, connection] : connections_) all.push_back(connection);
        for (const auto& connection : all) connection->tick(now);
        if (certificate_.is_changed(now)) renew();
        tick();
    });
}

// Connections that are open keep the certificate they began with.
void Listener::renew() {
    if (options_.certificate.empty()) return;
    auto wiring = make_wiring(options_);
    if (wiring) wiring_ = std::move(*wiring);
    if (!options_.tell_certificate) return;
    options_.tell_certificate(wiring ? Result<void>() : Result<void>(wiring.error()));
}

// --- workers ---

bool Listener::hand_over(std::shared_ptr<Connection> from,
                         http::Request request,
                         std::shared_ptr<BodyPipe> pipe) {
    auto shared = std::make_shared<http::Request>(std::move(request));
    return workers_->submit([this, from = std::move(from), shared, pipe = std::move(pipe)] {
        work(from, *shared, pipe);
    });
}

Handled Listener::handle(const http::Request& request) const {
    try {
        return handler_(request);
    } catch (const std::exception&) {
        const LanguageScope scope(request.language());
        return {http::error_response(500, "internal", say(message::server_failed)), {}};
    }
}

void Listener::work(const std::shared_ptr<Connection>& from,
                    const http::Request& request,
                    const std::shared_ptr<BodyPipe>& pipe) {
    Handled handled = handle(request);
    const bool streams = handled.response.write && request.method != http::Method::head;
    if (streams && ++streaming_ > options_.limits.streaming) {
        --streaming_;
        const LanguageScope scope(request.language());
        handled.response = http::error_response(503, "busy", say(message::server_too_busy));
        handled.response.with("Retry-After", "1");
    }
    const auto write = streams ? handled.response.write : nullptr;
    asio::post(*context_, [from, handled = std::move(handled)]() mutable {
        from->answer(std::move(handled));
    });
    if (!write) return;
    bool is_whole = false;
    try {
        write(*pipe);
        is_whole = true;
    } catch (const std::exception&) {
        // The client sees a body that ends without its end.
    }
    pipe->finish(is_whole);
    --streaming_;
}

// --- the end ---

bool Listener::wait_until_empty(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, time, [&] { return open_ == 0; });
}

void Listener::stop(std::chrono::milliseconds grace) {
    if (!thread_.joinable()) return;
    asio::post(*context_, [this] {
        stopping_ = true;
        Failure ignored;
        acceptor_.close(ignored);
        std::vector<std::shared_ptr<Connection>> all;
        for (const auto& [key, connection] : connections_) all.push_back(connection);
        for (const auto& connection : all) connection->wind_down();
    });
    if (!wait_until_empty(grace)) {
        asio::post(*context_, [this] {
            while (!connections_.empty()) connections_.begin()->second->close();
        });
        wait_until_empty(std::chrono::seconds(10));
    }
    workers_.reset();  // waits for handlers: those that stream have been told
    asio::post(*context_, [this] {
        ticking_.cancel();
        again_.cancel();
        context_->stop();
    });
    thread_.join();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Options options, Handler handler, Observer observer) {
    auto listener =
        std::make_unique<Listener>(std::move(options), std::move(handler), std::move(observer));
    YAGURA_CHECK(listener->listen());
    return std::unique_ptr<Server>(std::move(listener));
}

}  // namespace yagura::server
