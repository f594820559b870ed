// Hashes: fast ones for tables (XXH3), SHA-256 for identity of content.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace yagura {

struct Hash128 {
    uint64_t low = 0;
    uint64_t high = 0;
    friend bool operator==(const Hash128&, const Hash128&) = default;
};

uint64_t hash64(std::string_view bytes, uint64_t seed = 0);
Hash128 hash128(std::string_view bytes, uint64_t seed = 0);

using Sha256 = std::array<uint8_t, 32>;
Sha256 sha256(std::string_view bytes);
std::string to_hex(const Sha256& digest);

// SHA-256 of bytes that come in pieces.
class Sha256Stream {
  public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(const Sha256Stream&) = delete;
    Sha256Stream& operator=(const Sha256Stream&) = delete;
    void update(std::string_view bytes);
    Sha256 finish();
    // Of the bytes so far; more may follow.
    Sha256 so_far() const;

  private:
    void* context_;
};

// Transparent hasher, so string-keyed maps are searched with views.
struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return hash64(text); }
};

}  // namespace yagura
