// bzip2; streams one after another, as pbzip2 writes them.
#include <algorithm>

#include <bzlib.h>

#include "decode/inflate.h"

namespace yagura::decode {
namespace {

class Bzip2Stream final : public InflateStream {
  public:
    Bzip2Stream(Stream& from, InflateBudget& budget) : InflateStream(from, budget) { start(); }
    ~Bzip2Stream() override { BZ2_bzDecompressEnd(&bzip2_); }

  protected:
    size_t step(char* out, size_t size) override {
        const std::string_view from = input();
        if (between_streams_) {
            if (from.empty()) {
                done_ = true;
                return 0;
            }
            BZ2_bzDecompressEnd(&bzip2_);
            start();
        }
        if (failed_) return fail(FaultCode::unreadable);
        bzip2_.next_in = const_cast<char*>(from.data());
        bzip2_.avail_in = static_cast<unsigned>(from.size());
        bzip2_.next_out = out;
        bzip2_.avail_out = static_cast<unsigned>(std::min(size, size_t{1} << 30));
        const size_t wanted = bzip2_.avail_out;
        const int result = BZ2_bzDecompress(&bzip2_);
        use(from.size() - bzip2_.avail_in);
        const size_t got = wanted - bzip2_.avail_out;
        if (result == BZ_STREAM_END) {
            between_streams_ = true;
            ++streams_;
        } else if (result != BZ_OK) {
            const bool garbage = result == BZ_DATA_ERROR_MAGIC && streams_ != 0;
            fail(garbage ? FaultCode::trailing_garbage : FaultCode::bad_compression, got);
        }
        return got;
    }

  private:
    void start() {
        bzip2_ = {};
        failed_ = BZ2_bzDecompressInit(&bzip2_, 0, 0) != BZ_OK;
        between_streams_ = false;
    }
    size_t fail(FaultCode code, size_t got = 0) {
        end_with(code, got);
        done_ = true;
        return 0;
    }

    bz_stream bzip2_{};
    bool failed_ = false;
    bool between_streams_ = false;
    uint64_t streams_ = 0;
};

}  // namespace

std::unique_ptr<Stream> open_bzip2(Stream& from, InflateBudget& budget) {
    return std::make_unique<Bzip2Stream>(from, budget);
}

}  // namespace yagura::decode
