// Who may use the console, and how much of it.
//
//   YAGURA_CHECK(people.add({.name = "mika", .password = password, .role = Role::analyst}, actor));
//   YAGURA_TRY(const auto person, people.find("mika"));
//
// Every change is one transaction with its row in the audit log. The last administrator who can
// sign in cannot be removed, disabled or made less. Administrators see all accounts: who may add
// people could else give away what they do not see. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/audit.h"
#include "auth/file.h"
#include "auth/password.h"
#include "auth/principal.h"
#include "base/account_scope.h"

namespace yagura::auth {

// Who does something, for the audit log.
struct Actor {
    std::string name;
    std::string address;  // empty: at the machine itself
};

struct Person {
    std::string name;
    Role role = Role::viewer;
    AccountScope accounts;
    std::string language;  // "en", "ja" or empty: what the browser asks for
    Timestamp created;
    std::optional<Timestamp> last_login;
    bool is_disabled = false;
};

struct NewPerson {
    std::string name;
    std::string password;
    Role role = Role::viewer;
    AccountScope accounts = AccountScope::all();
    std::string language = {};
};

// What is absent stays.
struct PersonChange {
    std::optional<Role> role;
    std::optional<AccountScope> accounts;
    std::optional<std::string> language;
    std::optional<bool> is_disabled;
    std::optional<std::string> password;  // ends all sessions of the person
};

class People {
  public:
    static constexpr size_t kMost = 1000;

    People(File& file, PasswordHasher& hasher, AuditLog& audit)
        : file_(file), hasher_(hasher), audit_(audit) {}

    // No enabled administrator exists, so that nobody could sign in to add one.
    Result<bool> setup_required();

    Result<std::vector<Person>> list();
    Result<Person> find(std::string_view name);

    // Code::conflict when the name is taken.
    Result<void> add(const NewPerson& person, const Actor& actor);
    // The first administrator; Code::conflict when there is one.
    Result<void> add_first(const NewPerson& person, const Actor& actor);
    // Code::conflict when nobody would be left to administrate.
    Result<void> change(std::string_view name, const PersonChange& change, const Actor& actor);
    // With all sessions and tokens.
    Result<void> remove(std::string_view name, const Actor& actor);

    // Whether the password is that person's; false for unknown names and disabled people, at the
    // same cost. Hashes again when the cost has changed since.
    Result<bool> is_password(std::string_view name, std::string_view password);

  private:
    Result<void> insert(const NewPerson& person, const Actor& actor, bool is_first);

    File& file_;
    PasswordHasher& hasher_;
    AuditLog& audit_;
};

}  // namespace yagura::auth
