// A bounded pool of threads for work that may block.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace yagura::server {

class Workers {
  public:
    Workers(size_t threads, size_t waiting);
    ~Workers();  // what waits is dropped, what runs is waited for
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // False when too much waits already.
    bool submit(std::function<void()> work);

  private:
    void run();

    const size_t most_waiting_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::deque<std::function<void()>> waiting_;
    size_t idle_ = 0;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace yagura::server
