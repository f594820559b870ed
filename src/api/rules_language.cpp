// GET /rules/language: what a rule may say, for completion; printed from the tables that read it.
#include <fmt/format.h>

#include "api/people_json.h"
#include "api/rules.h"
#include "finding/attack.h"
#include "finding/hit.h"
#include "rule/sigma/correlation.h"
#include "rule/sigma/lint.h"
#include "rule/sigma/modifiers.h"

namespace yagura::api {

using http::Response;

namespace {

template <class Names>
void write_names(JsonObject& row, std::string& out, std::string_view key, const Names& names) {
    row.key(key);
    append_json_list(out, names);
}

void write_modifiers(std::string& out) {
    JsonList list(out);
    for (const rule::sigma::Modifier& modifier : rule::sigma::modifiers()) {
        JsonObject row(list.next());
        row.text("name", modifier.name);
        row.text("title", modifier.sentence.in(language()));
        row.close();
    }
    list.close();
}

void write_log_source(std::string& out, const logtype::LogType& type) {
    JsonObject row(out);
    row.text("log_type", type.name);
    row.text("title", type.title.in(language()));
    write_text(row, out, "product", type.logsource.product);
    write_text(row, out, "service", type.logsource.service);
    write_text(row, out, "category", type.logsource.category);
    row.key("fields");
    JsonList fields(out);
    for (const event::Field& field : type.fields) {
        JsonObject one(fields.next());
        one.text("name", field.name);
        one.text("type", event::type_name(field.type));
        one.text("title", field.sentence.in(language()));
        if (!field.ecs.empty()) one.text("ecs", field.ecs);
        if (!field.ocsf.empty()) one.text("ocsf", field.ocsf);
        one.close();
    }
    fields.close();
    row.close();
}

}  // namespace

Result<Response> show_language(Call&) {
    std::string out;
    JsonObject answer(out);
    write_names(answer, out, "keys", rule::sigma::rule_keys());
    write_names(answer, out, "correlation_keys", rule::sigma::correlation_keys());
    write_names(answer, out, "statuses", rule::sigma::statuses());
    answer.key("levels");
    JsonList levels(out);
    for (size_t i = 0; i < finding::kLevels; ++i)
        append_json(levels.next(), match::level_name(static_cast<match::Level>(i)));
    levels.close();
    answer.key("modifiers");
    write_modifiers(out);
    answer.key("log_sources");
    JsonList sources(out);
    for (const logtype::LogType* type : logtype::all()) write_log_source(sources.next(), *type);
    sources.close();
    answer.key("tactics");
    JsonList tactics(out);
    for (size_t i = 0; i < finding::kTactics; ++i)
        append_json(
            tactics.next(),
            fmt::format("attack.{}", finding::tactic_row(static_cast<finding::Tactic>(i)).tag));
    tactics.close();
    answer.close();
    return Response::json(std::move(out));
}

}  // namespace yagura::api
