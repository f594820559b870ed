// Changing rules: save, delete, restore, enable and disable. Every change is a row of the audit
// log.
#include <fmt/format.h>

#include "api/audited.h"
#include "api/notes.h"
#include "api/people_json.h"
#include "api/rules.h"
#include "base/messages/desk.h"
#include "base/messages/rule.h"

namespace yagura::api {

using http::Response;

namespace {

// The rule as it now is, with what lint has to say.
Result<Response> now_is(const Call& call,
                        const desk::Saved& saved,
                        std::string_view text,
                        const std::string& file) {
    YAGURA_TRY(const RuleRows rows, RuleRows::of(call));
    YAGURA_TRY(const desk::RuleDesk* const desk, desk_of(call));
    const desk::Entry* entry = rows.shelf().find(saved.id);
    if (!entry) return Response::json("{}");
    std::string out;
    JsonObject row(out);
    rows.write(row, out, *entry);
    if (const auto source = desk->source(saved.id)) row.text("version", source->version);
    row.key("notes");
    write_notes(out, saved.notes, text, file);
    row.close();
    return Response::json(std::move(out));
}

std::string file_of(const desk::Saved& saved) {
    return saved.notes.empty() ? std::string() : saved.notes.front().file;
}

// The version that was edited: `base` of the body, else If-Match.
Result<std::optional<std::string>> base_of(const Call& call, const http::Json& body) {
    YAGURA_TRY(auto base, read_text(body, "base"));
    if (base && !base->empty()) return base;
    std::string_view tag = call.request.header("if-match");
    if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"')
        return std::optional<std::string>();
    return std::optional(std::string(tag.substr(1, tag.size() - 2)));
}

Result<Response> save(Call& call, desk::SaveRequest request, std::string_view action) {
    YAGURA_TRY(desk::RuleDesk* const desk, desk_of(call));
    YAGURA_TRY(const desk::Saved saved, desk->save(request));
    if (!saved.done) return refused(saved.notes, request.text, file_of(saved));
    if (call.services.costs) call.services.costs->forget(saved.id);
    YAGURA_CHECK(audit(call, action, saved.id));
    return now_is(call, saved, request.text, file_of(saved));
}

}  // namespace

Result<Response> add_rule(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(std::string text, need_text(body, "text"));
    return save(call, {"", std::move(text), std::nullopt}, "rule.add");
}

Result<Response> save_rule(Call& call) {
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(std::string text, need_text(body, "text"));
    YAGURA_TRY(auto base, base_of(call, body));
    return save(
        call, {std::string(call.part("id")), std::move(text), std::move(base)}, "rule.save");
}

Result<Response> remove_rule(Call& call) {
    YAGURA_TRY(desk::RuleDesk* const desk, desk_of(call));
    YAGURA_TRY(const desk::Saved removed, desk->remove(call.part("id")));
    if (!removed.done) return refused(removed.notes, "", "", 409, "conflict");
    if (call.services.costs) call.services.costs->forget(removed.id);
    YAGURA_CHECK(audit(call, "rule.delete", call.part("id")));
    return Response::json("{}");
}

Result<Response> restore_rule(Call& call) {
    YAGURA_TRY(desk::RuleDesk* const desk, desk_of(call));
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(const auto version, read_text(body, "version"));
    const std::string id(call.part("id"));
    YAGURA_TRY(const desk::Saved saved, desk->restore(id, version.value_or("")));
    if (!saved.done) return refused(saved.notes, "", file_of(saved), 409, "conflict");
    if (call.services.costs) call.services.costs->forget(saved.id);
    YAGURA_CHECK(audit(call, "rule.restore", id, version.value_or("")));
    YAGURA_TRY(const desk::Source source, desk->source(id));
    return now_is(call, saved, source.text, source.file);
}

Result<Response> list_versions(Call& call) {
    YAGURA_TRY(const desk::RuleDesk* const desk, desk_of(call));
    YAGURA_TRY(const auto versions, desk->versions(call.part("id")));
    std::string out;
    JsonObject answer(out);
    answer.key("items");
    JsonList items(out);
    for (const desk::Version& version : versions) {
        JsonObject row(items.next());
        row.text("version", version.name);
        row.text("time", format_iso8601(version.time));
        row.number("bytes", version.bytes);
        const auto text = desk->version_text(call.part("id"), version.name);
        write_text(row, out, "text", text ? *text : std::string());
        row.close();
    }
    items.close();
    answer.close();
    return Response::json(std::move(out));
}

Result<Response> enable_rule(Call& call) {
    YAGURA_TRY(desk::RuleDesk* const desk, desk_of(call));
    const std::string id(call.part("id"));
    YAGURA_CHECK(desk->enable(id));
    YAGURA_CHECK(audit(call, "rule.enable", id));
    return now_is(call, {true, id, {}}, "", "");
}

Result<Response> disable_rule(Call& call) {
    YAGURA_TRY(desk::RuleDesk* const desk, desk_of(call));
    YAGURA_TRY(const http::Json body, call.body());
    YAGURA_TRY(const auto reason, read_text(body, "reason"));
    const std::string id(call.part("id"));
    YAGURA_CHECK(desk->disable(id, call.who.name, reason.value_or("")));
    YAGURA_CHECK(audit(call, "rule.disable", id, reason.value_or("")));
    return now_is(call, {true, id, {}}, "", "");
}

// {level, reason}; without a level, or with null, the rule's own.
Result<Response> tune_level(Call& call) {
    YAGURA_TRY(desk::RuleDesk* const desk, desk_of(call));
    YAGURA_TRY(const http::Json body, call.body());
    std::optional<std::string> name;
    if (const http::Json* member = body.find("level"); member && !member->is_null()) {
        YAGURA_TRY(name, read_text(body, "level"));
    }
    YAGURA_TRY(const auto reason, read_text(body, "reason"));
    std::optional<match::Level> level;
    if (name && !name->empty()) {
        level = match::level_from_name(*name);
        if (!level) return fail(Code::invalid, say(message::rule_levels_level, *name));
    }
    const std::string id(call.part("id"));
    YAGURA_CHECK(desk->tune_level(id, level, call.who.name, reason.value_or("")));
    const std::string_view told = level ? match::level_name(*level) : "";
    YAGURA_CHECK(audit(call, "rule.level", id, fmt::format("{} {}", told, reason.value_or(""))));
    return now_is(call, {true, id, {}}, "", "");
}

}  // namespace yagura::api
