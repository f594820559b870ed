#include "desk/draft.h"

#include <fmt/format.h>

#include "base/messages/desk.h"
#include "desk/identity.h"
#include "rule/yaml_quote.h"

namespace yagura::desk {
namespace {

using rule::yaml_scalar;

// Wildcards and backslashes of a value are meant as they stand (Sigma 2.1, escaping).
std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '*' || c == '?' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

void add_source(std::string& out, const logtype::Logsource& source) {
    out += "logsource:\n";
    const auto add = [&](std::string_view key, std::string_view value) {
        if (!value.empty()) out += fmt::format("    {}: {}\n", key, yaml_scalar(value));
    };
    add("product", source.product);
    add("service", source.service);
    add("category", source.category);
}

void add_field(std::string& out, const std::string& name, const std::vector<std::string>& values) {
    const std::string key = "        " + yaml_scalar(name) + ":";
    if (values.size() == 1) {
        out += fmt::format("{} {}\n", key, yaml_scalar(escaped(values[0])));
        return;
    }
    out += key + "\n";
    for (const std::string& value : values)
        out += fmt::format("            - {}\n", yaml_scalar(escaped(value)));
}

}  // namespace

std::string draft_text(const Draft& draft) {
    std::string out = fmt::format(
        "title: {}\nid: {}\nstatus: experimental\ndescription: {}\nauthor: {}\ndate: {}\n",
        yaml_scalar(say(message::desk_draft_title)),
        new_id(),
        yaml_scalar(say(message::desk_draft_description)),
        yaml_scalar(draft.author.empty() ? "-" : draft.author),
        format_day(draft.now));
    add_source(out, draft.type->logsource);
    out += "detection:\n    selection:\n";
    bool any = false;
    for (const auto& [name, values] : draft.fields) {
        if (values.empty()) continue;
        add_field(out, name, values);
        any = true;
    }
    if (!any) out += fmt::format("        {}|exists: true\n", draft.type->fields[0].name);
    out += "    condition: selection\nfalsepositives:\n";
    out += fmt::format("    - {}\nlevel: medium\n", yaml_scalar(say(message::desk_draft_doubt)));
    return out;
}

}  // namespace yagura::desk
