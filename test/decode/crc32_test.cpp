#include "decode/crc32.h"

#include <random>
#include <string>

#include <doctest/doctest.h>
#include <zlib.h>

using namespace yagura;

namespace {

std::string random_bytes(size_t size) {
    std::mt19937_64 random(size + 1);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

uint32_t sum_of_zlib(std::string_view bytes) {
    return static_cast<uint32_t>(
        ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace

TEST_CASE("the checksum of any length at any place is the one zlib computes") {
    const std::string bytes = random_bytes(3000);
    for (size_t size = 0; size + 7 <= bytes.size(); ++size) {
        const std::string_view view(bytes.data() + size % 7, size);
        CHECK(decode::crc32(view) == sum_of_zlib(view));
    }
}

TEST_CASE("the checksum of long data, of zeros and of ones") {
    for (const std::string& bytes :
         {random_bytes(1'000'003), std::string(70'000, '\0'), std::string(70'001, '\xFF')})
        CHECK(decode::crc32(bytes) == sum_of_zlib(bytes));
}

TEST_CASE("every single bit counts") {
    std::string bytes = random_bytes(1500);
    const uint32_t sum = decode::crc32(bytes);
    for (size_t bit = 0; bit < bytes.size() * 8; bit += 37) {
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
        CHECK(decode::crc32(bytes) != sum);
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    }
}
