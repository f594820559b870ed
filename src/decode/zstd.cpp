// Zstandard, RFC 8878. Frames one after another; skippable frames are skipped by the library.
#include <algorithm>
#include <bit>

#include <zstd.h>
#include <zstd_errors.h>

#include "decode/inflate.h"

namespace yagura::decode {
namespace {

// 8 MiB, what RFC 8878 §3.1.1.1.2 asks a decoder to support at least: given whatever other layers
// of the object hold.
constexpr int kLeastWindowLog = 23;

constexpr size_t kFrameStart = 5;  // enough to tell how long a frame's header is

class ZstdStream final : public InflateStream {
  public:
    ZstdStream(Stream& from, InflateBudget& budget)
        : InflateStream(from, budget), context_(ZSTD_createDStream()) {}
    ~ZstdStream() override {
        budget().free_window(window_);
        ZSTD_freeDStream(context_);
    }

  protected:
    size_t step(char* out, size_t size) override {
        const std::string_view from = input();
        if (context_ == nullptr) return fail(FaultCode::unreadable);
        if (from.empty() && between_frames_ && frames_ != 0) {
            done_ = true;
            return 0;
        }
        if (between_frames_) limit_window();
        ZSTD_inBuffer in{from.data(), is_full_ ? 0 : std::min(from.size(), wanted_), 0};
        ZSTD_outBuffer to{out, size, 0};
        const size_t result = ZSTD_decompressStream(context_, &to, &in);
        use(in.pos);
        account_for_window();
        if (ZSTD_isError(result)) {
            fail(fault_of(ZSTD_getErrorCode(result)));
        } else {
            between_frames_ = result == 0;
            if (result == 0) ++frames_;
            wanted_ = result == 0 ? kFrameStart : result;
            is_full_ = result != 0 && to.pos == size;
        }
        return to.pos;
    }

  private:
    // The next frame may take what no other layer holds; the memory of the one before is its own.
    void limit_window() {
        const uint64_t room = budget().window_room() + window_;
        const int log = static_cast<int>(std::bit_width(room)) - 1;
        ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, std::max(log, kLeastWindowLog));
    }
    void account_for_window() {
        budget().free_window(window_);
        window_ = ZSTD_sizeof_DCtx(context_);
        budget().take_window(window_);
    }
    FaultCode fault_of(ZSTD_ErrorCode error) const {
        if (error == ZSTD_error_frameParameter_windowTooLarge) return FaultCode::window_too_large;
        if (error == ZSTD_error_dictionary_wrong) return FaultCode::needs_dictionary;
        const bool garbage = error == ZSTD_error_prefix_unknown && frames_ != 0;
        return garbage ? FaultCode::trailing_garbage : FaultCode::bad_compression;
    }
    size_t fail(FaultCode code) {
        end_with(code);
        done_ = true;
        return 0;
    }

    ZSTD_DStream* context_;
    // Given more than it asks for, the library forgets the blocks it wrote in the same call when
    // the next one, or the checksum, is wrong.
    size_t wanted_ = kFrameStart;
    bool is_full_ = false;  // `out` was, and there may be more of the block
    bool between_frames_ = true;
    uint64_t frames_ = 0;
    uint64_t window_ = 0;  // bytes of memory, as the budget knows them
};

}  // namespace

std::unique_ptr<Stream> open_zstd(Stream& from, InflateBudget& budget) {
    return std::make_unique<ZstdStream>(from, budget);
}

}  // namespace yagura::decode
