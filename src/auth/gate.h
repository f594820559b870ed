// The way into the console: everything about people in one place, shared by the API and `yagura
// user`.
//
//   YAGURA_TRY(const auto gate, auth::Gate::open(lake));
//   YAGURA_TRY(const SignIn answer, gate->sign_in(name, password, client));
//   YAGURA_TRY(const auto who, gate->sessions().find(cookie));
//
// Kept in LAKE/console/auth.sqlite; see docs/console-security.md. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/audit.h"
#include "auth/failure_rows.h"
#include "auth/file.h"
#include "auth/password.h"
#include "auth/people.h"
#include "auth/sessions.h"
#include "auth/throttle.h"
#include "auth/throttle_rows.h"
#include "auth/tokens.h"

namespace yagura::auth {

// What came of a name and a password. Unknown names, disabled people and wrong passwords are told
// apart nowhere but in the audit log.
struct SignIn {
    enum class State : uint8_t { signed_in, refused, throttled };
    State state = State::refused;
    std::chrono::seconds wait{};  // throttled: before the next try
    NewSession session = {};      // signed_in
};

class Gate {
  public:
    struct Options {
        Clock clock = current_time;
        Randomness randomness = system_randomness();
        PasswordHasher::Options hashing = {};
        Throttle::Options throttle = {};
        Sessions::Options sessions = {};
    };

    // Opens LAKE/console/auth.sqlite, and makes it when it is missing.
    static Result<std::unique_ptr<Gate>> open(const std::filesystem::path& lake);
    static Result<std::unique_ptr<Gate>> open(const std::filesystem::path& lake, Options options);

    // A new session for who knows the password; `replaced` is the cookie they came with, if any.
    Result<SignIn> sign_in(std::string_view name,
                           std::string_view password,
                           const Client& client,
                           std::string_view replaced = {});

    // The first administrator, signed in. Code::conflict when there is one already.
    Result<NewSession> set_up(const NewPerson& person, const Client& client);

    // Of the person themselves: all their sessions end and a new one begins. refused: `current` is
    // wrong.
    Result<SignIn> change_password(const Principal& who,
                                   std::string_view current,
                                   std::string_view wanted,
                                   const Client& client);

    // While nobody is administrator: everyone at this machine is (see setup_required()).
    Principal local() const;
    // Once false it stays so, as the last administrator cannot go.
    Result<bool> setup_required();

    People& people() { return people_; }
    Sessions& sessions() { return sessions_; }
    Tokens& tokens() { return tokens_; }
    AuditLog& audit() { return audit_; }
    const PasswordHasher& hasher() const { return hasher_; }

  private:
    Gate(std::unique_ptr<File> file, Options options);
    // Whether the password is right, with the throttle around it; nullopt: wait.
    struct Proof {
        bool is_right = false;
        std::chrono::seconds wait{};
    };
    Result<Proof> prove(std::string_view name, std::string_view password, const Client& client);
    void keep_throttle(std::string_view name, const Client& client);
    static SignIn failed(const Proof& proof);
    Result<void> tell_failure(std::string_view name, const Client& client, const Proof& proof);

    std::unique_ptr<File> file_;
    AuditLog audit_;
    PasswordHasher hasher_;
    Throttle throttle_;
    ThrottleRows throttle_rows_;
    People people_;
    Sessions sessions_;
    Tokens tokens_;
    std::string local_csrf_;
    std::atomic<bool> is_set_up_{false};
    FailureRows failures_;
};

}  // namespace yagura::auth
