// Bump allocator for values derived while reading one batch (unescaped strings, joined names).
// Freed all at once by reset(); not thread-safe: one arena belongs to one worker.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace yagura {

class Arena {
  public:
    char* allocate(size_t size) {
        if (size > left_) grow(size);
        char* out = next_;
        next_ += size;
        left_ -= size;
        return out;
    }

    std::string_view copy(std::string_view text) {
        if (text.empty()) return {"", 0};
        char* out = allocate(text.size());
        std::memcpy(out, text.data(), text.size());
        return {out, text.size()};
    }

    // Forgets everything; keeps the first block for reuse.
    void reset() {
        if (blocks_.empty()) return;
        blocks_.resize(1);
        next_ = blocks_[0].bytes.get();
        left_ = blocks_[0].size;
    }

  private:
    struct Block {
        std::unique_ptr<char[]> bytes;
        size_t size;
    };
    static constexpr size_t kBlockSize = 64 * 1024;

    void grow(size_t size) {
        const size_t block = size > kBlockSize ? size : kBlockSize;
        blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block});
        next_ = blocks_.back().bytes.get();
        left_ = block;
    }

    std::vector<Block> blocks_;
    char* next_ = nullptr;
    size_t left_ = 0;
};

}  // namespace yagura
