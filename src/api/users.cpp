// /users: who may use the console, for administrators.
#include "api/audited.h"
#include "api/people_json.h"
#include "auth/gate.h"

namespace yagura::api {
namespace {

using http::Response;

void write_person(std::string& out, const auth::Person& person) {
    JsonObject row(out);
    row.text("name", person.name);
    row.text("role", auth::role_name(person.role));
    write_accounts(row, out, person.accounts);
    if (!person.language.empty()) row.text("language", person.language);
    write_time(row, "created", person.created);
    write_time(row, "last_login", person.last_login);
    row.boolean("disabled", person.is_disabled);
    row.close();
}

Result<Response> one_person(const Call& call, std::string_view name) {
    YAGURA_TRY(const auth::Person person, call.services.gate->people().find(name));
    std::string out;
    write_person(out, person);
    return private_json(std::move(out));
}

Result<Response> list_people(Call& call) {
    YAGURA_TRY(const auto people, call.services.gate->people().list());
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const auth::Person& person : people) write_person(items.next(), person);
    items.close();
    return private_json(out + "}");
}

Result<Response> add_person(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    auth::NewPerson person;
    YAGURA_TRY(person.name, need_text(body, "name"));
    YAGURA_TRY(person.password, need_text(body, "password"));
    YAGURA_TRY(const auto role, read_role(body));
    YAGURA_TRY(person.accounts, need_accounts(body));
    YAGURA_TRY(auto language, read_text(body, "language"));
    person.role = role.value_or(Role::viewer);
    person.language = language.value_or("");
    YAGURA_CHECK(call.services.gate->people().add(person, actor_of(call)));
    return one_person(call, person.name);
}

Result<Response> change_person(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    auth::PersonChange change;
    YAGURA_TRY(change.role, read_role(body));
    YAGURA_TRY(change.accounts, read_accounts(body));
    YAGURA_TRY(change.language, read_text(body, "language"));
    YAGURA_TRY(change.is_disabled, read_boolean(body, "disabled"));
    YAGURA_TRY(change.password, read_text(body, "password"));
    YAGURA_CHECK(call.services.gate->people().change(call.part("name"), change, actor_of(call)));
    return one_person(call, call.part("name"));
}

Result<Response> remove_person(Call& call) {
    YAGURA_CHECK(call.services.gate->people().remove(call.part("name"), actor_of(call)));
    return private_json("{}");
}

// clang-format off
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/users", .role = Role::admin,
     .summary = {"All users", "ユーザーの一覧"}, .answer = "UserList", .handle = list_people},
    {.method = Method::post, .path = "/users", .role = Role::admin,
     .summary = {"Add a user", "ユーザーを追加する"}, .asks = "NewUser", .answer = "User", .handle = add_person},
    {.method = Method::patch, .path = "/users/{name}", .role = Role::admin,
     .summary = {"Change role, accounts, language or password, disable or enable", "役割・アカウント・言語・パスワードの変更、無効化、有効化"},
     .asks = "UserChange", .answer = "User", .handle = change_person},
    {.method = Method::del, .path = "/users/{name}", .role = Role::admin,
     .summary = {"Remove a user with all sessions and tokens", "ユーザーをセッション・トークンごと削除する"}, .handle = remove_person},
};
// clang-format on

}  // namespace

extern const Resource users;
const Resource users{"users", kRoutes};

}  // namespace yagura::api
