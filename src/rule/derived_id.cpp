#include "rule/derived_id.h"

#include <fmt/format.h>

namespace yagura::rule {

std::string derived_id(const Hash128& content) {
    const uint64_t high = (content.high & ~0xF000ULL) | 0x8000ULL;
    const uint64_t low = (content.low & ~(3ULL << 62)) | (2ULL << 62);
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                       high >> 32,
                       high >> 16 & 0xFFFF,
                       high & 0xFFFF,
                       low >> 48,
                       low & 0xFFFFFFFFFFFFULL);
}

}  // namespace yagura::rule
