// Bytes of one layer of an object, pulled by the layer above: stored bytes, then what a compressor
// or archive made of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "source/input.h"

namespace yagura::decode {

class Stream {
  public:
    Stream() = default;
    virtual ~Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    // Fills `out`; fewer than `size` bytes only at the end.
    size_t read(char* out, size_t size);

    // The next bytes without taking them; fewer than `size` only at the end.
    std::string_view peek(size_t size);

    // Takes all that is left, if it lies in memory with event::kPadding readable bytes behind it
    // and all that was read of it before lies in front. The view lives as long as the stream.
    virtual std::optional<std::string_view> take_rest() { return std::nullopt; }

    // Why the stream ended before its end, or what was wrong with the end. Asked after the last
    // read.
    const std::optional<Fault>& fault() const { return fault_; }

    // This layer or one below it ended with a fault.
    virtual bool is_damaged() const { return fault_.has_value(); }

  protected:
    // At least one byte, or 0 at the end.
    virtual size_t pull(char* out, size_t size) = 0;

    // `behind`: bytes that pull() is about to return, which are good.
    void end_with(FaultCode code, uint64_t behind = 0) {
        if (!fault_) fault_ = Fault{code, bytes_out_ + behind};
    }
    std::string head_;  // peeked, not yet read

  private:
    std::optional<Fault> fault_;
    uint64_t bytes_out_ = 0;
};

// Bytes in memory; `text` is followed by event::kPadding readable bytes and outlives the stream.
class MemoryStream : public Stream {
  public:
    explicit MemoryStream(std::string_view text) : text_(text) {}
    std::optional<std::string_view> take_rest() override;

  protected:
    size_t pull(char* out, size_t size) override;

  private:
    std::string_view text_;
};

// The stored bytes of an object. A failing read ends it with `unreadable`.
class InputStream : public Stream {
  public:
    explicit InputStream(source::Input& input) : input_(input) {}

  protected:
    size_t pull(char* out, size_t size) override;

  private:
    source::Input& input_;
};

// How far the layers of one object may inflate: each at most `max_ratio` times what it consumed,
// and all together `max_ratio` times what was stored; the first MiB is free. And what they may
// remember of their text together, so that one in another does not multiply memory.
class InflateBudget {
  public:
    InflateBudget(const source::Input& input, uint64_t max_ratio)
        : input_(input), max_ratio_(max_ratio) {}

    // What a layer may still produce.
    uint64_t room(uint64_t consumed, uint64_t produced) const {
        return std::min(left(consumed, produced), left(input_.bytes_read(), inflated_));
    }
    void add(uint64_t bytes) { inflated_ += bytes; }

    // Bytes that windows of decompressors may still take, and those that one took or gave back.
    uint64_t window_room() const { return kMaxWindows > windows_ ? kMaxWindows - windows_ : 0; }
    void take_window(uint64_t bytes) { windows_ += bytes; }
    void free_window(uint64_t bytes) { windows_ -= bytes; }

  private:
    // What `zstd --ultra -22` and `--long` ask for.
    static constexpr uint64_t kMaxWindows = uint64_t{128} << 20;

    uint64_t left(uint64_t consumed, uint64_t produced) const {
        constexpr uint64_t kFree = 1 << 20;
        const uint64_t allowed = std::max(kFree, consumed * max_ratio_);
        return allowed > produced ? allowed - produced : 0;
    }

    const source::Input& input_;
    uint64_t max_ratio_;
    uint64_t inflated_ = 0;
    uint64_t windows_ = 0;
};

// At most `limit` bytes of another stream; one more ends it as a bomb.
class LimitedStream final : public Stream {
  public:
    LimitedStream(Stream& from, uint64_t limit) : from_(from), left_(limit) {}
    std::optional<std::string_view> take_rest() override;
    bool is_damaged() const override { return fault() || from_.is_damaged(); }

  protected:
    size_t pull(char* out, size_t size) override;

  private:
    Stream& from_;
    uint64_t left_;
};

// The compressed bytes a decompressor works on, and its account with the budget.
class InflateStream : public Stream {
  public:
    InflateStream(Stream& from, InflateBudget& budget);

  protected:
    // One call of the library: uses some of input(), fills some of `out`. Returns bytes written;
    // sets done_ at the end of the data. Called with input() empty only when `from` has ended.
    virtual size_t step(char* out, size_t size) = 0;
    size_t pull(char* out, size_t size) final;

    // Unused compressed bytes; refilled when empty.
    std::string_view input();
    void use(size_t count) { input_at_ += count; }
    bool done_ = false;

    InflateBudget& budget() { return budget_; }

  private:
    Stream& from_;
    InflateBudget& budget_;
    std::unique_ptr<char[]> buffer_;
    size_t input_at_ = 0;
    size_t input_size_ = 0;
    uint64_t consumed_ = 0;
    uint64_t produced_ = 0;
};

}  // namespace yagura::decode
