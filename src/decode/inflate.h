// Decompression of what a stream holds, told by its first bytes.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/fault.h"
#include "decode/buffer.h"
#include "decode/stream.h"

namespace yagura::decode {

enum class Container : uint8_t { plain, gzip, zstd, bzip2, zip, tar };

constexpr size_t kMagicBytes = 512;  // a tar header

// What the first kMagicBytes (or fewer) of some data say it is.
Container recognise_container(std::string_view head);

// Inflates `from`, which must outlive the result. Several members or frames one after another are
// one stream. Null for a container that is no compression.
std::unique_ptr<Stream> open_inflater(Container container, Stream& from, InflateBudget& budget);

std::unique_ptr<Stream> open_gzip(Stream& from, InflateBudget& budget);
std::unique_ptr<Stream> open_zstd(Stream& from, InflateBudget& budget);
std::unique_ptr<Stream> open_bzip2(Stream& from, InflateBudget& budget);

// Whole gzip data in one go, more than twice as fast as a stream. Keeps its tables between calls.
class GzipInflater {
  public:
    GzipInflater();
    ~GzipInflater();
    GzipInflater(const GzipInflater&) = delete;
    GzipInflater& operator=(const GzipInflater&) = delete;

    enum class Outcome {
        whole,    // `out` holds all of it
        garbage,  // the same, and something that is no gzip follows
        stream,   // too large, damaged or suspicious: let a stream find out how far it is good
    };

    // Inflates all members of `gzip` into `out`, at most `limit` bytes.
    Outcome inflate(std::string_view gzip, Buffer& out, size_t limit);

  private:
    void* inflater_;
};

}  // namespace yagura::decode
