#include "base/hash.h"

#include <openssl/evp.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace yagura {

uint64_t hash64(std::string_view bytes, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(std::string_view bytes, uint64_t seed) {
    const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
    return {hash.low64, hash.high64};
}

namespace {

// Looked up once: EVP_sha256() asks all providers each time, which takes as long as a small file.
const EVP_MD* sha256_method() {
    static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return method ? method : EVP_sha256();
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
    Sha256 digest{};
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, sha256_method(), nullptr);
    return digest;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), sha256_method(), nullptr);
}

Sha256Stream::~Sha256Stream() {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}

void Sha256Stream::update(std::string_view bytes) {
    EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size());
}

Sha256 Sha256Stream::finish() {
    Sha256 digest{};
    EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), digest.data(), nullptr);
    return digest;
}

Sha256 Sha256Stream::so_far() const {
    Sha256 digest{};
    EVP_MD_CTX* copy = EVP_MD_CTX_new();
    EVP_MD_CTX_copy_ex(copy, static_cast<const EVP_MD_CTX*>(context_));
    EVP_DigestFinal_ex(copy, digest.data(), nullptr);
    EVP_MD_CTX_free(copy);
    return digest;
}

std::string to_hex(const Sha256& digest) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(64);
    for (const uint8_t byte : digest) {
        out.push_back(kDigits[byte >> 4]);
        out.push_back(kDigits[byte & 15]);
    }
    return out;
}

}  // namespace yagura
