#include "auth/enabled_person.h"

#include "auth/names.h"
#include "base/messages/auth.h"

namespace yagura::auth {

Result<EnabledPerson> enabled_person(sqlite::Database& database, std::string_view name) {
    YAGURA_TRY(auto row,
               database.prepare("SELECT id, name, role, accounts FROM people WHERE name = ? AND "
                                "disabled = 0",
                                name));
    YAGURA_TRY(const bool found, row.step());
    if (!found)
        return fail(Code::not_found, say(message::auth_no_person, clipped(name, kLongestName)));
    EnabledPerson person;
    row.read(person.id, person.name, person.role);
    person.accounts = scope_at(row, 3);
    return person;
}

std::optional<std::string> kept_scope(const AccountScope& accounts) {
    if (accounts.is_all()) return std::nullopt;
    return accounts_text(accounts);
}

AccountScope scope_at(const sqlite::Statement& row, int column) {
    return row.is_null(column) ? AccountScope::all() : accounts_from(row.text(column));
}

}  // namespace yagura::auth
