// The checksum of gzip (RFC 1952, section 8) at the speed of the memory it reads.
#pragma once

#include <cstdint>
#include <string_view>

namespace yagura::decode {

uint32_t crc32(std::string_view bytes);

}  // namespace yagura::decode
