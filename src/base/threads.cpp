#include "base/threads.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace yagura {

void on_threads(size_t count, const std::function<void()>& work) {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < count; ++i) others.emplace_back(work);
    work();
}

void share_out(size_t count, size_t threads, const std::function<void(size_t)>& work) {
    std::atomic<size_t> next = 0;
    on_threads(std::min(threads, count), [&] {
        for (size_t i = next++; i < count; i = next++) work(i);
    });
}

}  // namespace yagura
