#include "http/event_stream.h"

#include <utility>

namespace yagura::http {

EventStream::Frame EventStream::frame(std::string_view event, std::string_view data) {
    std::string text = "event: ";
    text += event;
    // CR, LF and CRLF all end a line for a reader; each line is a field of its own.
    while (true) {
        const size_t end = data.find_first_of("\r\n");
        text += "\ndata: ";
        text += data.substr(0, end);
        if (end == std::string_view::npos) break;
        data.remove_prefix(data.substr(end, 2) == "\r\n" ? end + 2 : end + 1);
    }
    text += "\n\n";
    return std::make_shared<const std::string>(std::move(text));
}

bool EventStream::push(Frame frame) {
    std::function<void()> wake;
    {
        const std::lock_guard lock(mutex_);
        if (left_ || closed_) return false;
        const bool is_full =
            waiting_.size() >= kMaxWaiting ||
            (!waiting_.empty() && waiting_bytes_ + frame->size() > kMaxWaitingBytes);
        if (is_full) {
            ++dropped_;
            return false;
        }
        waiting_bytes_ += frame->size();
        waiting_.push_back(std::move(frame));
        wake = wake_;
    }
    if (wake) wake();
    return true;
}

void EventStream::close() {
    std::function<void()> wake;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        wake = wake_;
    }
    if (wake) wake();
}

bool EventStream::is_open() const {
    const std::lock_guard lock(mutex_);
    return !closed_ && !left_;
}

uint64_t EventStream::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

void EventStream::on_leave(std::function<void()> left) {
    {
        const std::lock_guard lock(mutex_);
        if (!left_) {
            on_leave_.push_back(std::move(left));
            return;
        }
    }
    left();
}

void EventStream::attach(std::function<void()> wake) {
    bool has_news = false;
    {
        const std::lock_guard lock(mutex_);
        wake_ = wake;
        has_news = !waiting_.empty() || closed_;
    }
    if (has_news && wake) wake();
}

std::vector<EventStream::Frame> EventStream::take() {
    const std::lock_guard lock(mutex_);
    std::vector<Frame> frames(waiting_.begin(), waiting_.end());
    waiting_.clear();
    waiting_bytes_ = 0;
    return frames;
}

bool EventStream::is_ended() const {
    const std::lock_guard lock(mutex_);
    return closed_ && waiting_.empty();
}

void EventStream::leave() {
    std::vector<std::function<void()>> tell;
    {
        const std::lock_guard lock(mutex_);
        if (left_) return;
        left_ = true;
        wake_ = nullptr;
        waiting_.clear();
        tell.swap(on_leave_);
    }
    for (const auto& left : tell) left();
}

}  // namespace yagura::http
