#include "auth/secret.h"

#include <array>
#include <cstdlib>

#include <sodium.h>

#include "base/hash.h"

namespace yagura::auth {
namespace {

constexpr size_t kSecretBytes = 32;

std::string base64url(std::span<const uint8_t> bytes) {
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
    text.pop_back();  // the library's final NUL
    return text;
}

}  // namespace

Randomness system_randomness() {
    // Safe to call again and from several threads.
    if (sodium_init() < 0) std::abort();
    return [](std::span<uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); };
}

std::string make_secret(const Randomness& randomness) {
    std::array<uint8_t, kSecretBytes> bytes{};
    randomness(bytes);
    return base64url(bytes);
}

std::string make_id(const Randomness& randomness) {
    std::array<uint8_t, 8> bytes{};
    randomness(bytes);
    std::string text(2 * bytes.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

std::string kept_form(std::string_view secret) {
    const Sha256 digest = sha256(secret);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string csrf_of(std::string_view secret) {
    return base64url(sha256(std::string("yagura csrf\n").append(secret)));
}

bool is_same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace yagura::auth
