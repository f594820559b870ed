// Bytes that grow, always followed by the zero padding the JSON index needs. Kept between objects,
// so that memory is touched once and not once per object.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "event/json_document.h"

namespace yagura::decode {

class Buffer {
  public:
    char* data() { return bytes_.get(); }
    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }
    std::string_view view() const { return {bytes_.get(), size_}; }

    // Room for `capacity` bytes; the first size() bytes are kept. Views are void afterwards.
    void reserve(size_t capacity) {
        if (capacity <= capacity_) return;
        auto larger = std::make_unique_for_overwrite<char[]>(capacity + event::kPadding);
        if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_);
        bytes_ = std::move(larger);
        capacity_ = capacity;
        set_size(size_);
    }

    // `size` bytes are filled; at most capacity().
    void set_size(size_t size) {
        size_ = size;
        if (bytes_) std::memset(bytes_.get() + size_, 0, event::kPadding);
    }

    // Forgets the first `count` bytes.
    void drop_front(size_t count) {
        if (count == 0) return;
        std::memmove(bytes_.get(), bytes_.get() + count, size_ - count);
        set_size(size_ - count);
    }

    void assign(std::string_view text) {
        set_size(0);
        reserve(std::max(text.size(), size_t{1024}));
        if (!text.empty()) std::memcpy(bytes_.get(), text.data(), text.size());
        set_size(text.size());
    }

    // Gives memory back when an unusual object made it large.
    void shrink(size_t limit) {
        set_size(0);
        if (capacity_ <= limit) return;
        bytes_.reset();
        capacity_ = 0;
    }

  private:
    std::unique_ptr<char[]> bytes_;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace yagura::decode
