// gzip, RFC 1952: libdeflate for data that fits in memory, zlib for streams. Of a member in memory
// the header and the checksum are read here, as the latter is faster than the library's.
#include <algorithm>
#include <cstring>

#include <libdeflate.h>
#include <zlib.h>

#include "decode/crc32.h"
#include "decode/inflate.h"

namespace yagura::decode {
namespace {

constexpr std::string_view kMagic = "\x1F\x8B";

class GzipStream final : public InflateStream {
  public:
    GzipStream(Stream& from, InflateBudget& budget) : InflateStream(from, budget) {
        failed_ = inflateInit2(&zlib_, 15 + 16) != Z_OK;
    }
    ~GzipStream() override { inflateEnd(&zlib_); }

  protected:
    size_t step(char* out, size_t size) override {
        const std::string_view from = input();
        if (failed_) return fail(FaultCode::unreadable);
        if (between_members_ && !start_member(from)) return 0;
        zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
        zlib_.avail_in = static_cast<uInt>(from.size());
        zlib_.next_out = reinterpret_cast<Bytef*>(out);
        zlib_.avail_out = static_cast<uInt>(std::min(size, size_t{1} << 30));
        const size_t wanted = zlib_.avail_out;
        const int result = ::inflate(&zlib_, Z_NO_FLUSH);
        use(from.size() - zlib_.avail_in);
        const size_t got = wanted - zlib_.avail_out;
        if (got != 0) member_has_output_ = true;
        if (result == Z_STREAM_END) {
            between_members_ = true;
            ++members_;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            // What follows a good member and is no gzip was never part of the data.
            const bool garbage = members_ != 0 && !member_has_output_ && got == 0;
            end_with(garbage ? FaultCode::trailing_garbage : FaultCode::bad_compression, got);
            done_ = true;
        }
        return got;
    }

  private:
    size_t fail(FaultCode code) {
        end_with(code);
        done_ = true;
        return 0;
    }
    // False when nothing more is to come.
    bool start_member(std::string_view from) {
        if (from.empty()) {
            done_ = true;
            return false;
        }
        if (from[0] != kMagic[0] || (from.size() > 1 && from[1] != kMagic[1])) {
            fail(FaultCode::trailing_garbage);
            return false;
        }
        inflateReset(&zlib_);
        between_members_ = false;
        member_has_output_ = false;
        return true;
    }

    z_stream zlib_{};
    bool failed_ = false;
    bool between_members_ = false;
    bool member_has_output_ = false;
    uint64_t members_ = 0;
};

constexpr size_t kTrailer = 8;

uint32_t read_number(std::string_view bytes, size_t at) {
    uint32_t number = 0;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

// The size the last member says it has, modulo 2^32.
uint32_t size_in_trailer(std::string_view gzip) {
    return read_number(gzip, gzip.size() - 4);
}

// The size of a member's header; 0 when it is none or nothing can follow it.
size_t header_size(std::string_view member) {
    enum Flag : uint8_t { header_crc = 2, extra = 4, name = 8, comment = 16, reserved = 0xE0 };
    constexpr size_t kFixed = 10;
    if (member.size() < kFixed + kTrailer || !member.starts_with(kMagic) || member[2] != 8)
        return 0;
    const auto flags = static_cast<uint8_t>(member[3]);
    if (flags & reserved) return 0;
    const size_t most = member.size() - kTrailer;
    size_t size = kFixed;
    if (flags & extra) {
        size += 2;
        if (size > most) return 0;
        size +=
            static_cast<uint8_t>(member[size - 2]) + 256 * static_cast<uint8_t>(member[size - 1]);
    }
    for (const Flag text : {name, comment}) {
        if ((flags & text) == 0) continue;
        const size_t end = member.find('\0', size);
        if (end == std::string_view::npos) return 0;
        size = end + 1;
    }
    if (flags & header_crc) size += 2;
    return size > most ? 0 : size;
}

}  // namespace

std::unique_ptr<Stream> open_gzip(Stream& from, InflateBudget& budget) {
    return std::make_unique<GzipStream>(from, budget);
}

GzipInflater::GzipInflater() : inflater_(libdeflate_alloc_decompressor()) {}
GzipInflater::~GzipInflater() {
    libdeflate_free_decompressor(static_cast<libdeflate_decompressor*>(inflater_));
}

GzipInflater::Outcome GzipInflater::inflate(std::string_view gzip, Buffer& out, size_t limit) {
    constexpr size_t kSmallest = 18;  // header and trailer around nothing
    if (inflater_ == nullptr || gzip.size() < kSmallest) return Outcome::stream;
    out.set_size(0);
    const size_t hint = size_in_trailer(gzip);
    if (hint > limit) return Outcome::stream;
    out.reserve(std::max(hint, std::min(gzip.size() * 4, limit)));
    while (!gzip.empty()) {
        if (!gzip.starts_with(kMagic)) return Outcome::garbage;
        const size_t header = header_size(gzip);
        if (header == 0) return Outcome::stream;
        char* const to = out.data() + out.size();
        size_t used = 0, got = 0;
        const auto result =
            libdeflate_deflate_decompress_ex(static_cast<libdeflate_decompressor*>(inflater_),
                                             gzip.data() + header,
                                             gzip.size() - header - kTrailer,
                                             to,
                                             out.capacity() - out.size(),
                                             &used,
                                             &got);
        if (result == LIBDEFLATE_INSUFFICIENT_SPACE && out.capacity() < limit) {
            out.reserve(std::min(limit, out.capacity() * 2));
            continue;
        }
        const size_t trailer = header + used;
        if (result != LIBDEFLATE_SUCCESS || crc32({to, got}) != read_number(gzip, trailer) ||
            static_cast<uint32_t>(got) != read_number(gzip, trailer + 4))
            return Outcome::stream;
        out.set_size(out.size() + got);
        gzip.remove_prefix(trailer + kTrailer);
    }
    return Outcome::whole;
}

}  // namespace yagura::decode
