#include "auth/password.h"

#include <cstring>

#include <sodium.h>

#include "auth/secret.h"
#include "base/messages/auth.h"
#include "base/text.h"

namespace yagura::auth {
namespace {

// Long enough, and still among the first that are tried.
constexpr std::string_view kTriedFirst[] = {
    "123456789012", "1234567890123", "12345678901234", "123456123456",     "1234567891011",
    "password1234", "password12345", "password123456", "passwordpassword", "password123!",
    "qwertyuiop12", "qwertyuiop123", "qwerty123456",   "qwertyuiopasdf",   "1q2w3e4r5t6y",
    "1qaz2wsx3edc", "administrator", "administrator1", "adminadmin123",    "letmein12345",
    "welcome12345", "changeme1234",  "iloveyou1234",   "abcdefghijkl",     "yagurayagura",
    "yagura123456",
};

size_t count_code_points(std::string_view text) {
    size_t count = 0;
    for (size_t i = 0; i < text.size(); ++count) next_code_point(text, i);
    return count;
}

// "aaaaaaaaaaaa", "121212121212": fewer than five different characters.
bool is_monotonous(std::string_view text) {
    bool seen[256] = {};
    int different = 0;
    for (const char c : text) {
        bool& known = seen[static_cast<unsigned char>(c)];
        different += known ? 0 : 1;
        known = true;
    }
    return different < 5;
}

bool is_tried_first(std::string_view password) {
    for (const std::string_view each : kTriedFirst) {
        if (equals_ignore_case(each, password)) return true;
    }
    return is_monotonous(password);
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
    if (is_tried_first(password)) return fail(Code::invalid, say(message::auth_password_common));
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
    const bool right =
        crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
    return right && !kept.empty();
}

bool PasswordHasher::is_outdated(std::string_view kept) const {
    const std::string text(kept);
    return crypto_pwhash_str_needs_rehash(text.c_str(), options_.passes, options_.memory_bytes) !=
           0;
}

}  // namespace yagura::auth
