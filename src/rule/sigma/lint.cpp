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
constexpr std::pair<std::string_view, Lint> kExpected[] = {
    {"id", Lint::missing_id},
    {"level", Lint::missing_level},
    {"status", Lint::missing_key},
    {"author", Lint::missing_key},
    {"description", Lint::missing_key},
    {"tags", Lint::missing_key},
    {"falsepositives", Lint::missing_key},
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

// t1078 or t1078.004
bool is_technique(std::string_view name) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (name.size() != 5 && name.size() != 9) return false;
    if (name[0] != 't' || (name.size() == 9 && name[5] != '.')) return false;
    const std::string_view number = name.substr(1, 4);
    const std::string_view part = name.size() == 9 ? name.substr(6) : std::string_view();
    return std::all_of(number.begin(), number.end(), is_digit) &&
           std::all_of(part.begin(), part.end(), is_digit);
}

// Some tag of ATT&CK that is no technique (a tactic), and one that is.
void warn_of_tags(const YamlNode& tags, Problems& problems) {
    constexpr std::string_view kNamespace = "attack.";
    bool has_tactic = false;
    bool has_technique = false;
    for (const YamlNode* tag : tags.items) {
        const std::string_view text = tag->text;
        if (!text.starts_with(kNamespace)) continue;
        (is_technique(text.substr(kNamespace.size())) ? has_technique : has_tactic) = true;
    }
    if (!has_tactic || !has_technique) {
        problems.warn(Lint::missing_attack_tag,
                      tags.at,
                      say(has_tactic ? message::lint_no_technique : message::lint_no_tactic));
    }
}

}  // namespace

void warn_of_habits(const YamlNode& rule, Problems& problems) {
    for (const auto& [key, lint] : kExpected) {
        if (is_blank(rule.find(key))) problems.warn(lint, rule.at, say(message::lint_missing, key));
    }
    if (const YamlNode* id = rule.find("id"); !is_blank(id) && !is_uuid(id->text)) {
        problems.warn(Lint::odd_id, id->at, say(message::lint_id, id->text));
    }
    if (const YamlNode* status = rule.find("status");
        !is_blank(status) && !contains(kStatus, status->text)) {
        problems.warn(Lint::unknown_status,
                      status->at,
                      say(message::lint_status, status->text),
                      problems.nearest(status->text, kStatus));
    }
    if (const YamlNode* tags = rule.find("tags")) {
        for (const YamlNode* tag : tags->items) {
            if (!is_tag(tag->text))
                problems.warn(Lint::odd_tag, tag->at, say(message::lint_tag, tag->text));
        }
    }
    if (const YamlNode* tags = rule.find("tags"); !is_blank(tags)) warn_of_tags(*tags, problems);
    for (const YamlEntry& entry : rule.entries) {
        const std::string& key = entry.key->text;
        if (contains(kKeys, key)) continue;
        if (std::string hint = problems.nearest(key, kKeys); !hint.empty()) {
            problems.warn(
                Lint::unknown_key, entry.key->at, say(message::lint_key, key), std::move(hint));
        }
    }
}

namespace {

std::string_view first_part(std::string_view field) {
    return field.substr(0, field.find('.'));
}

// "a.b" of "a.b.c"; empty for "a".
std::string_view parent_of(std::string_view field) {
    const size_t dot = field.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : field.substr(0, dot);
}

// The names of the fields of all log types a rule is about.
struct FieldNames {
    std::vector<std::string_view> all;
    std::unordered_set<std::string_view> known;
    std::unordered_set<std::string_view> first;
    std::unordered_set<std::string_view> open;  // JSON: anything may lie below

    bool is_below_open(std::string_view field) const {
        for (; !field.empty(); field = parent_of(field)) {
            if (open.contains(field)) return true;
        }
        return false;
    }

    // A name beside `field` that it was likely meant to be: services add names of their own below
    // any field we know, so only a near miss is worth a word.
    std::string near_sibling(std::string_view field, Problems& problems) const {
        std::vector<std::string_view> siblings;
        const std::string_view parent = parent_of(field);
        for (const std::string_view name : all) {
            if (parent_of(name) == parent) siblings.push_back(name.substr(parent.size() + 1));
        }
        return problems.nearest(field.substr(parent.size() + 1), siblings);
    }
};

}  // namespace

std::span<const std::string_view> rule_keys() {
    return kKeys;
}

std::span<const std::string_view> statuses() {
    return kStatus;
}

FieldCheck field_check(const match::RuleSource& source, Problems& problems) {
    auto names = std::make_shared<FieldNames>();  // shared: a std::function must be copyable
    for (const logtype::LogType* type : logtype::all()) {
        if (!source.covers(type->logsource)) continue;
        for (const std::string_view name : type->dictionary().names()) names->all.push_back(name);
        for (const event::Field& field : type->fields) {
            if (field.type != event::Type::json) continue;
            for (const std::string_view name : {field.name, field.column, field.ecs, field.ocsf})
                names->open.insert(name);
        }
    }
    if (names->all.empty()) return {};
    for (const std::string_view name : names->all) {
        names->known.insert(name);
        names->first.insert(first_part(name));
    }
    return [names, &problems](std::string_view field, Position at) {
        if (names->known.contains(field)) return;
        std::string hint;
        if (!names->first.contains(first_part(field))) {
            hint = problems.nearest(field, names->all);
        } else {
            if (parent_of(field).empty() || names->is_below_open(field)) return;
            hint = names->near_sibling(field, problems);
            if (hint.empty()) return;
        }
        problems.warn(Lint::unknown_field, at, say(message::lint_field, field), std::move(hint));
    };
}

}  // namespace yagura::rule::sigma
