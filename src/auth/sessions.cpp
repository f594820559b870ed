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
                    int64_t now) {
    YAGURA_TRY(auto row, database.prepare("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)"));
    row.bind_blob(1, kept_form(session.secret));
    row.bind(2, session.who.session);
    row.bind(3, person);
    row.bind(4, clipped(client.address, kLongestClient));
    row.bind(5, clipped(client.user_agent, kLongestClient));
    row.bind(6, now);
    row.bind(7, now);
    return row.run();
}

Result<void> remove_secret(sqlite::Database& database, std::string_view secret) {
    YAGURA_TRY(auto row, database.prepare("DELETE FROM sessions WHERE secret = ?"));
    row.bind_blob(1, kept_form(secret));
    return row.run();
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
        const int64_t now = to_micros(file_.now());
        YAGURA_CHECK(insert(database, session, known.id, client, now));
        YAGURA_TRY(auto login, database.prepare("UPDATE people SET last_login = ? WHERE id = ?"));
        login.bind(1, now);
        login.bind(2, known.id);
        YAGURA_CHECK(login.run());
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
    YAGURA_TRY(auto over,
               database.prepare("DELETE FROM sessions WHERE last_used <= ? OR created <= ?"));
    over.bind(1, to_micros(idle_since()));
    over.bind(2, to_micros(begun_since()));
    YAGURA_CHECK(over.run());
    YAGURA_TRY(auto many,
               database.prepare(
                   "DELETE FROM sessions WHERE secret IN (SELECT secret FROM sessions "
                   "WHERE person = ? ORDER BY last_used DESC, created DESC LIMIT -1 OFFSET ?)"));
    many.bind(1, person);
    many.bind(2, static_cast<int64_t>(options_.most_per_person) - 1);
    return many.run();
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
                "s.created > ? AND p.disabled = 0"));
        row.bind_blob(1, kept_form(secret));
        row.bind(2, to_micros(idle_since()));
        row.bind(3, to_micros(begun_since()));
        YAGURA_TRY(const bool found, row.step());
        if (!found) return {};
        last_used = from_micros(row.integer(1));
        who.emplace();
        who->session = row.text(0);
        who->name = row.text(2);
        who->role = static_cast<Role>(row.integer(3));
        who->accounts = row.is_null(4) ? AccountScope::all() : accounts_from(row.text(4));
        who->csrf = csrf_of(secret);
        return {};
    }));
    if (who) YAGURA_CHECK(touch(secret, last_used));
    return who;
}

Result<void> Sessions::touch(std::string_view secret, Timestamp last_used) {
    const Timestamp now = file_.now();
    if (now - last_used < kTouchEvery) return {};
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(auto row,
                   database.prepare("UPDATE sessions SET last_used = ? WHERE secret = ?"));
        row.bind(1, to_micros(now));
        row.bind_blob(2, kept_form(secret));
        return row.run();
    });
}

Result<std::vector<SessionRow>> Sessions::list(std::string_view name) {
    std::vector<SessionRow> sessions;
    YAGURA_CHECK(file_.look([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(auto row,
                   database.prepare(
                       "SELECT s.id, p.name, s.address, s.user_agent, s.created, s.last_used FROM "
                       "sessions s JOIN people p ON p.id = s.person WHERE s.last_used > ? AND "
                       "s.created > ? AND p.disabled = 0 AND (?3 = '' OR p.name = ?3) "
                       "ORDER BY s.last_used DESC, s.id LIMIT 10000"));
        row.bind(1, to_micros(idle_since()));
        row.bind(2, to_micros(begun_since()));
        row.bind(3, name);
        return each_row(row, [&] {
            sessions.push_back({std::string(row.text(0)),
                                std::string(row.text(1)),
                                std::string(row.text(2)),
                                std::string(row.text(3)),
                                from_micros(row.integer(4)),
                                from_micros(row.integer(5))});
        });
    }));
    return sessions;
}

Result<void> Sessions::revoke(std::string_view id, std::string_view owner, const Actor& actor) {
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(auto row,
                   database.prepare("DELETE FROM sessions WHERE id = ?1 AND (?2 = '' OR person = "
                                    "(SELECT id FROM people WHERE name = ?2))"));
        row.bind(1, id);
        row.bind(2, owner);
        YAGURA_CHECK(row.run());
        if (database.changes() == 0) return no_session();
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = "session.revoke",
                             .target = std::string(id)});
    });
}

Result<void> Sessions::revoke_all(std::string_view name,
                                  std::string_view kept,
                                  const Actor& actor) {
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(auto row,
                   database.prepare("DELETE FROM sessions WHERE id != ? AND person = "
                                    "(SELECT id FROM people WHERE name = ?)"));
        row.bind(1, kept);
        row.bind(2, name);
        YAGURA_CHECK(row.run());
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = "session.revoke",
                             .target = std::string(name),
                             .detail = std::to_string(database.changes())});
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
