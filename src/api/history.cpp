// /history: what one asked before. Nobody sees what others asked.
#include "api/finding_json.h"
#include "api/people_json.h"
#include "console/console.h"

namespace yagura::api {
namespace {

using console::PastQuestion;
using http::Response;

void write_question(std::string& out, const PastQuestion& question) {
    JsonObject row(out);
    write_time(row, "time", question.time);
    row.text("kind", question.kind);
    write_text(row, out, "text", question.text);
    if (!question.from.empty()) row.text("from", question.from);
    if (!question.to.empty()) row.text("to", question.to);
    if (!question.types.empty()) row.text("types", question.types);
    if (question.rows) row.integer("rows", *question.rows);
    if (question.elapsed_ms) row.integer("elapsed_ms", *question.elapsed_ms);
    row.close();
}

Result<Response> list_history(Call& call) {
    YAGURA_TRY(console::Console * console, console_of(call));
    const auto kind = call.request.parameter("kind").value_or("");
    YAGURA_TRY(const auto history, console->history.of(call.who.name, kind));
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const PastQuestion& question : history) write_question(items.next(), question);
    items.close();
    return private_json(out + "}");
}

Result<Response> add_history(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(console::Console * console, console_of(call));
    PastQuestion question;
    question.time = call.services.now();
    YAGURA_TRY(question.kind, need_text(body, "kind"));
    YAGURA_TRY(question.text, need_text(body, "text"));
    question.from = body.text("from");
    question.to = body.text("to");
    question.types = body.text("types");
    question.rows = body.integer("rows");
    question.elapsed_ms = body.integer("elapsed_ms");
    YAGURA_CHECK(console->history.add(call.who.name, question));
    return private_json("{}");
}

// clang-format off
constexpr Parameter kListParameters[] = {
    {.name = "kind", .title = {"discover, query or findings", "discover、query、findings のいずれか"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/history", .role = Role::analyst,
     .summary = {"One's own questions, latest first", "自分の質問の履歴（新しい順）"}, .parameters = kListParameters,
     .answer = "History", .handle = list_history},
    {.method = Method::post, .path = "/history", .role = Role::analyst,
     .summary = {"Remember a question", "質問を履歴に残す"}, .asks = "PastQuestion", .handle = add_history},
};
// clang-format on

}  // namespace

extern const Resource history;
const Resource history{"history", kRoutes};

}  // namespace yagura::api
