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

void put_le32(std::string& out, uint32_t value);
void put_le64(std::string& out, uint64_t value);

}  // namespace yagura::store
