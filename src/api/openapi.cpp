// GET /openapi.json: the description of the API (OpenAPI 3.1.0), printed from the rows of all
// resources and their schemas. What every route can answer in case of an error is the schema Error.
#include <algorithm>

#include <fmt/format.h>

#include "api/api.h"
#include "base/json_text.h"
#include "base/text.h"

namespace yagura::api {
namespace {

constexpr std::string_view kErrorSchema =
    R"json("Error":{"type":"object","required":["error"],"properties":{"error":{"type":"object",
"required":["code","message"],"properties":{"code":{"type":"string"},"message":{"type":"string"},
"diagnostics":{"type":"array","items":{"type":"object"}}}}}})json";

void write_parameters(std::string& out, const Route& route, Language language) {
    JsonList list(out);
    for (size_t at = 0; (at = route.path.find('{', at)) != std::string_view::npos; ++at) {
        JsonObject parameter(list.next());
        parameter.text("name", route.path.substr(at + 1, route.path.find('}', at) - at - 1));
        parameter.text("in", "path");
        parameter.boolean("required", true);
        parameter.raw("schema", R"({"type":"string"})");
        parameter.close();
    }
    for (const Parameter& known : route.parameters) {
        JsonObject parameter(list.next());
        parameter.text("name", known.name);
        parameter.text("in", "query");
        parameter.text("description", known.title.in(language));
        parameter.boolean("required", known.is_required);
        parameter.raw("schema", fmt::format(R"({{"type":"{}"}})", known.type));
        parameter.close();
    }
    list.close();
}

std::string schema_reference(std::string_view name) {
    if (name.empty()) return R"({"type":"object"})";
    return fmt::format(R"({{"$ref":"#/components/schemas/{}"}})", name);
}

void write_operation(std::string& out, const Route& route, Language language) {
    JsonObject operation(out);
    operation.text("summary", route.summary.in(language));
    operation.key("parameters");
    write_parameters(out, route, language);
    if (!route.asks.empty()) {
        operation.raw("requestBody",
                      fmt::format(R"({{"content":{{"application/json":{{"schema":{}}}}}}})",
                                  schema_reference(route.asks)));
    }
    operation.raw(
        "responses",
        fmt::format(R"({{"200":{{"description":"OK","content":{{"{}":{{"schema":{}}}}}}},)"
                    R"("default":{{"description":"error","content":{{"application/json":)"
                    R"({{"schema":{}}}}}}}}})",
                    route.answer_type,
                    schema_reference(route.answer),
                    schema_reference("Error")));
    constexpr std::string_view kRoles[] = {"viewer", "analyst", "responder", "admin"};
    const bool is_open = route.access == Access::everyone;
    operation.text("x-role", is_open ? "everyone" : kRoles[static_cast<size_t>(route.role)]);
    if (is_open) operation.raw("security", "[]");
    operation.close();
}

// All methods of one path stand together; a path is written where it comes first.
void write_paths(std::string& out, Language language) {
    std::vector<const Route*> all;
    for (const Described& described : resources())
        for (const Route& route : described.resource->routes) all.push_back(&route);
    JsonObject paths(out);
    for (size_t i = 0; i < all.size(); ++i) {
        const auto has_path = [&](const Route* route) { return route->path == all[i]->path; };
        if (std::any_of(all.begin(), all.begin() + static_cast<ptrdiff_t>(i), has_path)) continue;
        paths.key(std::string(kPrefix) + std::string(all[i]->path));
        JsonObject methods(out);
        for (const Route* route : all) {
            if (!has_path(route)) continue;
            methods.key(fold_case(http::method_name(route->method)));
            write_operation(out, *route, language);
        }
        methods.close();
    }
    paths.close();
}

// Each file is one object; its members go into one.
void write_schemas(std::string& out) {
    out += '{';
    out += kErrorSchema;
    for (const Described& described : resources()) {
        const size_t open = described.schemas.find('{');
        const size_t close = described.schemas.rfind('}');
        const std::string_view members = described.schemas.substr(open + 1, close - open - 1);
        if (members.find('"') == std::string_view::npos) continue;
        out += ',';
        out += members;
    }
    out += '}';
}

Result<http::Response> show_description(Call& call) {
    return http::Response::json(openapi_json(call.request.language()));
}

constexpr Route kRoutes[] = {
    {.method = Method::get,
     .path = "/openapi.json",
     .access = Access::everyone,
     .summary = {"This description", "この記述"},
     .handle = show_description},
};

}  // namespace

std::string openapi_json(Language language) {
    std::string out;
    JsonObject description(out);
    description.text("openapi", "3.1.0");
    description.raw("info", R"({"title":"Yagura","version":"1","license":{"name":"Apache-2.0"}})");
    description.raw("security", R"([{"session":[]},{"token":[]}])");
    description.key("paths");
    write_paths(out, language);
    description.key("components");
    JsonObject components(out);
    components.raw("securitySchemes",
                   R"({"session":{"type":"apiKey","in":"cookie","name":"yagura_session"},)"
                   R"("token":{"type":"http","scheme":"bearer"}})");
    components.key("schemas");
    write_schemas(out);
    components.close();
    description.close();
    return out;
}

extern const Resource openapi;
const Resource openapi{"openapi", kRoutes};

}  // namespace yagura::api
