#include "base/large_memory.h"

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("a list grows through all sizes and keeps what it holds") {
    std::vector<uint64_t, LargeAllocator<uint64_t>> numbers;
    constexpr uint64_t kMany = 3 * kHugePage / sizeof(uint64_t);
    for (uint64_t i = 0; i < kMany; ++i) numbers.push_back(i);
    for (uint64_t i = 0; i < kMany; i += 1009) REQUIRE(numbers[i] == i);
    numbers.resize(10);
    numbers.shrink_to_fit();
    CHECK(numbers.back() == 9);
}

TEST_CASE("large bytes begin at a huge page") {
    const LargeBytes bytes = make_large_bytes(kHugePage + 1);
    CHECK(reinterpret_cast<uintptr_t>(bytes.get()) % kHugePage == 0);
    bytes[0] = 'a';
    bytes[kHugePage] = 'z';
    CHECK(bytes[0] == 'a');
}
