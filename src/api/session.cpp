// /session, /login, /logout, /setup/password, /password, /sessions: being signed in.
#include "api/audited.h"
#include "api/identity.h"
#include "api/people_json.h"
#include "base/messages/auth.h"
#include "base/messages/http.h"

namespace yagura::api {
namespace {

using http::Response;

// What a browser knows about itself; `who` is null when nobody is signed in.
Result<std::string> session_json(const Call& call, const auth::Principal* who) {
    auth::Gate& gate = *call.services.gate;
    YAGURA_TRY(const bool setup_required, gate.setup_required());
    std::string out;
    JsonObject row(out);
    row.boolean("authenticated", who != nullptr);
    row.boolean("setup_required", setup_required);
    if (who) {
        row.text("name", who->name);
        row.text("role", auth::role_name(who->role));
        write_accounts(row, out, who->accounts);
        if (!who->csrf.empty()) row.text("csrf", who->csrf);
        const auto person = gate.people().find(who->name);
        if (person && !person->language.empty()) row.text("language", person->language);
    }
    row.text("version", call.services.version);
    row.close();
    return out;
}

Result<Response> show_session(Call& call) {
    YAGURA_TRY(std::string body, session_json(call, call.who.name.empty() ? nullptr : &call.who));
    return private_json(std::move(body));
}

Result<Response> with_session(const Call& call, const auth::NewSession& session) {
    YAGURA_TRY(std::string body, session_json(call, &session.who));
    return private_json(std::move(body))
        .with("set-cookie", session_cookie(call.request, session.secret));
}

Response throttled(std::chrono::seconds wait) {
    return http::error_response(429, "throttled", say(message::auth_wait, wait.count()))
        .with("retry-after", std::to_string(wait.count()));
}

Result<Response> log_in(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(const std::string name, need_text(body, "name"));
    YAGURA_TRY(const std::string password, need_text(body, "password"));
    YAGURA_TRY(const auth::SignIn answer,
               call.services.gate->sign_in(
                   name, password, client_of(call.request), session_secret(call.request)));
    switch (answer.state) {
        case auth::SignIn::State::signed_in:
            return with_session(call, answer.session);
        case auth::SignIn::State::throttled:
            return throttled(answer.wait);
        case auth::SignIn::State::refused:
            break;
    }
    return fail(Code::unauthorized, say(message::auth_wrong));
}

Result<Response> log_out(Call& call) {
    const std::string_view secret = session_secret(call.request);
    if (!secret.empty()) YAGURA_CHECK(call.services.gate->sessions().close(secret, actor_of(call)));
    return private_json("{}").with("set-cookie", session_cookie(call.request, ""));
}

Result<Response> set_up(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    auth::NewPerson person;
    YAGURA_TRY(person.name, need_text(body, "name"));
    YAGURA_TRY(person.password, need_text(body, "password"));
    YAGURA_TRY(auto language, read_text(body, "language"));
    person.language = language.value_or("");
    YAGURA_TRY(const auth::NewSession session,
               call.services.gate->set_up(person, client_of(call.request)));
    return with_session(call, session);
}

Result<void> refuse_tokens(const Call& call) {
    if (!call.who.is_token()) return {};
    return fail(Code::forbidden, say(message::http_not_by_token));
}

Result<Response> change_password(Call& call) {
    YAGURA_CHECK(refuse_tokens(call));
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(const std::string current, need_text(body, "current"));
    YAGURA_TRY(const std::string wanted, need_text(body, "new"));
    YAGURA_TRY(
        const auth::SignIn answer,
        call.services.gate->change_password(call.who, current, wanted, client_of(call.request)));
    if (answer.state == auth::SignIn::State::throttled) return throttled(answer.wait);
    if (answer.state == auth::SignIn::State::refused)
        return fail(Code::invalid, say(message::auth_wrong_current));
    return with_session(call, answer.session);
}

Result<Response> list_sessions(Call& call) {
    const bool wants_all = call.request.parameter("all").value_or("") == "true";
    if (wants_all && !call.who.may(Role::admin))
        return fail(Code::forbidden, say(message::http_forbidden, auth::role_name(Role::admin)));
    const std::string_view owner = wants_all ? std::string_view() : std::string_view(call.who.name);
    YAGURA_TRY(const auto sessions, call.services.gate->sessions().list(owner));
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const auth::SessionRow& session : sessions) {
        JsonObject row(items.next());
        row.text("id", session.id);
        row.text("name", session.name);
        write_text(row, out, "address", session.address);
        write_text(row, out, "user_agent", session.user_agent);
        write_time(row, "created", session.created);
        write_time(row, "last_used", session.last_used);
        row.boolean("current", session.id == call.who.session);
        row.close();
    }
    items.close();
    return private_json(out + "}");
}

Result<Response> end_session(Call& call) {
    const std::string_view owner = call.who.may(Role::admin) ? "" : std::string_view(call.who.name);
    YAGURA_CHECK(call.services.gate->sessions().revoke(call.part("id"), owner, actor_of(call)));
    return private_json("{}");
}

// clang-format off
constexpr Parameter kAll[] = {
    {"all", "boolean", {"those of everybody, for administrators", "全員分（管理者のみ）"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/session", .access = Access::everyone,
     .summary = {"Who is signed in", "サインイン中の利用者"}, .answer = "Session", .handle = show_session},
    {.method = Method::post, .path = "/login", .access = Access::everyone,
     .summary = {"Sign in; the session comes as a cookie", "サインインする（セッションは Cookie で返る）"},
     .asks = "Login", .answer = "Session", .handle = log_in},
    {.method = Method::post, .path = "/logout",
     .summary = {"Sign out", "サインアウトする"}, .handle = log_out},
    {.method = Method::post, .path = "/setup/password", .role = Role::admin,
     .summary = {"Make the first administrator and sign in", "最初の管理者を作成してサインインする"},
     .asks = "FirstAdmin", .answer = "Session", .handle = set_up},
    {.method = Method::post, .path = "/password",
     .summary = {"Change one's own password; all sessions end and a new one begins",
                 "自分のパスワードを変更する（全セッションが終了し、新しいセッションが始まる）"},
     .asks = "PasswordChange", .answer = "Session", .handle = change_password},
    {.method = Method::get, .path = "/sessions",
     .summary = {"One's own sessions", "自分のセッション一覧"}, .parameters = kAll,
     .answer = "SessionList", .handle = list_sessions},
    {.method = Method::del, .path = "/sessions/{id}",
     .summary = {"End a session", "セッションを終了する"}, .handle = end_session},
};
// clang-format on

}  // namespace

extern const Resource session;
const Resource session{"session", kRoutes};

}  // namespace yagura::api
