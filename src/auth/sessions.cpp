#include "auth/sessions.h"

#include "auth/enabled_person.h"
#include "auth/names.h"
#include "base/messages/auth.h"

namespace yagura::auth {
namespace {

constexpr std::chrono::minutes kTouchEvery{1};
constexpr size_t kLongestClient = 256;

Error no_session() {
    return {Code::not_found, say(message::auth_no_session)};
}

Result<void> insert(sqlite::Database& database,
                    const NewSession& session,
                    int64_t person,
                    const Client& client,
                    Timestamp now) {
    return database.run("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)",
                        sqlite::Blob{kept_form(session.secret)},
                        session.who.session,
                        person,
                        clipped(client.address, kLongestClient),
                        clipped(client.user_agent, kLongestClient),
                        now,
                        now);
}

Result<void> remove_secret(sqlite::Database& database, std::string_view secret) {
    return database.run("DELETE FROM sessions WHERE secret = ?", sqlite::Blob{kept_form(secret)});
}

}  // namespace

Result<NewSession> Sessions::open(const Identity& identity,
                                  const Client& client,
                                  std::string_view replaced) {
    NewSession session;
    YAGURA_CHECK(file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(EnabledPerson known, enabled_person(database, identity.name));
        session.who.name = std::move(known.name);
        session.who.role = known.role;
        session.who.accounts = std::move(known.accounts);
        session.secret = make_secret(file_.randomness());
        session.who.session = make_id(file_.randomness());
        session.who.csrf = csrf_of(session.secret);
        if (!replaced.empty()) YAGURA_CHECK(remove_secret(database, replaced));
        YAGURA_CHECK(clean(database, known.id));
        const Timestamp now = file_.now();
        YAGURA_CHECK(insert(database, session, known.id, client, now));
        YAGURA_CHECK(database.run("UPDATE people SET last_login = ? WHERE id = ?", now, known.id));
        return audit_.write(database,
                            {.who = session.who.name,
                             .address = client.address,
                             .action = "login",
                             .target = session.who.session,
                             .detail = identity.way});
    }));
    return session;
}

// Removes what is over, and of this person's the least used beyond the bound, with room for one.
Result<void> Sessions::clean(sqlite::Database& database, int64_t person) {
    YAGURA_CHECK(database.run(
        "DELETE FROM sessions WHERE last_used <= ? OR created <= ?", idle_since(), begun_since()));
    return database.run(
        "DELETE FROM sessions WHERE secret IN (SELECT secret FROM sessions "
        "WHERE person = ? ORDER BY last_used DESC, created DESC LIMIT -1 OFFSET ?)",
        person,
        static_cast<int64_t>(options_.most_per_person) - 1);
}

Result<std::optional<Principal>> Sessions::find(std::string_view secret) {
    if (secret.empty()) return std::nullopt;
    std::optional<Principal> who;
    Timestamp last_used;
    YAGURA_CHECK(file_.look([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(
            auto row,
            database.prepare(
                "SELECT s.id, s.last_used, p.name, p.role, p.accounts FROM sessions s "
                "JOIN people p ON p.id = s.person WHERE s.secret = ? AND s.last_used > ? AND "
                "s.created > ? AND p.disabled = 0",
                sqlite::Blob{kept_form(secret)},
                idle_since(),
                begun_since()));
        YAGURA_TRY(const bool found, row.step());
        if (!found) return {};
        who.emplace();
        row.read(who->session, last_used, who->name, who->role);
        who->accounts = scope_at(row, 4);
        who->csrf = csrf_of(secret);
        return {};
    }));
    if (who) YAGURA_CHECK(touch(secret, last_used));
    return who;
}

Result<void> Sessions::touch(std::string_view secret, Timestamp last_used) {
    const Timestamp now = file_.now();
    if (now - last_used < kTouchEvery) return {};
    return file_.change([&](sqlite::Database& database) {
        return database.run("UPDATE sessions SET last_used = ? WHERE secret = ?",
                            now,
                            sqlite::Blob{kept_form(secret)});
    });
}

Result<std::vector<SessionRow>> Sessions::list(std::string_view name) {
    return file_.look([&](sqlite::Database& database) -> Result<std::vector<SessionRow>> {
        YAGURA_TRY(auto rows,
                   database.prepare(
                       "SELECT s.id, p.name, s.address, s.user_agent, s.created, s.last_used FROM "
                       "sessions s JOIN people p ON p.id = s.person WHERE s.last_used > ? AND "
                       "s.created > ? AND p.disabled = 0 AND (?3 = '' OR p.name = ?3) "
                       "ORDER BY s.last_used DESC, s.id LIMIT 10000",
                       idle_since(),
                       begun_since(),
                       name));
        return rows.all([](const sqlite::Statement& row) {
            SessionRow s;
            row.read(s.id, s.name, s.address, s.user_agent, s.created, s.last_used);
            return s;
        });
    });
}

Result<void> Sessions::revoke(std::string_view id, std::string_view owner, const Actor& actor) {
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_CHECK(
            database.run("DELETE FROM sessions WHERE id = ?1 AND (?2 = '' OR person = "
                         "(SELECT id FROM people WHERE name = ?2))",
                         id,
                         owner));
        if (database.changes() == 0) return no_session();
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = "session.revoke",
                             .target = std::string(id)});
    });
}

Result<void> Sessions::close(std::string_view secret, const Actor& actor) {
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_CHECK(remove_secret(database, secret));
        if (database.changes() == 0) return {};
        return audit_.write(database,
                            {.who = actor.name, .address = actor.address, .action = "logout"});
    });
}

}  // namespace yagura::auth
