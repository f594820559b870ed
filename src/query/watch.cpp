#include "query/watch.h"

#include <utility>

namespace yagura::query {
namespace {

constexpr std::chrono::milliseconds kLook{20};

bool is_set(const std::atomic<bool>* flag) {
    return flag != nullptr && flag->load(std::memory_order_relaxed);
}

}  // namespace

Watch::Watch(Limits limits, std::function<void()> interrupt)
    : limits_(limits), interrupt_(std::move(interrupt)), thread_([this] { run(); }) {}

Watch::~Watch() {
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool Watch::is_late() const {
    return limits_.timeout.count() > 0 &&
           std::chrono::steady_clock::now() - started_ >= limits_.timeout;
}

Watch::Reason Watch::reason() const {
    if (is_set(limits_.interrupted) || is_set(limits_.cancelled)) return Reason::unwanted;
    return is_late() ? Reason::late : Reason::none;
}

void Watch::run() {
    std::unique_lock lock(mutex_);
    while (!done_) {
        wake_.wait_for(lock, kLook);
        if (!done_ && reason() != Reason::none) interrupt_();
    }
}

}  // namespace yagura::query
