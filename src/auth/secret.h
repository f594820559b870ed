// Secrets that stand for a person: made at random, shown once, kept only as their SHA-256.
//
//   const std::string secret = make_secret(randomness);     // to the browser
//   file.run("INSERT …", sqlite::Blob{kept_form(secret)});  // to the file
//
// Such secrets hold 256 bits, so a plain hash is enough; passwords need password.h.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace yagura::auth {

// Fills the bytes at random. Called from any thread.
using Randomness = std::function<void(std::span<uint8_t>)>;

// The system's cryptographic source.
Randomness system_randomness();

// 32 random bytes as base64url, 43 characters.
std::string make_secret(const Randomness& randomness);

// A short name for something that has a secret; may be shown to everyone. 16 hex digits.
std::string make_id(const Randomness& randomness);

// What is stored of a secret: 32 bytes.
std::string kept_form(std::string_view secret);

// What a changing request of a browser must carry beside the cookie `secret`. It follows from the
// secret, which scripts cannot read, and does not tell it.
std::string csrf_of(std::string_view secret);

// Takes as long whatever differs.
bool is_same_secret(std::string_view a, std::string_view b);

}  // namespace yagura::auth
