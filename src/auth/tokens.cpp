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

std::optional<Timestamp> time_at(const sqlite::Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return from_micros(row.integer(column));
}

void bind_time(sqlite::Statement& row, int index, const std::optional<Timestamp>& time) {
    time ? row.bind(index, to_micros(*time)) : row.bind_null(index);
}

TokenRow read_token(const sqlite::Statement& row) {
    return {std::string(row.text(0)),
            std::string(row.text(1)),
            std::string(row.text(2)),
            static_cast<Role>(row.integer(3)),
            scope_at(row, 4),
            from_micros(row.integer(5)),
            time_at(row, 6),
            time_at(row, 7)};
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
    YAGURA_TRY(auto row, database.prepare("SELECT count(*) FROM tokens WHERE person = ?"));
    row.bind(1, person);
    YAGURA_CHECK(row.step());
    if (row.integer(0) < static_cast<int64_t>(Tokens::kMostPerPerson)) return {};
    return fail(Code::limit, say(message::auth_tokens_many, Tokens::kMostPerPerson));
}

Result<void> insert(sqlite::Database& database, const NewToken& token, int64_t person) {
    YAGURA_TRY(auto row,
               database.prepare("INSERT INTO tokens(secret, id, person, label, role, accounts, "
                                "created, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
    row.bind_blob(1, kept_form(token.secret));
    row.bind(2, token.row.id);
    row.bind(3, person);
    row.bind(4, token.row.label);
    row.bind(5, static_cast<int64_t>(token.row.role));
    if (token.row.accounts.is_all()) {
        row.bind_null(6);
    } else {
        row.bind(6, accounts_text(token.row.accounts));
    }
    row.bind(7, to_micros(token.row.created));
    bind_time(row, 8, token.row.expires);
    return row.run();
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
                       "(t.expires IS NULL OR t.expires > ?) AND p.disabled = 0"));
        row.bind_blob(1, kept_form(secret));
        row.bind(2, to_micros(file_.now()));
        YAGURA_TRY(const bool found, row.step());
        if (!found) return {};
        last_used = time_at(row, 4);
        who.emplace();
        who->session = row.text(0);
        who->name = row.text(1);
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
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(auto row, database.prepare("UPDATE tokens SET last_used = ? WHERE secret = ?"));
        row.bind(1, to_micros(now));
        row.bind_blob(2, kept_form(secret));
        return row.run();
    });
}

Result<std::vector<TokenRow>> Tokens::list(std::string_view owner) {
    std::vector<TokenRow> tokens;
    YAGURA_CHECK(file_.look([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(auto row,
                   database.prepare("SELECT " + std::string(kTokenColumns) +
                                    " FROM tokens t JOIN people p ON p.id = t.person WHERE "
                                    "?1 = '' OR p.name = ?1 ORDER BY t.created DESC, t.id"));
        row.bind(1, owner);
        return each_row(row, [&] { tokens.push_back(read_token(row)); });
    }));
    return tokens;
}

Result<void> Tokens::remove(std::string_view id, std::string_view owner, const Actor& actor) {
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_TRY(auto row,
                   database.prepare("DELETE FROM tokens WHERE id = ?1 AND (?2 = '' OR person = "
                                    "(SELECT id FROM people WHERE name = ?2))"));
        row.bind(1, id);
        row.bind(2, owner);
        YAGURA_CHECK(row.run());
        if (database.changes() == 0) return fail(Code::not_found, say(message::auth_no_token));
        return audit_.write(database,
                            {.who = actor.name,
                             .address = actor.address,
                             .action = "token.remove",
                             .target = std::string(id)});
    });
}

}  // namespace yagura::auth
