// /views: screens people saved, for themselves or for others.
#include "api/audited.h"
#include "api/finding_json.h"
#include "api/finding_request.h"
#include "api/people_json.h"
#include "base/messages/console.h"
#include "console/console.h"

namespace yagura::api {
namespace {

using http::Response;

void write_view(std::string& out, const console::View& view) {
    JsonObject row(out);
    row.text("id", std::to_string(view.id));
    row.text("kind", view.kind);
    write_text(row, out, "name", view.name);
    write_text(row, out, "state", view.state);
    if (!view.query.empty()) row.text("query", view.query);
    write_text(row, out, "owner", view.owner);
    row.boolean("shared", view.shared);
    write_time(row, "updated", view.updated);
    row.close();
}

Result<console::View> read_view(const Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    console::View view;
    YAGURA_TRY(view.kind, need_text(body, "kind"));
    YAGURA_TRY(view.name, need_text(body, "name"));
    YAGURA_TRY(auto state, read_text(body, "state"));
    YAGURA_TRY(auto query, read_text(body, "query"));
    YAGURA_TRY(const auto shared, read_boolean(body, "shared"));
    view.state = state.value_or("");
    view.query = query.value_or("");
    view.shared = shared.value_or(false);
    view.owner = call.who.name;
    view.scope = call.who.accounts;
    view.updated = call.services.now();
    return view;
}

Result<int64_t> id_of(const Call& call) {
    const auto id = call.id();
    if (!id) return fail(Code::not_found, say(message::console_no_view));
    return *id;
}

Result<Response> list_views(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const auto views, console->views.visible(call.who.name, call.who.accounts));
    const auto kind = call.request.parameter("kind").value_or("");
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const console::View& view : views)
        if (kind.empty() || view.kind == kind) write_view(items.next(), view);
    items.close();
    return private_json(out + "}");
}

Result<Response> add_view(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(console::View view, read_view(call));
    YAGURA_TRY(view.id, console->views.add(view));
    YAGURA_CHECK(audit(call, "view.add", std::to_string(view.id), view.name));
    std::string out;
    write_view(out, view);
    return private_json(std::move(out));
}

Result<Response> replace_view(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(console::View view, read_view(call));
    YAGURA_TRY(view.id, id_of(call));
    YAGURA_CHECK(console->views.replace(view));
    YAGURA_CHECK(audit(call, "view.change", std::to_string(view.id), view.name));
    std::string out;
    write_view(out, view);
    return private_json(std::move(out));
}

Result<Response> remove_view(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const int64_t id, id_of(call));
    YAGURA_CHECK(console->views.remove(id, call.who.name));
    YAGURA_CHECK(audit(call, "view.remove", std::to_string(id)));
    return private_json("{}");
}

// clang-format off
constexpr Parameter kListParameters[] = {
    {.name = "kind", .title = {"discover, query or findings", "discover、query、findings のいずれか"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/views", .role = Role::viewer,
     .summary = {"Saved views: one's own and shared ones", "保存したビュー（自分のものと共有されたもの）"}, .parameters = kListParameters,
     .answer = "ViewList", .handle = list_views},
    {.method = Method::post, .path = "/views", .role = Role::analyst,
     .summary = {"Save a view", "ビューを保存する"}, .asks = "NewView", .answer = "View", .handle = add_view},
    {.method = Method::put, .path = "/views/{id}", .role = Role::analyst,
     .summary = {"Replace a view of one's own", "自分のビューを置き換える"}, .asks = "NewView", .answer = "View", .handle = replace_view},
    {.method = Method::del, .path = "/views/{id}", .role = Role::analyst,
     .summary = {"Remove a view of one's own", "自分のビューを削除する"}, .handle = remove_view},
};
// clang-format on

}  // namespace

extern const Resource views;
const Resource views{"views", kRoutes};

}  // namespace yagura::api
