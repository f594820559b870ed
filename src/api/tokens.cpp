// /tokens: API tokens for programs.
#include "api/audited.h"
#include "api/people_json.h"
#include "auth/gate.h"
#include "base/messages/http.h"

namespace yagura::api {
namespace {

using http::Response;

// `secret` only when it was just made.
void write_token(std::string& out, const auth::TokenRow& token, std::string_view secret = {}) {
    JsonObject row(out);
    row.text("id", token.id);
    row.text("name", token.name);
    row.text("label", token.label);
    row.text("role", auth::role_name(token.role));
    write_accounts(row, out, token.accounts);
    write_time(row, "created", token.created);
    write_time(row, "last_used", token.last_used);
    write_time(row, "expires", token.expires);
    if (!secret.empty()) row.text("secret", secret);
    row.close();
}

std::string_view owner_asked(const Call& call) {
    return call.who.may(Role::admin) ? std::string_view() : std::string_view(call.who.name);
}

Result<Response> list_tokens(Call& call) {
    YAGURA_TRY(const auto tokens, call.services.gate->tokens().list(owner_asked(call)));
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const auth::TokenRow& token : tokens) write_token(items.next(), token);
    items.close();
    return private_json(out + "}");
}

Result<Response> add_token(Call& call) {
    // A token could else outlive its own expiry and role.
    if (call.who.is_token()) return fail(Code::forbidden, say(message::http_not_by_token));
    YAGURA_TRY(const http::Json body, call.body());
    auth::TokenWish wish;
    YAGURA_TRY(wish.label, need_text(body, "label"));
    YAGURA_TRY(wish.role, read_role(body));
    YAGURA_TRY(wish.accounts, read_accounts(body));
    YAGURA_TRY(wish.expires, read_time(body, "expires"));
    YAGURA_TRY(const auth::NewToken token,
               call.services.gate->tokens().add(call.who.name, wish, actor_of(call)));
    std::string out;
    write_token(out, token.row, token.secret);
    return private_json(std::move(out));
}

Result<Response> remove_token(Call& call) {
    YAGURA_CHECK(
        call.services.gate->tokens().remove(call.part("id"), owner_asked(call), actor_of(call)));
    return private_json("{}");
}

// clang-format off
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/tokens",
     .summary = {"One's own API tokens; an administrator sees all", "自分の API トークン一覧（管理者は全員分）"},
     .answer = "TokenList", .handle = list_tokens},
    {.method = Method::post, .path = "/tokens",
     .summary = {"Make an API token; its secret is shown this once", "API トークンを発行する（値の表示はこの一度だけ）"},
     .asks = "NewToken", .answer = "Token", .handle = add_token},
    {.method = Method::del, .path = "/tokens/{id}",
     .summary = {"Remove an API token", "API トークンを削除する"}, .handle = remove_token},
};
// clang-format on

}  // namespace

extern const Resource tokens;
const Resource tokens{"tokens", kRoutes};

}  // namespace yagura::api
