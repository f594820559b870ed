// A streamed body on its way from the worker that writes it to the thread that sends it.
//
// The worker waits while kMost bytes are waiting, so a slow reader costs a bounded amount of
// memory.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "http/message.h"

namespace yagura::server {

class BodyPipe : public http::BodyWriter {
  public:
    static constexpr size_t kMost = 1u << 20;

    // `wake` is called when there is something to take, or the end; from the writing thread.
    explicit BodyPipe(std::function<void()> wake) : wake_(std::move(wake)) {}

    bool write(std::string_view bytes) override;
    bool is_open() const override;
    void on_leave(std::function<void()> left) override;

    // --- for the server ---
    // What is waiting; lets the writer go on.
    std::string take();
    // The writer is done; `whole` is false when it failed on the way.
    void finish(bool whole);
    // The reader is gone.
    void leave();

    enum class End : uint8_t { none, whole, broken };
    // How it ended, once nothing waits any more.
    End end() const;

  private:
    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::string waiting_;
    End end_ = End::none;
    bool left_ = false;
    std::vector<std::function<void()>> on_leave_;
    std::function<void()> wake_;
};

}  // namespace yagura::server
