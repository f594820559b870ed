#include "decode/stream.h"

#include <algorithm>
#include <cstring>

namespace yagura::decode {
namespace {

constexpr size_t kInputStep = size_t{256} << 10;

}  // namespace

size_t Stream::read(char* out, size_t size) {
    size_t got = std::min(size, head_.size());
    if (got != 0) {
        std::memcpy(out, head_.data(), got);
        head_.erase(0, got);
    }
    while (got < size) {
        const size_t more = pull(out + got, size - got);
        if (more == 0) break;
        got += more;
        bytes_out_ += more;
    }
    return got;
}

std::string_view Stream::peek(size_t size) {
    while (head_.size() < size) {
        const size_t before = head_.size();
        head_.resize(size);
        const size_t more = pull(head_.data() + before, size - before);
        head_.resize(before + more);
        bytes_out_ += more;
        if (more == 0) break;
    }
    return std::string_view(head_).substr(0, size);
}

size_t MemoryStream::pull(char* out, size_t size) {
    const size_t take = std::min(size, text_.size());
    if (take != 0) std::memcpy(out, text_.data(), take);
    text_.remove_prefix(take);
    return take;
}

std::optional<std::string_view> MemoryStream::take_rest() {
    // Peeked bytes are still in front of text_, in the same memory.
    const std::string_view rest(text_.data() - head_.size(), text_.size() + head_.size());
    text_ = {};
    head_.clear();
    return rest;
}

size_t InputStream::pull(char* out, size_t size) {
    auto got = input_.read(out, size);
    if (got) return *got;
    end_with(FaultCode::unreadable);
    return 0;
}

std::optional<std::string_view> LimitedStream::take_rest() {
    auto rest = from_.take_rest();
    if (!rest) return rest;
    if (rest->size() > left_) {
        rest = rest->substr(0, left_);
        end_with(FaultCode::bomb);
    }
    // What was peeked of it lies in front.
    rest = std::string_view(rest->data() - head_.size(), rest->size() + head_.size());
    head_.clear();
    return rest;
}

size_t LimitedStream::pull(char* out, size_t size) {
    if (left_ == 0) {
        if (!from_.peek(1).empty()) end_with(FaultCode::bomb);
        return 0;
    }
    const size_t got = from_.read(out, static_cast<size_t>(std::min<uint64_t>(size, left_)));
    left_ -= got;
    return got;
}

InflateStream::InflateStream(Stream& from, InflateBudget& budget)
    : from_(from), budget_(budget), buffer_(std::make_unique_for_overwrite<char[]>(kInputStep)) {}

std::string_view InflateStream::input() {
    if (input_at_ == input_size_) {
        input_size_ = from_.read(buffer_.get(), kInputStep);
        input_at_ = 0;
        consumed_ += input_size_;
    }
    return {buffer_.get() + input_at_, input_size_ - input_at_};
}

size_t InflateStream::pull(char* out, size_t size) {
    while (!done_ && size != 0) {
        const uint64_t unused = input().size();
        // One byte more than allowed tells a bomb from data that ends exactly at the limit.
        const uint64_t room = budget_.room(consumed_ - unused, produced_);
        const size_t before = input_at_;
        size_t got = step(out, static_cast<size_t>(std::min<uint64_t>(size, room + 1)));
        if (got > room && budget_.room(consumed_ - (input_size_ - input_at_), produced_) < got) {
            end_with(FaultCode::bomb);
            done_ = true;
            got = static_cast<size_t>(room);
        }
        produced_ += got;
        budget_.add(got);
        if (got != 0) return got;
        if (!done_ && input_at_ == before && input().empty()) {
            end_with(FaultCode::truncated);
            done_ = true;
        }
    }
    return 0;
}

}  // namespace yagura::decode
