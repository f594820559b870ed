#include "server/body_pipe.h"

#include <algorithm>
#include <utility>

namespace yagura::server {

bool BodyPipe::write(std::string_view bytes) {
    while (!bytes.empty()) {
        bool was_empty = false;
        {
            std::unique_lock lock(mutex_);
            room_.wait(lock, [&] { return left_ || waiting_.size() < kMost; });
            if (left_) return false;
            was_empty = waiting_.empty();
            const size_t part = std::min(bytes.size(), kMost - waiting_.size());
            waiting_.append(bytes.substr(0, part));
            bytes.remove_prefix(part);
        }
        if (was_empty) wake_();
    }
    return is_open();
}

bool BodyPipe::is_open() const {
    const std::lock_guard lock(mutex_);
    return !left_;
}

void BodyPipe::on_leave(std::function<void()> left) {
    {
        const std::lock_guard lock(mutex_);
        if (!left_) {
            on_leave_.push_back(std::move(left));
            return;
        }
    }
    left();
}

std::string BodyPipe::take() {
    std::string taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(waiting_);
    }
    room_.notify_all();
    return taken;
}

void BodyPipe::finish(bool whole) {
    {
        const std::lock_guard lock(mutex_);
        end_ = whole ? End::whole : End::broken;
        on_leave_.clear();
    }
    wake_();
}

void BodyPipe::leave() {
    std::vector<std::function<void()>> tell;
    {
        const std::lock_guard lock(mutex_);
        if (left_) return;
        left_ = true;
        waiting_.clear();
        tell.swap(on_leave_);
    }
    room_.notify_all();
    for (const auto& left : tell) left();
}

BodyPipe::End BodyPipe::end() const {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() ? end_ : End::none;
}

}  // namespace yagura::server
