// Chance that repeats: the same seed gives the same incident on every machine and in every run.
//
//   Random random = Random(seed).fork("production/console");   // independent of every other fork
//   if (random.chance(0.02)) ...
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yagura::simulate {

// SplitMix64 (Steele, Lea, Flood 2014): one addition and two multiplications per number.
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}

    // A stream of its own for everything called `name`; adding one name changes no other stream.
    Random fork(std::string_view name) const;

    uint64_t next() {
        state_ += 0x9E3779B97F4A7C15ULL;
        uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }

    // 0 ≤ result < bound; bound must not be 0.
    uint64_t below(uint64_t bound) {
        return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
    }
    // low ≤ result ≤ high
    int64_t between(int64_t low, int64_t high) {
        return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low) + 1));
    }
    // 0 ≤ result < 1
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    bool chance(double probability) { return unit() < probability; }

    // Index below `bound` where index i comes about 1/(i+1) as often as the first (Zipf, s = 1).
    uint64_t zipf(uint64_t bound);

    // Waiting time with this mean, and number of arrivals with this mean.
    double exponential(double mean);
    uint64_t poisson(double mean);

    template <class Container>
    const auto& pick(const Container& items) {
        return items[below(std::size(items))];
    }
    template <class Container>
    const auto& pick_zipf(const Container& items) {
        return items[zipf(std::size(items))];
    }

  private:
    uint64_t state_;
};

// Characters of the alphabets AWS uses in identifiers, `count` of them.
void append_hex(std::string& out, Random& random, int count);
void append_base32(std::string& out, Random& random, int count);  // A–Z 2–7: key and principal ids
void append_alnum(std::string& out, Random& random, int count);  // A–Z a–z 0–9: file names
void append_upper(std::string& out, Random& random, int count);  // A–Z 0–9: S3 request ids
void append_base64(std::string& out, Random& random, int count);
void append_uuid(std::string& out, Random& random);  // version 4

}  // namespace yagura::simulate
