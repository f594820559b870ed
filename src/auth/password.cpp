#include "auth/password.h"

#include <cstring>

#include <sodium.h>

#include "auth/common_password.h"
#include "auth/secret.h"
#include "base/messages/auth.h"
#include "base/text.h"

namespace yagura::auth {
namespace {

size_t count_code_points(std::string_view text) {
    size_t count = 0;
    for (size_t i = 0; i < text.size(); ++count) next_code_point(text, i);
    return count;
}

}  // namespace

Result<void> check_password(std::string_view name, std::string_view password) {
    if (password.size() > kLongestPasswordBytes)
        return fail(Code::invalid, say(message::auth_password_long, kLongestPasswordBytes));
    if (!is_valid_utf8(password)) return fail(Code::invalid, say(message::auth_password_utf8));
    if (count_code_points(password) < kShortestPassword)
        return fail(Code::invalid, say(message::auth_password_short, kShortestPassword));
    if (fold_case(password) == fold_case(name))
        return fail(Code::invalid, say(message::auth_password_is_name));
    if (is_common(password)) return fail(Code::invalid, say(message::auth_password_common));
    return {};
}

class PasswordHasher::Room {
  public:
    explicit Room(PasswordHasher& hasher) : hasher_(hasher) {
        std::unique_lock lock(hasher_.mutex_);
        const Options& options = hasher_.options_;
        if (hasher_.working_ >= options.at_once && hasher_.waiting_ >= options.waiting) return;
        ++hasher_.waiting_;
        hasher_.freed_.wait(lock, [&] { return hasher_.working_ < options.at_once; });
        --hasher_.waiting_;
        ++hasher_.working_;
        ++hasher_.worked_;
        found_ = true;
    }
    ~Room() {
        if (!found_) return;
        {
            const std::lock_guard lock(hasher_.mutex_);
            --hasher_.working_;
        }
        hasher_.freed_.notify_one();
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    Result<void> found() const {
        if (!found_) return fail(Code::busy, say(message::auth_hashing_busy));
        return {};
    }

  private:
    PasswordHasher& hasher_;
    bool found_ = false;
};

PasswordHasher::PasswordHasher(const Options& options) : options_(options) {
    // A password nobody can type: longer than any that is accepted.
    if (auto nobody = hash(make_secret(system_randomness()).append(kLongestPasswordBytes, '.')))
        nobody_ = std::move(*nobody);
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
    const Room room(*this);
    YAGURA_CHECK(room.found());
    char kept[crypto_pwhash_STRBYTES] = {};
    if (crypto_pwhash_str_alg(kept,
                              password.data(),
                              password.size(),
                              options_.passes,
                              options_.memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(Code::limit, say(message::auth_hashing_memory));
    return std::string(kept);
}

Result<bool> PasswordHasher::verify(std::string_view password, std::string_view kept) {
    const std::string text(kept.empty() ? std::string_view(nobody_) : kept);
    if (text.size() >= crypto_pwhash_STRBYTES || password.size() > kLongestPasswordBytes)
        return false;
    const Room room(*this);
    YAGURA_CHECK(room.found());
    const std::string typed(password);  // never a null pointer
    const bool right = crypto_pwhash_str_verify(text.c_str(), typed.c_str(), typed.size()) == 0;
    return right && !kept.empty();
}

bool PasswordHasher::is_outdated(std::string_view kept) const {
    const std::string text(kept);
    return crypto_pwhash_str_needs_rehash(text.c_str(), options_.passes, options_.memory_bytes) !=
           0;
}

}  // namespace yagura::auth
