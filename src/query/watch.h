// Ends a running question when its time is up or when nobody wants its answer any more.
//
//   Watch watch({60s, &client_gone}, [&] { connection.interrupt(); });
//   … the question runs on this thread …
//   if (watch.reason() == Watch::Reason::late) …
//
// `interrupt` is called on a thread of the watch, again and again until the watch ends, because an
// interrupt that comes between two statements is forgotten by the engine.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace yagura::query {

class Watch {
  public:
    enum class Reason : uint8_t { none, late, unwanted };

    struct Limits {
        std::chrono::milliseconds timeout{0};            // 0: none
        const std::atomic<bool>* interrupted = nullptr;  // set from anywhere, at any time
        const std::atomic<bool>* cancelled = nullptr;
    };

    Watch(Limits limits, std::function<void()> interrupt);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Why the question should end, as of now.
    Reason reason() const;

  private:
    bool is_late() const;
    void run();

    Limits limits_;
    std::function<void()> interrupt_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::mutex mutex_;
    std::condition_variable wake_;
    bool done_ = false;
    std::thread thread_;
};

}  // namespace yagura::query
