// Server-sent events to one reader: whoever has something to tell pushes, the server sends.
//
//   auto stream = std::make_shared<EventStream>();
//   stream->push(EventStream::frame("finding", json));      // from any thread, never waits
//   stream->on_leave([=] { hub.forget(id); });
//   return Response::event_stream(stream);
//
// A frame is shared text, so that telling five hundred readers costs one text. What a slow reader
// has not taken is bounded; beyond that frames are dropped and counted (WHATWG HTML, Server-sent
// events). Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::http {

class EventStream {
  public:
    using Frame = std::shared_ptr<const std::string>;  // shared by all readers of the same news

    static constexpr size_t kMaxWaiting = 256;            // frames
    static constexpr size_t kMaxWaitingBytes = 4u << 20;  // a single bigger frame still passes

    // "event: NAME\ndata: …\n\n". `data` must not be empty; line ends in it are kept as SSE asks.
    static Frame frame(std::string_view event, std::string_view data);

    // False when the reader has left, or is so slow that this frame was dropped.
    bool push(Frame frame);
    // Ends the stream once everything pushed was sent.
    void close();

    bool is_open() const;      // the reader is there and nobody closed
    uint64_t dropped() const;  // frames, so far
    // Called once, from any thread, when the reader leaves; at once when it has.
    void on_leave(std::function<void()> left);

    // --- for the server ---
    // `wake` is called, from any thread, when there is something to take; it must not call back.
    void attach(std::function<void()> wake);
    // What is waiting, in order.
    std::vector<Frame> take();
    bool is_ended() const;  // closed, and nothing is waiting
    // The reader is gone.
    void leave();

  private:
    mutable std::mutex mutex_;
    std::deque<Frame> waiting_;
    size_t waiting_bytes_ = 0;
    uint64_t dropped_ = 0;
    bool closed_ = false;
    bool left_ = false;
    std::function<void()> wake_;
    std::vector<std::function<void()>> on_leave_;
};

}  // namespace yagura::http
