#include "auth/tokens.h"

#include <algorithm>

#include "auth/enabled_person.h"
#include "auth/names.h"
#include "base/messages/auth.h"
#include "base/text.h"

namespace yagura::auth {
namespace {

constexpr std::chrono::minutes kTouchEvery{1};

constexpr std::string_view kTokenColumns =
    "t.id, p.name, t.label, t.role, t.accounts, t.created, t.last_used, t.expires";

TokenRow read_token(const sqlite::Statement& row) {
    TokenRow token;
    row.read(token.id, token.name, token.label, token.role);
    token.accounts = scope_at(row, 4);
    row.read_at(5, token.created);
    row.read_at(6, token.last_used);
    row.read_at(7, token.expires);
    return token;
}

Result<void> check_wish(const TokenWish& wish, Timestamp now) {
    if (trim(wish.label).empty() || wish.label.size() > Tokens::kLongestLabel ||
        !is_valid_utf8(wish.label))
        return fail(Code::invalid, say(message::auth_token_label, Tokens::kLongestLabel));
    if (wish.expires && *wish.expires <= now)
        return fail(Code::invalid, say(message::auth_token_past));
    if (wish.accounts) return check_accounts(*wish.accounts);
    return {};
}

// The role a wish without one gets: administrators see all accounts, so a token for some of them
// is worth one role less.
Role role_within(Role role, const AccountScope& accounts) {
    return accounts.is_all() ? role : std::min(role, Role::responder);
}

Result<void> check_within(const TokenRow& token, const EnabledPerson& owner) {
    if (token.role > owner.role || !owner.accounts.contains(token.accounts))
        return fail(Code::forbidden, say(message::auth_token_beyond));
    if (token.role != role_within(token.role, token.accounts))
        return fail(Code::invalid, say(message::auth_admin_accounts));
    return {};
}

Result<void> check_room(sqlite::Database& database, int64_t person) {
    YAGURA_TRY(const int64_t count,
               database.number("SELECT count(*) FROM tokens WHERE person = ?", person));
    if (count < static_cast<int64_t>(Tokens::kMostPerPerson)) return {};
    return fail(Code::limit, say(message::auth_tokens_many, Tokens::kMostPerPerson));
}

Result<void> insert(sqlite::Database& database, const NewToken& token, int64_t person) {
    return database.run(
        "INSERT INTO tokens(secret, id, person, label, role, accounts, created, expires) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        sqlite::Blob{kept_form(token.secret)},
        token.row.id,
        person,
        token.row.label,
        token.row.role,
        kept_scope(token.row.accounts),
        token.row.created,
        token.row.expires);
}

}  // namespace

Result<NewToken> Tokens::add(std::string_view owner, const TokenWish& wish, const Actor& actor) {
    const Timestamp now = file_.now();
    YAGURA_CHECK(check_wish(wish, now));
    NewToken token;
    YAGURA_CHECK(file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(const EnabledPerson known, enabled_person(database, owner));
        YAGURA_CHECK(check_room(database, known.id));
        token.secret = std::string(kTokenPrefix) + make_secret(file_.randomness());
        TokenRow& row = token.row;
        row.id = make_id(file_.randomness());
        row.name = known.name;
        row.label = wish.label;
        row.accounts = wish.accounts.value_or(known.accounts);
        row.role = wish.role.value_or(role_within(known.role, row.accounts));
        row.created = now;
        row.expires = wish.expires;
        YAGURA_CHECK(check_within(row, known));
        YAGURA_CHECK(insert(database, token, known.id));
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = "token.add",
                             .target = row.id,
                             .detail = known.name + ": " + row.label});
    }));
    return token;
}

Result<std::optional<Principal>> Tokens::find(std::string_view secret) {
    if (!secret.starts_with(kTokenPrefix)) return std::nullopt;
    std::optional<Principal> who;
    std::optional<Timestamp> last_used;
    YAGURA_CHECK(file_.look([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(auto row,
                   database.prepare(
                       "SELECT t.id, p.name, t.role, t.accounts, t.last_used, p.role, p.accounts "
                       "FROM tokens t JOIN people p ON p.id = t.person WHERE t.secret = ? AND "
                       "(t.expires IS NULL OR t.expires > ?) AND p.disabled = 0",
                       sqlite::Blob{kept_form(secret)},
                       file_.now()));
        YAGURA_TRY(const bool found, row.step());
        if (!found) return {};
        row.read_at(4, last_used);
        who.emplace();
        row.read(who->session, who->name);
        who->accounts = scope_at(row, 3).intersected(scope_at(row, 6));
        const auto least = static_cast<Role>(std::min(row.integer(2), row.integer(5)));
        who->role = role_within(least, who->accounts);
        return {};
    }));
    if (who) YAGURA_CHECK(touch(secret, last_used));
    return who;
}

Result<void> Tokens::touch(std::string_view secret, std::optional<Timestamp> last_used) {
    const Timestamp now = file_.now();
    if (last_used && now - *last_used < kTouchEvery) return {};
    return file_.change([&](sqlite::Database& database) {
        return database.run("UPDATE tokens SET last_used = ? WHERE secret = ?",
                            now,
                            sqlite::Blob{kept_form(secret)});
    });
}

Result<std::vector<TokenRow>> Tokens::list(std::string_view owner) {
    return file_.look([&](sqlite::Database& database) -> Result<std::vector<TokenRow>> {
        YAGURA_TRY(auto rows,
                   database.prepare("SELECT " + std::string(kTokenColumns) +
                                        " FROM tokens t JOIN people p ON p.id = t.person WHERE "
                                        "?1 = '' OR p.name = ?1 ORDER BY t.created DESC, t.id",
                                    owner));
        return rows.all(read_token);
    });
}

Result<void> Tokens::remove(std::string_view id, std::string_view owner, const Actor& actor) {
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_CHECK(
            database.run("DELETE FROM tokens WHERE id = ?1 AND (?2 = '' OR person = "
                         "(SELECT id FROM people WHERE name = ?2))",
                         id,
                         owner));
        if (database.changes() == 0) return fail(Code::not_found, say(message::auth_no_token));
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = "token.remove",
                             .target = std::string(id)});
    });
}

}  // namespace yagura::auth
