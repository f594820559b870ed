// Parquet's encodings. https://parquet.apache.org/docs/file-format/data-pages/encodings/
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace yagura::store {

int bit_width(uint64_t value);

// RLE / bit-packing hybrid of values below 2^width, without a length in front.
void encode_hybrid(std::string& out, std::span<const uint32_t> values, int width);

// DELTA_BINARY_PACKED.
void encode_delta(std::string& out, std::span<const int64_t> values);

// Little-endian, inline: called for every value of a page.
template <class T>
void put_le(std::string& out, T value) {
    char bytes[sizeof value];
    for (size_t i = 0; i < sizeof value; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
    out.append(bytes, sizeof value);
}
inline void put_le32(std::string& out, uint32_t value) {
    put_le(out, value);
}
inline void put_le64(std::string& out, uint64_t value) {
    put_le(out, value);
}

}  // namespace yagura::store
