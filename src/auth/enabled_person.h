// Inside auth/ only: a person who may sign in, as the file has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/principal.h"
#include "base/account_scope.h"
#include "base/result.h"
#include "sqlite/database.h"

namespace yagura::auth {

struct EnabledPerson {
    int64_t id = 0;
    std::string name;
    Role role = Role::viewer;
    AccountScope accounts;
};

// Code::not_found when nobody has the name, or whoever has it is disabled.
Result<EnabledPerson> enabled_person(sqlite::Database& database, std::string_view name);

// Accounts as a column keeps them: NULL is all of them.
std::optional<std::string> kept_scope(const AccountScope& accounts);
AccountScope scope_at(const sqlite::Statement& row, int column);

}  // namespace yagura::auth
