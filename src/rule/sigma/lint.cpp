#include "rule/sigma/lint.h"

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "base/diagnostic.h"
#include "base/hash.h"
#include "base/language.h"
#include "base/messages/rule.h"
#include "logtype/log_type.h"

namespace yagura::rule::sigma {
namespace {

constexpr std::string_view kKeys[] = {
    "title",          "id",        "name",
    "related",        "taxonomy",  "status",
    "description",    "license",   "author",
    "references",     "date",      "modified",
    "logsource",      "detection", "fields",
    "falsepositives", "level",     "tags",
    "scope",          "x-yagura",  "regression_tests_path",
};
constexpr std::string_view kStatus[] = {
    "stable", "test", "experimental", "deprecated", "unsupported"};

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = text[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

// lower-case "namespace.name", as the JSON schema of the specification says.
bool is_tag(std::string_view text) {
    const size_t dot = text.find('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
}

bool is_blank(const YamlNode* node) {
    return !node || node->kind == YamlNode::Kind::null ||
           (node->kind == YamlNode::Kind::list && node->items.empty());
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void warn_of_habits(const YamlNode& rule, Problems& problems) {
    for (std::string_view key :
         {"id", "level", "status", "author", "description", "tags", "falsepositives"}) {
        if (is_blank(rule.find(key))) problems.warn(rule.at, say(message::lint_missing, key));
    }
    if (const YamlNode* id = rule.find("id"); !is_blank(id) && !is_uuid(id->text)) {
        problems.warn(id->at, say(message::lint_id, id->text));
    }
    if (const YamlNode* status = rule.find("status");
        !is_blank(status) && !contains(kStatus, status->text)) {
        problems.warn(status->at,
                      say(message::lint_status, status->text),
                      problems.nearest(status->text, kStatus));
    }
    if (const YamlNode* tags = rule.find("tags")) {
        for (const YamlNode* tag : tags->items) {
            if (!is_tag(tag->text)) problems.warn(tag->at, say(message::lint_tag, tag->text));
        }
    }
    for (const YamlEntry& entry : rule.entries) {
        const std::string& key = entry.key->text;
        if (contains(kKeys, key)) continue;
        if (std::string hint = problems.nearest(key, kKeys); !hint.empty()) {
            problems.warn(entry.key->at, say(message::lint_key, key), std::move(hint));
        }
    }
}

FieldCheck field_check(const match::RuleSource& source, Problems& problems) {
    struct Names {
        std::vector<std::string_view> all;
        std::unordered_set<std::string_view> first;
    };
    auto names = std::make_shared<Names>();  // shared: a std::function must be copyable
    for (const logtype::LogType* type : logtype::all()) {
        if (!source.covers(type->logsource)) continue;
        for (std::string_view name : type->dictionary().names()) names->all.push_back(name);
    }
    if (names->all.empty()) return {};
    for (std::string_view name : names->all) names->first.insert(name.substr(0, name.find('.')));
    return [names, &problems](std::string_view field, Position at) {
        if (names->first.contains(field.substr(0, field.find('.')))) return;
        problems.warn(at, say(message::lint_field, field), problems.nearest(field, names->all));
    };
}

}  // namespace yagura::rule::sigma
