#include "api/resource_json.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/people_json.h"
#include "logtype/resource.h"

namespace yagura::api {

void write_resource(JsonObject& row, std::string& out, std::string_view key) {
    const logtype::ResourceView resource = logtype::parse_resource(key);
    write_text(row, out, "value", key);
    write_text(row, out, "kind", resource.kind);
    write_text(row, out, "title", logtype::resource_title(resource.kind));
    write_text(row, out, "name", resource.name);
    if (!resource.account.empty()) write_text(row, out, "account", resource.account);
    if (!resource.region.empty()) write_text(row, out, "region", resource.region);
    if (const std::string arn = logtype::arn_of(resource); !arn.empty())
        write_text(row, out, "arn", arn);
    if (const auto entity = logtype::resource_entity(resource.kind); !entity.empty())
        row.text("entity", entity);
}

void write_resources(JsonObject& row,
                     std::string& out,
                     const store::KeptFinding& finding,
                     size_t most) {
    row.key("resources");
    JsonList list(out);
    for (size_t i = 0; i < std::min(most, finding.resources.size()); ++i) {
        JsonObject one(list.next());
        write_resource(one, out, finding.resources[i].key);
        one.number("count", finding.resources[i].count);
        one.close();
    }
    list.close();
    row.number("resource_count", finding.resources.size());
    row.number("other_resources", finding.other_resources);
}

std::string resource_label(std::string_view key) {
    const logtype::ResourceView resource = logtype::parse_resource(key);
    return fmt::format("{} · {}", resource.name, logtype::resource_title(resource.kind));
}

}  // namespace yagura::api
