#include "auth/people.h"

#include "auth/enabled_person.h"
#include "auth/names.h"
#include "base/messages/auth.h"

namespace yagura::auth {
namespace {

constexpr std::string_view kColumns =
    "name, role, language, created, last_login, disabled, accounts";

Person read_person(const sqlite::Statement& row) {
    Person person;
    row.read(person.name,
             person.role,
             person.language,
             person.created,
             person.last_login,
             person.is_disabled);
    person.accounts = scope_at(row, 6);
    return person;
}

Error unknown(std::string_view name) {
    return {Code::not_found, say(message::auth_no_person, clipped(name, kLongestName))};
}

Result<int64_t> count(sqlite::Database& database, std::string_view what) {
    return database.number("SELECT count(*) FROM people " + std::string(what));
}

Result<int64_t> count_admins(sqlite::Database& database) {
    return count(database, "WHERE role = 3 AND disabled = 0");
}

Result<Person> read_named(sqlite::Database& database, std::string_view name) {
    YAGURA_TRY(
        auto row,
        database.prepare("SELECT " + std::string(kColumns) + " FROM people WHERE name = ?", name));
    YAGURA_TRY(const bool found, row.step());
    if (!found) return unknown(name);
    return read_person(row);
}

Result<void> check_admin_sees_all(Role role, const AccountScope& accounts) {
    if (role != Role::admin || accounts.is_all()) return {};
    return fail(Code::invalid, say(message::auth_admin_accounts));
}

Result<void> check_admin_left(sqlite::Database& database) {
    YAGURA_TRY(const int64_t admins, count_admins(database));
    if (admins > 0) return {};
    return fail(Code::conflict, say(message::auth_last_admin));
}

Result<void> check_language(std::string_view language) {
    if (language.empty() || language == "en" || language == "ja") return {};
    return fail(Code::invalid, say(message::auth_language));
}

// "role=analyst accounts=all disabled": what is kept of the change in the audit log.
std::string detail_of(const PersonChange& change) {
    std::string text;
    const auto add = [&](std::string_view part) {
        if (!text.empty()) text += ' ';
        text += part;
    };
    if (change.role) add("role=" + std::string(role_name(*change.role)));
    if (change.accounts)
        add("accounts=" + (change.accounts->is_all() ? "all" : accounts_text(*change.accounts)));
    if (change.language) add("language=" + *change.language);
    if (change.is_disabled) add(*change.is_disabled ? "disabled" : "enabled");
    if (change.password) add("password");
    return text;
}

Result<void> update(sqlite::Database& database, const Person& person, const std::string& password) {
    return database.run(
        "UPDATE people SET role = ?, accounts = ?, language = ?, disabled = ?, "
        "password = CASE WHEN ?5 = '' THEN password ELSE ?5 END WHERE name = ?6",
        person.role,
        kept_scope(person.accounts),
        person.language,
        person.is_disabled,
        password,
        person.name);
}

Result<void> end_sessions(sqlite::Database& database, std::string_view name) {
    return database.run(
        "DELETE FROM sessions WHERE person = (SELECT id FROM people WHERE name = ?)", name);
}

Result<void> set_password(sqlite::Database& database,
                          std::string_view name,
                          std::string_view before,
                          std::string_view after) {
    return database.run(
        "UPDATE people SET password = ? WHERE name = ? AND password = ?", after, name, before);
}

}  // namespace

Result<bool> People::setup_required() {
    YAGURA_TRY(const int64_t admins, file_.look(count_admins));
    return admins == 0;
}

Result<std::vector<Person>> People::list() {
    return file_.look([](sqlite::Database& database) -> Result<std::vector<Person>> {
        YAGURA_TRY(
            auto rows,
            database.prepare("SELECT " + std::string(kColumns) + " FROM people ORDER BY name"));
        return rows.all(read_person);
    });
}

Result<Person> People::find(std::string_view name) {
    auto normal = normal_name(name);
    if (!normal) return unknown(name);
    return file_.look([&](sqlite::Database& database) { return read_named(database, *normal); });
}

Result<void> People::add(const NewPerson& person, const Actor& actor) {
    return insert(person, actor, false);
}

Result<void> People::add_first(const NewPerson& person, const Actor& actor) {
    return insert(person, actor, true);
}

Result<void> People::insert(const NewPerson& person, const Actor& actor, bool is_first) {
    YAGURA_TRY(const std::string name, normal_name(person.name));
    YAGURA_CHECK(check_accounts(person.accounts));
    YAGURA_CHECK(check_admin_sees_all(person.role, person.accounts));
    YAGURA_CHECK(check_language(person.language));
    YAGURA_CHECK(check_password(name, person.password));
    YAGURA_TRY(const std::string password, hasher_.hash(person.password));
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(const int64_t admins, count_admins(database));
        if (is_first && admins > 0) return fail(Code::conflict, say(message::auth_is_set_up));
        YAGURA_TRY(const int64_t people, count(database, ""));
        if (people >= static_cast<int64_t>(kMost))
            return fail(Code::limit, say(message::auth_people_many, kMost));
        YAGURA_TRY(const int64_t same,
                   database.number("SELECT count(*) FROM people WHERE name = ?", name));
        if (same > 0) return fail(Code::conflict, say(message::auth_name_taken, name));
        YAGURA_CHECK(
            database.run("INSERT INTO people(name, password, role, accounts, language, created, "
                         "disabled) VALUES (?, ?, ?, ?, ?, ?, 0)",
                         name,
                         password,
                         person.role,
                         kept_scope(person.accounts),
                         person.language,
                         file_.now()));
        const PersonChange told{.role = person.role, .accounts = person.accounts};
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = is_first ? "setup" : "user.add",
                             .target = name,
                             .detail = detail_of(told)});
    });
}

