#include "simulate/random.h"

#include <cmath>

#include "base/hash.h"

namespace yagura::simulate {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kUpper = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kAlnum =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Eight characters from one random number, one byte each. Alphabets whose size does not divide 256
// come out a little uneven, which nobody reading identifiers can tell.
void append_from(std::string& out, Random& random, std::string_view alphabet, int count) {
    uint64_t bits = 0;
    for (int i = 0; i < count; ++i) {
        if (i % 8 == 0) bits = random.next();
        out.push_back(alphabet[((bits & 0xFF) * alphabet.size()) >> 8]);
        bits >>= 8;
    }
}

}  // namespace

Random Random::fork(std::string_view name) const {
    return Random(hash64(name, state_));
}

uint64_t Random::zipf(uint64_t bound) {
    const auto index = static_cast<uint64_t>(std::pow(static_cast<double>(bound + 1), unit())) - 1;
    return index < bound ? index : bound - 1;
}

double Random::exponential(double mean) {
    return -mean * std::log1p(-unit());
}

// Knuth's product for small means; a rounded normal for large ones, where it is close enough.
uint64_t Random::poisson(double mean) {
    if (mean > 30) {
        const double angle = 6.283185307179586 * unit();
        const double normal = std::sqrt(-2 * std::log1p(-unit())) * std::cos(angle);
        const double value = mean + std::sqrt(mean) * normal + 0.5;
        return value > 0 ? static_cast<uint64_t>(value) : 0;
    }
    const double limit = std::exp(-mean);
    uint64_t count = 0;
    for (double product = unit(); product > limit; product *= unit()) ++count;
    return count;
}

void append_hex(std::string& out, Random& random, int count) {
    append_from(out, random, kHex, count);
}

void append_base32(std::string& out, Random& random, int count) {
    append_from(out, random, kBase32, count);
}

void append_alnum(std::string& out, Random& random, int count) {
    append_from(out, random, kAlnum, count);
}

void append_upper(std::string& out, Random& random, int count) {
    append_from(out, random, kUpper, count);
}

void append_base64(std::string& out, Random& random, int count) {
    append_from(out, random, kBase64, count);
}

void append_uuid(std::string& out, Random& random) {
    char text[36];
    uint64_t bits = random.next();
    for (int i = 0; i < 36; ++i) {
        if (i == 18) bits = random.next();
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            text[i] = '-';
        } else {
            text[i] = kHex[bits & 15];
            bits >>= 4;
        }
    }
    text[14] = '4';
    text[19] = "89ab"[(text[19] & 3)];
    out.append(text, 36);
}

}  // namespace yagura::simulate
