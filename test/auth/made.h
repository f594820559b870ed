// A gate in a folder of its own, with a clock that stands still and cheap hashes.
//
//   MadeGate made;
//   made->people().add({.name = "mika", .password = kPassword}, kActor);
//   made.pass(31min);                      // the clock moves on
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "auth/gate.h"
#include "support/folder.h"
#include "support/must.h"

namespace yagura::auth {

using test::Folder;
using test::must;

inline constexpr std::string_view kPassword = "correct horse battery";
inline constexpr std::string_view kOtherPassword = "staple of another kind";
inline const Actor kActor{"root", "192.0.2.1"};
inline const Client kClient{"192.0.2.7", "Browser/1.0"};

// The code of an error that has to be there.
template <class T>
Code code_of(const Result<T>& result) {
    REQUIRE(!result.has_value());
    return result.error().code();
}

class MadeGate {
  public:
    MadeGate() : MadeGate(cheap()) {}
    explicit MadeGate(Gate::Options options) : options_(std::move(options)) {
        options_.clock = [this] { return from_micros(now_.load()); };
        open();
    }
    MadeGate(const MadeGate&) = delete;
    MadeGate& operator=(const MadeGate&) = delete;

    static Gate::Options cheap() {
        Gate::Options options;
        options.hashing.passes = 1;
        options.hashing.memory_bytes = 8192;
        options.hashing.at_once = 8;
        options.hashing.waiting = 64;
        return options;
    }

    Gate* operator->() { return gate_.get(); }
    Gate& operator*() { return *gate_; }
    // As after a restart of the program.
    void open() {
        gate_.reset();
        gate_ = must(Gate::open(lake_.path(), options_));
    }
    void pass(std::chrono::microseconds time) { now_ += time.count(); }
    Timestamp now() const { return from_micros(now_.load()); }
    std::filesystem::path file() const { return lake_ / "console/auth.sqlite"; }
    const std::filesystem::path& lake() const { return lake_.path(); }

    void add(std::string_view name,
             Role role = Role::viewer,
             AccountScope accounts = AccountScope::all()) {
        must(gate_->people().add({.name = std::string(name),
                                  .password = std::string(kPassword),
                                  .role = role,
                                  .accounts = std::move(accounts)},
                                 kActor));
    }
    NewSession signed_in(std::string_view name, std::string_view password = kPassword) {
        SignIn answer = must(gate_->sign_in(name, password, kClient));
        REQUIRE(answer.state == SignIn::State::signed_in);
        return std::move(answer.session);
    }
    // Changes the file behind the gate's back.
    void tamper(const char* sql) {
        auto database = must(sqlite::Database::open(file(), sqlite::Mode::write));
        must(database.execute(sql));
    }

  private:
    Folder lake_;
    Gate::Options options_;
    std::atomic<int64_t> now_{1'795'000'000'000'000};  // 2026-11-18
    std::unique_ptr<Gate> gate_;
};

}  // namespace yagura::auth
