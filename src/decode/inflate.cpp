#include "decode/inflate.h"

namespace yagura::decode {
namespace {

using namespace std::string_view_literals;

// A tar header without the magic of POSIX or GNU still has the sum of its bytes, its own field
// counted as blanks (tar(5)).
bool has_tar_checksum(std::string_view block) {
    constexpr size_t kField = 148, kFieldSize = 8;
    if (block.size() < kMagicBytes || block[0] == '\0') return false;
    uint32_t written = 0;
    size_t digits = 0;
    for (const char c : block.substr(kField, kFieldSize)) {
        if (c >= '0' && c <= '7') {
            written = written * 8 + static_cast<uint32_t>(c - '0');
            ++digits;
        } else if (c != ' ' && c != '\0') {
            return false;
        }
    }
    if (digits == 0) return false;
    uint32_t sum = 0;
    for (size_t i = 0; i < kMagicBytes; ++i) {
        const bool in_field = i >= kField && i < kField + kFieldSize;
        sum += in_field ? ' ' : static_cast<uint8_t>(block[i]);
    }
    return sum == written;
}

bool is_zstd(std::string_view head) {
    if (head.starts_with("\x28\xB5\x2F\xFD"sv)) return true;
    // A skippable frame, as pzstd writes in front.
    return head.size() >= 4 && (head[0] & 0xF0) == 0x50 && head.substr(1, 3) == "\x2A\x4D\x18"sv;
}

bool is_bzip2(std::string_view head) {
    return head.size() >= 10 && head.starts_with("BZh"sv) && head[3] >= '1' && head[3] <= '9' &&
           (head.substr(4, 6) == "\x31\x41\x59\x26\x53\x59"sv ||
            head.substr(4, 6) == "\x17\x72\x45\x38\x50\x90"sv);
}

}  // namespace

Container recognise_container(std::string_view head) {
    if (head.starts_with("\x1F\x8B\x08"sv)) return Container::gzip;
    if (is_zstd(head)) return Container::zstd;
    if (is_bzip2(head)) return Container::bzip2;
    if (head.starts_with("PK\x03\x04"sv) || head.starts_with("PK\x05\x06"sv)) return Container::zip;
    if (head.size() >= 262 && head.substr(257, 5) == "ustar"sv) return Container::tar;
    if (has_tar_checksum(head)) return Container::tar;
    return Container::plain;
}

std::unique_ptr<Stream> open_inflater(Container container, Stream& from, InflateBudget& budget) {
    switch (container) {
        case Container::gzip:
            return open_gzip(from, budget);
        case Container::zstd:
            return open_zstd(from, budget);
        case Container::bzip2:
            return open_bzip2(from, budget);
        default:
            return nullptr;
    }
}

}  // namespace yagura::decode
