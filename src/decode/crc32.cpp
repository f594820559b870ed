// A checksum is the remainder of a polynomial, and a remainder does not change when 256 bytes at
// the front are multiplied by x^2048 and added to the 256 behind them. So a long text is folded
// onto its own 256 bytes, and those and what is left go to libdeflate. Multiplying is what
// VPCLMULQDQ does, four lanes at a time; libdeflate as distributions have it knows only the one of
// one lane, and its sum takes an eighth of the time of inflating. See Gopal et al., Fast CRC
// Computation for Generic Polynomials Using PCLMULQDQ (Intel, 2009).

#include "decode/crc32.h"

#include <cstddef>

#include <libdeflate.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace yagura::decode {
namespace {

#ifdef __x86_64__

constexpr size_t kFold = 256;  // bytes
constexpr size_t kLane = 64;

// x^power modulo the polynomial, as the instruction takes it: bits in reverse, one place up.
constexpr uint64_t power_of_x(unsigned power) {
    uint32_t rest = 0x80000000;
    for (unsigned i = 0; i < power; ++i) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xEDB88320 : 0);
    return uint64_t{rest} << 1;
}
constexpr uint64_t kLow = power_of_x(8 * kFold + 32);   // for the first 8 bytes of 16
constexpr uint64_t kHigh = power_of_x(8 * kFold - 32);  // for the others
static_assert(power_of_x(512 + 32) == 0x154442BD4 && power_of_x(512 - 32) == 0x1C6E41596,
              "as printed in the paper");

bool has_wide_multiply() {
    return __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx512f");
}

[[gnu::target("avx512f,vpclmulqdq")]] uint32_t crc32_wide(const char* at, size_t size) {
    const __m512i factors = _mm512_set4_epi64(kHigh, kLow, kHigh, kLow);
    // The sum begins with all bits set, which is adding them to the first four bytes.
    __m512i a =
        _mm512_xor_si512(_mm512_loadu_si512(at), _mm512_zextsi128_si512(_mm_cvtsi32_si128(-1)));
    __m512i b = _mm512_loadu_si512(at + kLane);
    __m512i c = _mm512_loadu_si512(at + 2 * kLane);
    __m512i d = _mm512_loadu_si512(at + 3 * kLane);
    const auto fold = [&](__m512i sum, const char* next)
        __attribute__((target("avx512f,vpclmulqdq"))) {
        return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(sum, factors, 0x00),
                                         _mm512_clmulepi64_epi128(sum, factors, 0x11),
                                         _mm512_loadu_si512(next),
                                         0x96);
    };
    const char* const end = at + size;
    for (at += kFold; static_cast<size_t>(end - at) >= kFold; at += kFold) {
        a = fold(a, at);
        b = fold(b, at + kLane);
        c = fold(c, at + 2 * kLane);
        d = fold(d, at + 3 * kLane);
    }
    alignas(kLane) char folded[kFold];
    _mm512_store_si512(folded, a);
    _mm512_store_si512(folded + kLane, b);
    _mm512_store_si512(folded + 2 * kLane, c);
    _mm512_store_si512(folded + 3 * kLane, d);
    // From a sum of no bits, which libdeflate, as it inverts, calls all.
    const uint32_t sum = libdeflate_crc32(UINT32_MAX, folded, kFold);
    return libdeflate_crc32(sum, at, static_cast<size_t>(end - at));
}

#endif

}  // namespace

uint32_t crc32(std::string_view bytes) {
#ifdef __x86_64__
    static const bool is_wide = has_wide_multiply();
    if (is_wide && bytes.size() >= 2 * kFold) return crc32_wide(bytes.data(), bytes.size());
#endif
    return libdeflate_crc32(0, bytes.data(), bytes.size());
}

}  // namespace yagura::decode