Result<void> People::change(std::string_view name, const PersonChange& change, const Actor& actor) {
    YAGURA_TRY(const Person known, find(name));
    std::string password;
    if (change.password) {
        YAGURA_CHECK(check_password(known.name, *change.password));
        YAGURA_TRY(password, hasher_.hash(*change.password));
    }
    if (change.accounts) YAGURA_CHECK(check_accounts(*change.accounts));
    if (change.language) YAGURA_CHECK(check_language(*change.language));
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(Person person, read_named(database, known.name));
        const bool could_administrate = person.role == Role::admin && !person.is_disabled;
        person.role = change.role.value_or(person.role);
        person.accounts = change.accounts.value_or(person.accounts);
        person.language = change.language.value_or(person.language);
        person.is_disabled = change.is_disabled.value_or(person.is_disabled);
        YAGURA_CHECK(check_admin_sees_all(person.role, person.accounts));
        YAGURA_CHECK(update(database, person, password));
        if (could_administrate) YAGURA_CHECK(check_admin_left(database));
        if (!password.empty() || person.is_disabled)
            YAGURA_CHECK(end_sessions(database, person.name));
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = "user.change",
                             .target = person.name,
                             .detail = detail_of(change)});
    });
}

Result<void> People::remove(std::string_view name, const Actor& actor) {
    YAGURA_TRY(const Person known, find(name));
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(const Person person, read_named(database, known.name));
        YAGURA_CHECK(database.run("DELETE FROM people WHERE name = ?", person.name));
        if (person.role == Role::admin && !person.is_disabled)
            YAGURA_CHECK(check_admin_left(database));
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = "user.remove",
                             .target = person.name});
    });
}

Result<bool> People::is_password(std::string_view name, std::string_view password) {
    std::string kept;
    YAGURA_CHECK(file_.look([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(
            auto row,
            database.prepare("SELECT password FROM people WHERE name = ? AND disabled = 0", name));
        return row.each([&](const sqlite::Statement& found) { kept = found.text(0); });
    }));
    YAGURA_TRY(const bool right, hasher_.verify(password, kept));
    if (!right || !hasher_.is_outdated(kept)) return right;
    YAGURA_TRY(const std::string fresh, hasher_.hash(password));
    YAGURA_CHECK(file_.change(
        [&](sqlite::Database& database) { return set_password(database, name, kept, fresh); }));
    return true;
}

}  // namespace yagura::auth
