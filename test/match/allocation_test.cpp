// Matching allocates nothing once its buffers have grown, whether values are remembered or not.
#include <atomic>
#include <cstdlib>
#include <new>

#include <doctest/doctest.h>

#include "match/fixture.h"
#include "match/generate.h"

namespace {
std::atomic<size_t> allocations{0};
}

// The address sanitizer has allocation functions of its own; there only the answers are checked.
#ifndef __SANITIZE_ADDRESS__
[[gnu::noinline]] void* operator new(size_t size) {
    ++allocations;
    if (void* out = std::malloc(size)) return out;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
    std::free(memory);
}
#endif

using namespace yagura;
using namespace yagura::match;

namespace {

size_t allocations_per_round(size_t memo_bytes) {
    Generator generator(5);
    generator.leave_out_terms();
    std::vector<std::string> records;
    for (int i = 0; i < 50; ++i) records.push_back(generator.event());
    std::vector<Rule> rules;
    for (int i = 0; i < 100; ++i) rules.push_back(generator.rule());
    Tuning tuning;
    tuning.memo_bytes = memo_bytes;
    Bench bench(std::move(rules), logtype::Shape::json, tuning);
    std::vector<uint32_t> hits;
    hits.reserve(10'000);
    size_t during = 0;
    for (int round = 0; round < 3; ++round) {
        during = 0;
        for (const std::string& record : records) {
            REQUIRE(bench.read(record));
            const size_t before = allocations;
            hits.clear();
            bench.fast_into(hits);
            during += allocations - before;
        }
    }
    return during;
}

}  // namespace

TEST_CASE("matching allocates nothing once its buffers have grown") {
    CHECK(allocations_per_round(size_t{1} << 20) == 0);
    CHECK(allocations_per_round(0) == 0);
}
