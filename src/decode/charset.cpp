#include "decode/charset.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace yagura::decode {
namespace {

using namespace std::string_view_literals;

constexpr uint32_t kReplacement = 0xFFFD;
constexpr uint32_t kMark = 0xFEFF;

bool is_high(uint32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(uint32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

class Utf16Stream final : public Stream {
  public:
    Utf16Stream(bool big, Stream& from) : from_(from), big_(big) {}
    bool is_damaged() const override { return from_.is_damaged(); }

  protected:
    size_t pull(char* out, size_t size) override {
        while (ready_at_ == ready_.size() && transcode()) {
        }
        const size_t take = std::min(size, ready_.size() - ready_at_);
        std::memcpy(out, ready_.data() + ready_at_, take);
        ready_at_ += take;
        return take;
    }

  private:
    // Fills ready_ from the next bytes; false at the end.
    bool transcode() {
        char bytes[16 << 10];
        const size_t got = from_.read(bytes, sizeof bytes);
        ready_.clear();
        ready_at_ = 0;
        for (size_t i = 0; i + 1 < got; i += 2) {
            const auto first = static_cast<uint8_t>(bytes[i]);
            const auto second = static_cast<uint8_t>(bytes[i + 1]);
            add(big_ ? uint32_t{first} << 8 | second : uint32_t{second} << 8 | first);
        }
        if (got == sizeof bytes) return true;
        if ((got & 1) != 0 || high_ != 0) append_utf8(ready_, kReplacement);
        high_ = 0;
        return got != 0 && ready_.empty();
    }

    void add(uint32_t unit) {
        if (high_ != 0 && is_low(unit)) {
            append_utf8(ready_, 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00));
            high_ = 0;
            return;
        }
        if (high_ != 0) append_utf8(ready_, kReplacement);
        high_ = is_high(unit) ? unit : 0;
        const bool is_mark = first_ && unit == kMark;
        first_ = false;
        if (high_ != 0 || is_mark) return;
        append_utf8(ready_, is_low(unit) ? kReplacement : unit);
    }

    Stream& from_;
    bool big_;
    bool first_ = true;
    uint32_t high_ = 0;  // a high surrogate that waits for its partner
    std::string ready_;
    size_t ready_at_ = 0;
};

}  // namespace

Charset recognise_charset(std::string_view head) {
    if (head.starts_with("\xEF\xBB\xBF"sv)) return Charset::utf8_with_mark;
    if (head.starts_with("\xFF\xFE"sv)) return Charset::utf16_little;
    if (head.starts_with("\xFE\xFF"sv)) return Charset::utf16_big;
    if (head.size() < 4) return Charset::utf8;
    const auto opens = [](char c) { return c == '{' || c == '['; };
    if (opens(head[0]) && head[1] == '\0' && head[2] != '\0' && head[3] == '\0') {
        return Charset::utf16_little;
    }
    if (head[0] == '\0' && opens(head[1]) && head[2] == '\0' && head[3] != '\0') {
        return Charset::utf16_big;
    }
    return Charset::utf8;
}

std::unique_ptr<Stream> open_utf16(Charset charset, Stream& from) {
    return std::make_unique<Utf16Stream>(charset == Charset::utf16_big, from);
}

}  // namespace yagura::decode
