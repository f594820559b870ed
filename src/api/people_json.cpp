#include "api/people_json.h"

#include "base/messages/http.h"
#include "base/text.h"

namespace yagura::api {
namespace {

Error wrong(std::string_view key, const Text& wanted) {
    return {Code::invalid, say(message::http_bad_member, key, wanted.in(language()))};
}

constexpr Text kText{"a text", "文字列"};
constexpr Text kBoolean{"true or false", "true か false"};
constexpr Text kRole{"viewer, analyst, responder or admin",
                     "viewer、analyst、responder、admin のいずれか"};
constexpr Text kAccounts{"a list of account ids, or null for all",
                         "アカウント ID のリスト、または全アカウントを表す null"};
constexpr Text kTime{"a time such as 2026-11-22T03:04:05Z", "2026-11-22T03:04:05Z のような時刻"};

}  // namespace

void write_accounts(JsonObject& row, std::string& out, const AccountScope& accounts) {
    if (accounts.is_all()) return row.raw("accounts", "null");
    row.key("accounts");
    append_json_list(out, accounts.accounts());
}

void write_text(JsonObject& row, std::string& out, std::string_view key, std::string_view text) {
    row.key(key);
    append_json(out, text);
}

void write_time(JsonObject& row, std::string_view key, const std::optional<Timestamp>& time) {
    if (time) row.text(key, format_iso8601(*time));
}

Result<std::optional<auth::Role>> read_role(const http::Json& body) {
    const http::Json* value = body.find("role");
    if (!value) return std::nullopt;
    const auto role = auth::role_from_name(value->as_text().value_or(""));
    if (!role) return wrong("role", kRole);
    return role;
}

Result<std::optional<AccountScope>> read_accounts(const http::Json& body) {
    if (!body.find("accounts")) return std::nullopt;
    YAGURA_TRY(AccountScope accounts, need_accounts(body));
    return accounts;
}

Result<AccountScope> need_accounts(const http::Json& body) {
    const http::Json* value = body.find("accounts");
    if (!value) return fail(Code::invalid, say(message::http_say_accounts));
    if (value->is_null()) return AccountScope::all();
    if (!value->is_list()) return wrong("accounts", kAccounts);
    std::vector<std::string> ids;
    for (const http::Json& id : value->as_list()) {
        if (!id.as_text()) return wrong("accounts", kAccounts);
        ids.emplace_back(*id.as_text());
    }
    // More likely an empty form than somebody who is to see nothing.
    if (ids.empty()) return wrong("accounts", kAccounts);
    return AccountScope::of(std::move(ids));
}

Result<std::optional<std::string>> read_text(const http::Json& body, std::string_view key) {
    const http::Json* value = body.find(key);
    if (!value) return std::nullopt;
    if (!value->as_text()) return wrong(key, kText);
    return std::string(*value->as_text());
}

Result<std::optional<bool>> read_boolean(const http::Json& body, std::string_view key) {
    const http::Json* value = body.find(key);
    if (!value) return std::nullopt;
    if (!value->as_boolean()) return wrong(key, kBoolean);
    return value->as_boolean();
}

Result<std::optional<Timestamp>> read_time(const http::Json& body, std::string_view key) {
    const http::Json* value = body.find(key);
    if (!value || value->is_null()) return std::nullopt;
    const auto time = parse_iso8601(value->as_text().value_or(""));
    if (!time) return wrong(key, kTime);
    return time;
}

Result<std::string> need_text(const http::Json& body, std::string_view key) {
    YAGURA_TRY(auto text, read_text(body, key));
    if (!text) return wrong(key, kText);
    return std::move(*text);
}

http::Response private_json(std::string body) {
    return http::Response::json(std::move(body)).with("cache-control", "no-store");
}

}  // namespace yagura::api
