#include "server/connection.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "base/messages/server.h"
#include "server/proxies.h"

namespace yagura::server {
namespace {

// What may wait unread behind the request being answered; then reading pauses.
constexpr size_t kMostBuffered = 64u << 10;
// How long what a refused client still sends is thrown away, so that it can read why.
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kLastLinger{200};  // while the server stops
// How long a client that ended its side is believed to wait for its answer.
constexpr std::chrono::milliseconds kStillWaiting{1000};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(Host& host, std::unique_ptr<Wire> wire, std::string peer)
    : host_(host), wire_(std::move(wire)), peer_(std::move(peer)) {}

Connection::~Connection() = default;

void Connection::enter(State state, std::chrono::milliseconds time) {
    state_ = state;
    deadline_ = Clock::now() + time;
}

void Connection::start() {
    enter(State::handshake, host_.options().limits.header_time);
    wire_->handshake([self = shared_from_this()](Wire::Failure failed) {
        if (self->state_ != State::handshake) return;
        if (failed) return self->close();
        self->begin_request();
        self->enter(State::head, self->host_.options().limits.header_time);
    });
}

void Connection::start_refused() {
    if (wire_->is_secure()) return close();
    reader_ = std::make_unique<RequestReader>(host_.options().limits, host_.options().hosts);
    refuse(503, say(message::server_too_busy), {{"Retry-After", "5"}});
}

// --- reading ---

void Connection::begin_request() {
    reader_ = std::make_unique<RequestReader>(host_.options().limits, host_.options().hosts);
    handled_ = {};
    pipe_ = nullptr;
    events_ = nullptr;
    left_ = nullptr;
    enter(State::idle, host_.options().limits.idle_time);
    if (!buffer_.empty()) take_bytes();
    const bool is_incomplete = state_ == State::head || state_ == State::body;
    if (state_ == State::idle && (client_ended_ || host_.is_stopping())) return close();
    if (is_incomplete && client_ended_) return close();
    read();
}

void Connection::read() {
    if (reading_ || client_ended_ || state_ == State::closed) return;
    if (buffer_.size() >= kMostBuffered) return;
    reading_ = true;
    wire_->read_some(boost::asio::buffer(incoming_),
                     [self = shared_from_this()](Wire::Failure failed, size_t size) {
                         self->reading_ = false;
                         self->on_read(failed, size);
                     });
}

void Connection::on_read(Wire::Failure failed, size_t size) {
    if (state_ == State::closed) return;
    if (state_ == State::lingering) return failed ? close() : read();
    if (failed) {
        client_ended_ = true;
        ended_at_ = Clock::now();
        return failed == boost::asio::error::connection_reset ? close() : on_client_end();
    }
    buffer_.append(incoming_.data(), size);
    const bool is_waited_for =
        state_ == State::idle || state_ == State::head || state_ == State::body;
    if (is_waited_for) take_bytes();
    read();
}

// Nothing more will come. Whole answers are still sent: the client may only have ended its side.
void Connection::on_client_end() {
    if (pipe_) pipe_->leave();
    const bool is_answer_awaited = (state_ == State::handling || state_ == State::sending) &&
                                   !events_ && !handled_.response.write;
    if (!is_answer_awaited) close();
}

void Connection::take_bytes() {
    if (writing_) return;  // "100 Continue" is on its way, and calls us when it is sent
    const size_t used = reader_->take(buffer_);
    buffer_.erase(0, used);
    const Limits& limits = host_.options().limits;
    if (const auto& problem = reader_->problem()) {
        http::Pairs headers;
        if (!problem->allow.empty()) headers.emplace_back("Allow", problem->allow);
        return refuse(problem->status, problem->sentence, std::move(headers));
    }
    if (reader_->is_done()) return request_is_whole();
    if (reader_->has_head() && state_ != State::body) {
        enter(State::body, limits.body_time);
        if (reader_->expects_continue() && buffer_.empty()) send_continue();
    } else if (reader_->has_begun() && state_ == State::idle) {
        enter(State::head, limits.header_time);
    }
}

void Connection::send_continue() {
    send({std::string(kContinue)}, {}, &Connection::take_bytes);
}

void Connection::request_is_whole() {
    http::Request& request = reader_->request();
    request.peer = peer_;
    request.is_secure = wire_->is_secure();
    method_ = request.method;
    is_http10_ = reader_->is_http10();
    keep_alive_ = reader_->wants_keep_alive() && !host_.is_stopping();
    state_ = State::handling;
    deadline_ = Clock::time_point::max();
    began_ = Clock::now();
    pipe_ = std::make_shared<BodyPipe>(waker());
    left_ = std::make_shared<std::atomic<bool>>(false);
    request.left = left_;
    const LanguageScope scope(request.language());
    if (!take_forwarded(request, host_.options().proxies))
        return refuse(400, say(message::server_two_clients));
    if (!host_.hand_over(shared_from_this(), std::move(request), pipe_)) {
        handled_.response = http::error_response(503, "busy", say(message::server_too_busy));
        handled_.response.with("Retry-After", "1");
        pipe_ = nullptr;
        send_answer(method_ != http::Method::head);
    }
}

void Connection::refuse(int status, std::string_view sentence, http::Pairs headers) {
    is_http10_ = reader_ && reader_->is_http10();
    keep_alive_ = false;
    began_ = Clock::now();
    const std::string_view code = status == 503                    ? "busy"
                                  : status == 501                  ? "unsupported"
                                  : status == 413 || status == 431 ? "limit"
                                                                   : "invalid";
    handled_ = {};
    handled_.response = http::error_response(status, code, sentence);
    for (auto& [name, value] : headers) handled_.response.with(name, value);
    send_answer(!reader_ || reader_->request().method != http::Method::head);
}

// --- answering ---

void Connection::answer(Handled handled) {
    if (state_ != State::handling) {
        if (handled.response.events) handled.response.events->leave();
        return;
    }
    handled_ = std::move(handled);
    send_answer(method_ != http::Method::head);
}

void Connection::send_answer(bool may_have_body) {
    http::Response& response = handled_.response;
    if (host_.is_stopping()) keep_alive_ = false;
    const bool streams = response.write || response.events;
    Framing framing;
    framing.is_http10 = is_http10_;
    framing.chunked = streams && !is_http10_;
    if (!streams) framing.length = response.body.size();
    if (streams && is_http10_) keep_alive_ = false;
    framing.keep_alive = keep_alive_;
    chunked_ = framing.chunked;
    count(response.status);
    std::string head = response_head(response, framing, host_.options().headers);
    enter(State::sending, host_.options().limits.stall_time);
    if (!may_have_body || has_no_body(response.status)) {
        if (response.events) response.events->leave();
        if (pipe_) pipe_->leave();
        response.write = nullptr;
        return send({std::move(head)}, {}, &Connection::answer_sent);
    }
    send_body(std::move(head));
}

void Connection::send_body(std::string head) {
    http::Response& response = handled_.response;
    if (response.events) {
        if (client_ended_ || host_.is_stopping()) {
            response.events->leave();
            return close();
        }
        events_ = response.events;
        host_.events_began();
        last_event_ = Clock::now();
        events_->attach(waker());
        return send({std::move(head)}, {}, &Connection::on_wake);
    }
    if (response.write && client_ended_) return close();
    if (response.write) return send({std::move(head)}, {}, &Connection::on_wake);
    return send({std::move(head), std::move(response.body)}, {}, &Connection::answer_sent);
}

std::function<void()> Connection::waker() {
    // However many wakes there are before the thread gets to it, one is posted.
    auto posted = std::make_shared<std::atomic<bool>>(false);
    return [weak = weak_from_this(), context = host_.context(), posted] {
        if (posted->exchange(true)) return;
        boost::asio::post(*context, [weak, posted] {
            posted->store(false);
            if (const auto self = weak.lock()) self->on_wake();
        });
    };
}

void Connection::on_wake() {
    if (state_ != State::sending || writing_) return;
    if (events_) {
        send_events();
    } else if (handled_.response.write) {
        send_from_pipe();
    }
}

void Connection::send_from_pipe() {
    const BodyPipe::End end = pipe_->end();
    if (end == BodyPipe::End::broken) return close();  // without the last chunk: not whole
    if (end == BodyPipe::End::whole) return end_stream();
    std::string bytes = pipe_->take();
    if (bytes.empty()) {
        deadline_ = Clock::time_point::max();  // it is the worker we wait for
        return;
    }
    if (!chunked_) return send({std::move(bytes)}, {}, &Connection::on_wake);
    std::string begin = chunk_begin(bytes.size());
    send({std::move(begin), std::move(bytes), std::string(kChunkEnd)}, {}, &Connection::on_wake);
}

void Connection::send_events() {
    if (events_->is_ended()) return end_stream();
    std::vector<http::EventStream::Frame> frames = events_->take();
    if (frames.empty()) {
        deadline_ = Clock::time_point::max();
        return;
    }
    last_event_ = Clock::now();
    size_t size = 0;
    for (const auto& frame : frames) size += frame->size();
    std::string begin = chunked_ ? chunk_begin(size) : std::string();
    send({std::move(begin), std::string(chunked_ ? kChunkEnd : "")},
         std::move(frames),
         &Connection::on_wake);
}

void Connection::end_stream() {
    send({std::string(chunked_ ? kLastChunk : "")}, {}, &Connection::answer_sent);
}

void Connection::answer_sent() {
    if (events_) {
        events_->leave();
        host_.events_ended();
    }
    events_ = nullptr;
    pipe_ = nullptr;
    handled_ = {};
    if (client_ended_ && buffer_.empty()) return close();
    if (!keep_alive_) return linger();
    begin_request();
}

// The client is told that nothing more comes, and what it still sends is thrown away for a moment:
// closing at once would reset the connection and take the answer with it.
void Connection::linger() {
    enter(State::lingering, host_.is_stopping() ? kLastLinger : kLinger);
    buffer_.clear();
    wire_->end_sending([self = shared_from_this()] {
        if (self->state_ == State::lingering) self->read();
    });
}

void Connection::count(int status) {
    Finished finished;
    finished.method = method_;
    finished.route = handled_.route;
    finished.status = status;
    finished.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    host_.finished(finished);
}

// --- writing ---

void Connection::send(std::vector<std::string> texts,
                      std::vector<http::EventStream::Frame> frames,
                      void (Connection::*next)()) {
    texts_ = std::move(texts);
    frames_ = std::move(frames);
    outgoing_.clear();
    const auto add = [&](const std::string& text) {
        if (!text.empty()) outgoing_.push_back(boost::asio::buffer(text));
    };
    // Frames stand behind the first text: the begin of their chunk.
    for (size_t i = 0; i < texts_.size(); ++i) {
        add(texts_[i]);
        if (i == 0)
            for (const auto& frame : frames_) add(*frame);
    }
    next_ = next;
    writing_ = true;
    send_rest();
}

void Connection::send_rest() {
    if (state_ == State::closed) return;
    if (outgoing_.empty()) {
        writing_ = false;
        texts_.clear();
        frames_.clear();
        (this->*next_)();
        return;
    }
    if (state_ == State::sending) deadline_ = Clock::now() + host_.options().limits.stall_time;
    wire_->write_some(outgoing_, [self = shared_from_this()](Wire::Failure failed, size_t size) {
        self->on_sent(failed, size);
    });
}

void Connection::on_sent(Wire::Failure failed, size_t size) {
    if (state_ == State::closed) return;
    if (failed) return close();
    size_t whole = 0;
    while (whole < outgoing_.size() && size >= outgoing_[whole].size()) {
        size -= outgoing_[whole].size();
        ++whole;
    }
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<ptrdiff_t>(whole));
    if (!outgoing_.empty()) outgoing_.front() += size;
    send_rest();
}

// --- time and the end ---

void Connection::tick(Clock::time_point now) {
    if (state_ == State::closed) return;
    if (events_ && !writing_ && now - last_event_ >= host_.options().limits.heartbeat) {
        last_event_ = now;
        static const auto kBeat = std::make_shared<const std::string>(":\n\n");
        std::string begin = chunked_ ? chunk_begin(kBeat->size()) : std::string();
        return send({std::move(begin), std::string(chunked_ ? kChunkEnd : "")},
                    {kBeat},
                    &Connection::on_wake);
    }
    if (state_ == State::handling) notice_leaving(now);
    if (now < deadline_) return;
    const bool is_partial = (state_ == State::head && reader_ && reader_->has_begun()) ||
                            (state_ == State::body && !writing_);
    if (is_partial) return refuse(408, say(message::server_too_slow));
    close();
}

// While much waits in the buffer nothing is read, and the end is seen only by asking for it.
void Connection::notice_leaving(Clock::time_point now) {
    if (!client_ended_ && !reading_ && ended_at_ < began_ && wire_->has_ended()) ended_at_ = now;
    const bool is_ended = client_ended_ || ended_at_ >= began_;
    if (is_ended && now - std::max(ended_at_, began_) >= kStillWaiting) left_->store(true);
}

void Connection::wind_down() {
    keep_alive_ = false;
    if (events_) {
        events_->close();
    } else if (state_ == State::lingering) {
        enter(State::lingering, kLastLinger);
    } else if (state_ == State::idle || state_ == State::head || state_ == State::handshake) {
        close();
    }
}

void Connection::close() {
    if (state_ == State::closed) return;
    const auto self = shared_from_this();  // the server lets go of us below
    state_ = State::closed;
    wire_->close();
    if (left_) left_->store(true);
    if (pipe_) pipe_->leave();
    if (events_) {
        events_->leave();
        host_.events_ended();
    }
    pipe_ = nullptr;
    events_ = nullptr;
    host_.closed(*this);
}

}  // namespace yagura::server
