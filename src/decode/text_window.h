// The text of one member, seen through a window that moves forward. Text that lies in memory as a
// whole is its own window; a stream is read into a buffer piece by piece.
#pragma once

#include <cstdint>
#include <string_view>

#include "decode/buffer.h"
#include "decode/stream.h"

namespace yagura::decode {

class TextWindow {
  public:
    // Both must outlive the window.
    TextWindow(Stream& from, Buffer& buffer) : from_(from), buffer_(buffer) {
        buffer_.set_size(0);
        if (const auto rest = from.take_rest()) {
            text_ = *rest;
            at_end_ = true;
        }
    }

    // What has been read and not dropped; event::kPadding readable bytes follow.
    std::string_view text() const { return text_; }
    // Of the first byte of text() in the member.
    uint64_t offset() const { return offset_; }
    // Nothing follows text().
    bool at_end() const { return at_end_; }
    // The member ended with a fault of its container; known at the end.
    bool is_damaged() const { return at_end_ && from_.is_damaged(); }

    void drop(size_t count) {
        text_.remove_prefix(count);
        offset_ += count;
    }

    // Reads up to `step` further bytes behind text(). Views become void. False when there were
    // none.
    bool grow(size_t step) {
        if (at_end_) return false;
        buffer_.drop_front(buffer_.size() - text_.size());
        const size_t before = buffer_.size();
        // Doubling keeps the copies of a growing record linear.
        if (buffer_.capacity() < before + step) {
            buffer_.reserve(std::max(before + step, buffer_.capacity() * 2));
        }
        const size_t got = from_.read(buffer_.data() + before, step);
        buffer_.set_size(before + got);
        text_ = buffer_.view();
        at_end_ = got < step;
        return got != 0;
    }

  private:
    Stream& from_;
    Buffer& buffer_;
    std::string_view text_;
    uint64_t offset_ = 0;
    bool at_end_ = false;
};

}  // namespace yagura::decode
