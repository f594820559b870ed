// /audit: who did what, for administrators; and how other resources add to it.
#include "api/audited.h"
#include "api/people_json.h"
#include "auth/gate.h"

namespace yagura::api {
namespace {

using http::Response;

constexpr uint64_t kMostRows = 1000;

Result<Response> list_audit(Call& call) {
    YAGURA_TRY(const uint64_t limit, call.number("limit", 100, kMostRows));
    YAGURA_TRY(const uint64_t offset, call.number("offset", 0, uint64_t{1} << 40));
    auth::AuditLog& log = call.services.gate->audit();
    YAGURA_TRY(const auth::AuditPage page, log.page(limit, offset));
    YAGURA_TRY(const auth::AuditCheck check, log.recent_check());
    std::string out;
    JsonObject answer(out);
    answer.key("items");
    JsonList items(out);
    for (const auth::AuditRow& each : page.rows) {
        JsonObject row(items.next());
        row.integer("id", each.id);
        write_time(row, "time", each.time);
        write_text(row, out, "who", each.entry.who);
        write_text(row, out, "address", each.entry.address);
        write_text(row, out, "action", each.entry.action);
        write_text(row, out, "target", each.entry.target);
        write_text(row, out, "detail", each.entry.detail);
        write_text(row, out, "result", each.entry.result);
        row.close();
    }
    items.close();
    answer.integer("total", page.total);
    answer.boolean("chain_ok", check.is_ok);
    if (!check.is_ok) answer.text("chain_problem", check.problem);
    answer.close();
    return private_json(std::move(out));
}

// clang-format off
constexpr Parameter kPage[] = {
    {"limit", "integer", {"rows, at most 1000", "件数（最大 1000）"}},
    {"offset", "integer", {"rows to leave out", "読み飛ばす件数"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/audit", .role = Role::admin,
     .summary = {"The audit log, newest first, and whether its chain holds", "監査ログ（新しい順）と連鎖の検証結果"},
     .parameters = kPage, .answer = "AuditList", .handle = list_audit},
};
// clang-format on

}  // namespace

auth::Actor actor_of(const Call& call) {
    return {call.who.name, call.request.peer};
}

Result<void> audit(const Call& call,
                   std::string_view action,
                   std::string_view target,
                   std::string_view detail,
                   std::string_view result) {
    if (!call.services.gate) return {};
    return call.services.gate->audit().write({.who = call.who.name,
                                              .address = call.request.peer,
                                              .action = std::string(action),
                                              .target = std::string(target),
                                              .detail = std::string(detail),
                                              .result = std::string(result)});
}

extern const Resource audit_log;
const Resource audit_log{"audit_log", kRoutes};

}  // namespace yagura::api
