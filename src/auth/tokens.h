// API tokens, for programs: `Authorization: Bearer yag_…`.
//
//   YAGURA_TRY(const NewToken token, tokens.add("mika", {.label = "export"}, actor));
//   YAGURA_TRY(const auto who, tokens.find(secret));          // nullopt: none, or over
//
// A token is never worth more than its owner: not when it is made, and not later, as the owner's
// role, accounts and being disabled are looked up at each use. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/audit.h"
#include "auth/file.h"
#include "auth/people.h"
#include "auth/principal.h"

namespace yagura::auth {

constexpr std::string_view kTokenPrefix = "yag_";

struct TokenWish {
    std::string label;
    std::optional<Role> role = {};              // the owner's when absent
    std::optional<AccountScope> accounts = {};  // the owner's when absent
    std::optional<Timestamp> expires = {};      // never when absent
};

struct TokenRow {
    std::string id;
    std::string name;  // of the owner
    std::string label;
    Role role = Role::viewer;
    AccountScope accounts;
    Timestamp created;
    std::optional<Timestamp> last_used;  // to the minute
    std::optional<Timestamp> expires;
};

struct NewToken {
    std::string secret;  // shown once
    TokenRow row;
};

class Tokens {
  public:
    static constexpr size_t kMostPerPerson = 20;
    static constexpr size_t kLongestLabel = 100;  // bytes

    Tokens(File& file, AuditLog& audit) : file_(file), audit_(audit) {}

    // Code::forbidden when the wish is beyond its owner.
    Result<NewToken> add(std::string_view owner, const TokenWish& wish, const Actor& actor);

    // Counts as use. The principal has no CSRF token: browsers do not send these by themselves.
    Result<std::optional<Principal>> find(std::string_view secret);

    // Of everybody when `owner` is empty; those that are over, too.
    Result<std::vector<TokenRow>> list(std::string_view owner);

    // Only of `owner` unless that is empty. Code::not_found when there is none.
    Result<void> remove(std::string_view id, std::string_view owner, const Actor& actor);

  private:
    Result<void> touch(std::string_view secret, std::optional<Timestamp> last_used);

    File& file_;
    AuditLog& audit_;
};

}  // namespace yagura::auth
