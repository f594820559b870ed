// GET /fields, GET /language: the dictionary and the query language, printed from their tables.
#include "api/asking.h"
#include "base/text.h"
#include "query/commands.h"
#include "query/functions.h"
#include "query/schema.h"

namespace yagura::api {
namespace {

// A field of several log types is one when they share its column.
struct Known {
    const event::Field* field;
    std::vector<std::string_view> types;
};

std::vector<Known> known_fields(std::span<const logtype::LogType* const> types) {
    std::vector<Known> all;
    for (const logtype::LogType* type : types) {
        for (const event::Field& field : type->fields) {
            if (field.column == "event_time") continue;  // it is @timestamp
            const auto same = std::find_if(all.begin(), all.end(), [&](const Known& known) {
                return known.field->column == field.column;
            });
            if (same == all.end()) {
                all.push_back({&field, {type->name}});
            } else if (same->types.back() != type->name) {
                same->types.push_back(type->name);
            }
        }
    }
    return all;
}

void append_field(std::string& out, const Known& known) {
    const event::Field& field = *known.field;
    JsonObject one(out);
    put_text(one, out, "name", field.name);
    put_text(one, out, "column", field.column);
    if (!field.ecs.empty()) put_text(one, out, "ecs", field.ecs);
    if (!field.ocsf.empty()) put_text(one, out, "ocsf", field.ocsf);
    put_text(one, out, "type", event::type_name(field.type));
    put_text(one, out, "title", field.sentence.in(language()));
    one.key("types");
    append_json_list(out, known.types);
    one.close();
}

void append_system_field(std::string& out,
                         const query::SystemField& field,
                         std::span<const logtype::LogType* const> types) {
    JsonObject one(out);
    put_text(one, out, "name", field.name);
    put_text(one, out, "column", field.name);
    put_text(one, out, "type", query::value_type_name(field.type));
    put_text(one, out, "title", field.sentence.in(language()));
    one.key("types");
    JsonList names(out);
    for (const logtype::LogType* type : types) append_json(names.next(), type->name);
    names.close();
    one.close();
}

Result<http::Response> list_fields(Call& call) {
    std::vector<const logtype::LogType*> types;
    for (const std::string_view name : split(call.request.parameter("types").value_or(""), ',')) {
        if (const logtype::LogType* type = logtype::find(name)) types.push_back(type);
    }
    if (types.empty()) types.assign(logtype::all().begin(), logtype::all().end());
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const query::SystemField& field : query::system_fields())
        append_system_field(items.next(), field, types);
    for (const Known& known : known_fields(types)) append_field(items.next(), known);
    items.close();
    out += '}';
    return http::Response::json(std::move(out));
}

Result<http::Response> show_language(Call&) {
    std::string out;
    JsonObject all(out);
    all.key("commands");
    JsonList commands(out);
    for (const query::CommandRow& row : query::commands()) {
        if (row.parse == nullptr) continue;
        JsonObject one(commands.next());
        put_text(one, out, "name", row.name);
        put_text(one, out, "usage", row.syntax);
        put_text(one, out, "title", row.sentence.in(language()));
        one.close();
    }
    commands.close();
    all.key("functions");
    JsonList functions(out);
    for (const auto rows : {query::scalar_functions(), query::aggregate_functions()}) {
        for (const query::FunctionRow& row : rows) {
            JsonObject one(functions.next());
            put_text(one, out, "name", row.name);
            put_text(one, out, "usage", row.usage);
            put_text(one, out, "title", row.sentence.in(language()));
            put_text(one, out, "group", query::family_name(row.family));
            one.close();
        }
    }
    functions.close();
    all.close();
    return http::Response::json(std::move(out));
}

constexpr Parameter kFieldParameters[] = {
    {.name = "types",
     .title = {"log types, separated by commas; all when absent",
               "ログ種別（コンマ区切り。省略時はすべて）"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get,
     .path = "/fields",
     .summary = {"The fields of log types", "ログ種別のフィールド"},
     .parameters = kFieldParameters,
     .answer = "FieldList",
     .handle = list_fields},
    {.method = Method::get,
     .path = "/language",
     .summary = {"Commands and functions of the query language", "クエリ言語のコマンドと関数"},
     .answer = "QueryLanguage",
     .handle = show_language},
};

}  // namespace

extern const Resource fields;
const Resource fields{"fields", kRoutes};

}  // namespace yagura::api
