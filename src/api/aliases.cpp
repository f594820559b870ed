// /aliases: what people call their accounts.
#include "api/audited.h"
#include "api/finding_json.h"
#include "api/people_json.h"
#include "base/messages/console.h"
#include "console/console.h"

namespace yagura::api {
namespace {

using http::Response;

Result<Response> list_aliases(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const auto aliases, console->aliases.all());
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const auto& [account, alias] : *aliases) {
        if (!call.who.accounts.contains(account)) continue;
        JsonObject row(items.next());
        row.text("account", account);
        write_text(row, out, "alias", alias.alias);
        if (!alias.note.empty()) row.text("note", alias.note);
        row.close();
    }
    items.close();
    return private_json(out + "}");
}

// What is named is set, what one saw and did not name is taken away.
Result<Response> put_aliases(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(console::Console * console, console_of(call));
    if (!body.find("items") || !body.find("items")->is_list())
        return fail(Code::invalid, say(message::console_needs, "items"));
    std::vector<console::Alias> wanted;
    for (const http::Json& item : body.list("items")) {
        console::Alias alias;
        YAGURA_TRY(alias.account, need_text(item, "account"));
        YAGURA_TRY(alias.alias, need_text(item, "alias"));
        YAGURA_TRY(auto note, read_text(item, "note"));
        alias.note = note.value_or("");
        if (!call.who.accounts.contains(alias.account))
            return fail(Code::forbidden, say(message::console_other_account, alias.account));
        wanted.push_back(std::move(alias));
    }
    YAGURA_TRY(const auto before, console->aliases.all());
    for (const auto& known : *before) {
        const std::string& account = known.first;
        const bool is_named = std::any_of(
            wanted.begin(), wanted.end(), [&](const auto& one) { return one.account == account; });
        if (!is_named && call.who.accounts.contains(account)) wanted.push_back({account, "", ""});
    }
    YAGURA_CHECK(console->aliases.put(wanted));
    YAGURA_CHECK(audit(call, "alias.set", std::to_string(wanted.size())));
    return list_aliases(call);
}

// clang-format off
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/aliases", .role = Role::viewer,
     .summary = {"Names of accounts", "アカウントの別名"}, .answer = "AliasList", .handle = list_aliases},
    {.method = Method::put, .path = "/aliases", .role = Role::admin,
     .summary = {"Set all names of accounts", "アカウントの別名をまとめて設定する"}, .asks = "AliasList", .answer = "AliasList", .handle = put_aliases},
};
// clang-format on

}  // namespace

extern const Resource aliases;
const Resource aliases{"aliases", kRoutes};

}  // namespace yagura::api
