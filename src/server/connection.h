// One client's connection: requests in, answers out, one after the other. Private to the server.
//
// Everything happens on the thread of the io_context, except what workers do through Exchange. A
// request is read, handed to the host (which finds a worker), answered, and the next one is read;
// bytes that come meanwhile wait in the buffer, up to a bound, which is all that pipelining needs.
//
// Who leaves while a request is handled is told to the handler (http::Request::left). A connection
// that breaks is a client that left. One whose client has only ended its side (`nc -N`, or a
// browser that closed: on the wire both look the same) may still want the answer: it gets what is
// ready within a second, then the work is stopped; whatever answer comes is sent all the same.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "http/event_stream.h"
#include "server/body_pipe.h"
#include "server/request_reader.h"
#include "server/response_head.h"
#include "server/wire.h"

namespace yagura::server {

class Connection;

// What a connection needs of its server. Lives longer than all connections; called on their thread.
class Host {
  public:
    virtual ~Host() = default;
    virtual const Options& options() const = 0;
    // Wakers keep it, since streams may outlive the server. A connection must not: the context
    // keeps connections.
    virtual const std::shared_ptr<boost::asio::io_context>& context() const = 0;
    // Finds a worker for the request; false when too many wait. The worker ends by posting
    // answer() to the connection's thread, and for a streamed body by pipe->finish().
    virtual bool hand_over(std::shared_ptr<Connection> from,
                           http::Request request,
                           std::shared_ptr<BodyPipe> pipe) = 0;
    virtual void finished(const Finished& answered) = 0;
    virtual void events_began() = 0;
    virtual void events_ended() = 0;
    virtual void closed(Connection& connection) = 0;
    virtual bool is_stopping() const = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using Clock = std::chrono::steady_clock;

    Connection(Host& host, std::unique_ptr<Wire> wire, std::string peer);
    ~Connection();

    const std::string& peer() const { return peer_; }

    void start();
    // Says 503 and closes: there is no room.
    void start_refused();
    // The worker's answer.
    void answer(Handled handled);
    // Called regularly: heartbeats, and what has taken too long.
    void tick(Clock::time_point now);
    // The server stops: nothing new begins here.
    void wind_down();
    void close();

  private:
    enum class State : uint8_t {
        handshake,
        idle,
        head,
        body,
        handling,
        sending,
        lingering,
        closed
    };

    void enter(State state, std::chrono::milliseconds time);
    void read();
    void on_read(Wire::Failure failed, size_t size);
    void on_client_end();
    void begin_request();
    void take_bytes();
    void request_is_whole();
    void refuse(int status, std::string_view sentence, http::Pairs headers = {});
    void send_continue();

    void send_answer(bool may_have_body);
    void send_body(std::string head);
    void on_wake();
    void send_from_pipe();
    void send_events();
    void end_stream();
    void answer_sent();
    void count(int status);
    void linger();
    void notice_leaving(Clock::time_point now);

    // Takes the texts over and sends them one behind the other; `next` follows when all are sent.
    void send(std::vector<std::string> texts,
              std::vector<http::EventStream::Frame> frames,
              void (Connection::*next)());
    void send_rest();
    void on_sent(Wire::Failure failed, size_t size);
    // Makes `on_wake` run soon on our thread; may be called by any.
    std::function<void()> waker();

    Host& host_;
    std::unique_ptr<Wire> wire_;
    const std::string peer_;
    State state_ = State::handshake;
    Clock::time_point deadline_;
    Clock::time_point began_;       // the request that is answered
    Clock::time_point last_event_;  // bytes to a reader of events

    std::string buffer_;  // read, not used
    std::array<char, 4096> incoming_;
    bool reading_ = false;
    bool client_ended_ = false;
    Clock::time_point ended_at_;               // when that was noticed
    std::shared_ptr<std::atomic<bool>> left_;  // of the request being handled

    std::unique_ptr<RequestReader> reader_;
    http::Method method_ = http::Method::get;
    bool keep_alive_ = false;
    bool is_http10_ = false;

    Handled handled_;
    bool chunked_ = false;
    std::shared_ptr<BodyPipe> pipe_;
    std::shared_ptr<http::EventStream> events_;

    bool writing_ = false;
    std::vector<std::string> texts_;
    std::vector<http::EventStream::Frame> frames_;
    Wire::Buffers outgoing_;
    void (Connection::*next_)() = nullptr;
};

}  // namespace yagura::server
