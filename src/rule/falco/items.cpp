#include "rule/falco/items.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/diagnostic.h"
#include "base/language.h"
#include "base/messages/falco.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/falco/parser.h"

namespace yagura::rule::falco {
namespace {

using Keys = std::span<const std::string_view>;

// What the keys of an item may be, and which of them `override` may append to or replace.
constexpr std::string_view kRuleKeys[] = {"rule",
                                          "desc",
                                          "condition",
                                          "output",
                                          "priority",
                                          "source",
                                          "tags",
                                          "enabled",
                                          "exceptions",
                                          "warn_evttypes",
                                          "skip-if-unknown-filter",
                                          "capture",
                                          "capture_duration",
                                          "append",
                                          "override"};
constexpr std::string_view kMacroKeys[] = {"macro", "condition", "append", "override"};
constexpr std::string_view kListKeys[] = {"list", "items", "append", "override"};
constexpr std::string_view kRuleAppends[] = {"condition", "output", "desc", "tags", "exceptions"};
constexpr std::string_view kRuleReplaces[] = {"condition",
                                              "output",
                                              "desc",
                                              "tags",
                                              "exceptions",
                                              "priority",
                                              "enabled",
                                              "warn_evttypes",
                                              "skip-if-unknown-filter",
                                              "capture",
                                              "capture_duration"};
constexpr std::string_view kMacroOverrides[] = {"condition"};
constexpr std::string_view kListOverrides[] = {"items"};
constexpr std::string_view kExceptionKeys[] = {"name", "fields", "comps", "values"};

struct Kind {
    std::string_view name;
    Keys keys;
    Keys appends;
    Keys replaces;
};
constexpr Kind kKinds[] = {
    {"rule", kRuleKeys, kRuleAppends, kRuleReplaces},
    {"macro", kMacroKeys, kMacroOverrides, kMacroOverrides},
    {"list", kListKeys, kListOverrides, kListOverrides},
};
constexpr std::string_view kItems[] = {
    "rule", "macro", "list", "required_engine_version", "required_plugin_versions"};

const Kind& kind_named(std::string_view name) {
    return *std::find_if(
        std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return kind.name == name; });
}

bool has(Keys keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

const YamlNode* given(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.find(key);
    return node && node->kind != YamlNode::Kind::null ? node : nullptr;
}

// Major, minor, patch of "0.31.0"; nullopt when it is no version.
std::optional<std::array<uint32_t, 3>> version_of(std::string_view text) {
    std::array<uint32_t, 3> out{};
    text = text.substr(0, text.find_first_of("-+"));
    const auto parts = split(text, '.');
    if (parts.size() != 3) return std::nullopt;
    for (size_t i = 0; i < 3; ++i) {
        const std::string_view part = parts[i];
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out[i]);
        if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
    }
    return out;
}

struct Plugin {
    std::string_view name;
    std::array<uint32_t, 3> version;
};
constexpr Plugin kPlugins[] = {{"cloudtrail", {0, 17, 1}}, {"json", {0, 7, 3}}};

}  // namespace

bool ItemReader::refuse(const YamlNode& node, std::string message, std::string hint) {
    mistakes_.push_back({place(node), std::move(message), std::move(hint)});
    return false;
}

void ItemReader::warn(const YamlNode& node, std::string message, std::string hint) {
    mistakes_.push_back({place(node), std::move(message), std::move(hint), false, true});
}

// --- files ---

bool ItemReader::read(const YamlFile& yaml, uint32_t file) {
    yaml_ = &yaml;
    file_ = file;
    std::vector<const YamlNode*> maps;
    for (const YamlDocument& document : yaml.documents()) {
        if (!document.root || document.broken || document.root->kind == YamlNode::Kind::null)
            continue;
        if (document.root->kind != YamlNode::Kind::list) {
            refuse(*document.root, say(message::falco_file_kind, kind_name(document.root->kind)));
            continue;
        }
        for (const YamlNode* item : document.root->items) maps.push_back(item);
    }
    for (const YamlNode* map : maps) {
        const YamlNode* version = map->find("required_engine_version");
        if (version && !engine_suffices(*version)) return false;
    }
    for (const YamlNode* map : maps) read_item(*map);
    return true;
}

bool ItemReader::engine_suffices(const YamlNode& version) {
    std::optional<std::array<uint32_t, 3>> wanted = version_of(version.text);
    if (version.kind == YamlNode::Kind::integer && version.number >= 0 && version.number < 1e9)
        wanted = {0, static_cast<uint32_t>(version.number), 0};
    if (!wanted) {
        refuse(version, say(message::falco_version, version.text));
        return true;
    }
    if (*wanted <= std::array<uint32_t, 3>{0, kEngineMinor, UINT32_MAX}) return true;
    return refuse(version, say(message::falco_engine, version.text, kEngineMinor));
}

void ItemReader::read_plugins(const YamlNode& list) {
    if (list.kind != YamlNode::Kind::list) {
        refuse(list, say(message::falco_key_kind, "required_plugin_versions"));
        return;
    }
    for (const YamlNode* plugin : list.items) {
        const YamlNode* name = given(*plugin, "name");
        const YamlNode* version = given(*plugin, "version");
        if (!name || !version) {
            refuse(*plugin, say(message::falco_plugin_keys));
            continue;
        }
        const auto wanted = version_of(version->text);
        if (!wanted) refuse(*version, say(message::falco_version, version->text));
        for (const Plugin& known : kPlugins) {
            if (wanted && known.name == name->text && *wanted > known.version)
                warn(*version, say(message::falco_plugin, known.name, version->text));
        }
        if (const YamlNode* others = given(*plugin, "alternatives")) read_plugins(*others);
    }
}

// --- items ---

void ItemReader::read_item(const YamlNode& map) {
    if (map.kind != YamlNode::Kind::map) {
        refuse(map, say(message::falco_item_kind, kind_name(map.kind)));
        return;
    }
    if (map.find("required_engine_version")) return;  // read before
    if (const YamlNode* plugins = map.find("required_plugin_versions"))
        return read_plugins(*plugins);
    Item item{&map, "", "", false, nullptr};
    for (const Kind& kind : kKinds) {
        const YamlNode* name = map.find(kind.name);
        if (!name) continue;
        item.kind = kind.name;
        if (name->is_scalar()) item.name = name->text;
        if (item.name.empty()) {
            refuse(*name, say(message::falco_name, kind.name));
            return;
        }
        break;
    }
    if (item.kind.empty()) {
        const std::string key = map.entries.empty() ? "" : map.entries[0].key->text;
        refuse(map, say(message::falco_item_unknown, key), suggest(key, kItems));
        return;
    }
    const Kind& kind = kind_named(item.kind);
    for (const YamlEntry& entry : map.entries) {
        if (!has(kind.keys, entry.key->text))
            warn(*entry.key,
                 say(message::falco_key_unknown, entry.key->text),
                 suggest(entry.key->text, kind.keys));
    }
    if (!read_manner(item)) return;
    if (item.kind == "list") return read_list(item);
    if (item.kind == "macro") return read_macro(item);
    read_rule(item);
}

// `append: true` or `override`, not both.
bool ItemReader::read_manner(Item& item) {
    if (const YamlNode* append = given(*item.map, "append")) {
        if (append->kind != YamlNode::Kind::boolean)
            return refuse(*append, say(message::falco_flag, "append"));
        item.appends = append->number != 0;
    }
    item.overrides = given(*item.map, "override");
    if (!item.overrides) return true;
    if (item.appends) return refuse(*item.overrides, say(message::falco_both));
    if (item.overrides->kind != YamlNode::Kind::map)
        return refuse(*item.overrides, say(message::falco_key_kind, "override"));
    return check_overrides(item);
}

bool ItemReader::check_overrides(const Item& item) {
    const Kind& kind = kind_named(item.kind);
    bool fine = true;
    for (const auto& [key, value] : item.overrides->entries) {
        const bool appends = value->text == "append";
        constexpr std::string_view kManners[] = {"append", "replace"};
        if (!appends && value->text != "replace") {
            fine = refuse(*value,
                          say(message::falco_override_manner, value->text),
                          suggest(value->text, kManners));
        } else if (!has(appends ? kind.appends : kind.replaces, key->text)) {
            fine = refuse(*key,
                          say(message::falco_override_key, key->text, value->text),
                          suggest(key->text, kind.replaces));
        } else if (!given(*item.map, key->text)) {
            fine = refuse(*key, say(message::falco_override_absent, key->text));
        }
    }
    for (const YamlEntry& entry : item.map->entries) {
        const std::string& key = entry.key->text;
        const bool free = key == item.kind || key == "override" || key == "append";
        if (!free && has(kind.keys, key) && !item.overrides->find(key))
            fine = refuse(*entry.key, say(message::falco_override_missing, key));
    }
    return fine;
}

bool ItemReader::appends(const Item& item, std::string_view key) const {
    if (!item.overrides) return item.appends;
    const YamlNode* manner = item.overrides->find(key);
    return manner && manner->text == "append";
}

void ItemReader::read_list(const Item& item) {
    const YamlNode* items = item.map->find("items");
    if (!items || (items->kind != YamlNode::Kind::list && items->kind != YamlNode::Kind::null)) {
        refuse(
            items ? *items : *item.map,
            items ? say(message::falco_key_kind, "items") : say(message::sigma_missing, "items"));
        return;
    }
    const bool changes = item.appends || item.overrides;
    const auto known = definitions_.lists.find(item.name);
    if (changes && known == definitions_.lists.end()) {
        refuse(*item.map,
               say(message::falco_nothing_to_change, item.name),
               suggest(item.name, Definitions::names(definitions_.lists)));
        return;
    }
    List& list = definitions_.lists[item.name];
    if (!appends(item, "items")) list.items.clear();
    for (const YamlNode* value : items->items) {
        if (!value->is_scalar()) {
            refuse(*value, say(message::falco_list_item, kind_name(value->kind)));
        } else {
            list.items.push_back({value->text, place(*value)});
        }
    }
}

void ItemReader::read_macro(const Item& item) {
    if (!is_identifier(item.name))
        refuse(*item.map->find("macro"), say(message::falco_macro_name, item.name));
    const YamlNode* condition = given(*item.map, "condition");
    if (!condition || !condition->is_scalar()) {
        refuse(condition ? *condition : *item.map,
               condition ? say(message::falco_key_kind, "condition")
                         : say(message::sigma_missing, "condition"));
        return;
    }
    const bool changes = item.appends || item.overrides;
    if (changes && definitions_.macros.find(item.name) == definitions_.macros.end()) {
        refuse(*item.map,
               say(message::falco_nothing_to_change, item.name),
               suggest(item.name, Definitions::names(definitions_.macros)));
        return;
    }
    Written& text = definitions_.macros[item.name].condition;
    if (appends(item, "condition")) {
        text.append(*yaml_, *condition, file_);
    } else {
        text.set(*yaml_, *condition, file_);
    }
}

// --- rules ---

RuleItem* ItemReader::find_rule(std::string_view name) {
    for (RuleItem& rule : definitions_.rules) {
        if (rule.name == name) return &rule;
    }
    return nullptr;
}

void ItemReader::read_rule(const Item& item) {
    RuleItem* known = find_rule(item.name);
    const auto absent = [&](std::string_view key) { return !given(*item.map, key); };
    const bool only_switches = !item.appends && !item.overrides && given(*item.map, "enabled") &&
                               absent("condition") && absent("output") && absent("desc") &&
                               absent("priority");
    if (!item.appends && !item.overrides && !only_switches) return read_new_rule(item);
    if (!known) {
        std::vector<std::string_view> names;
        for (const RuleItem& rule : definitions_.rules) names.push_back(rule.name);
        refuse(
            *item.map, say(message::falco_nothing_to_change, item.name), suggest(item.name, names));
        return;
    }
    if (only_switches) return read_flag(*item.map, "enabled", known->enabled);
    if (item.appends && absent("condition") && absent("exceptions")) {
        refuse(*item.map, say(message::falco_append_empty));
        return;
    }
    change_rule(item, *known);
}

// A rule of a name met before takes its place, as a whole.
void ItemReader::read_new_rule(const Item& item) {
    const size_t before = mistakes_.size();
    bool complete = true;
    for (const std::string_view key : {"condition", "output", "desc", "priority"}) {
        if (!given(*item.map, key)) complete = refuse(*item.map, say(message::sigma_missing, key));
    }
    RuleItem rule;
    rule.name = item.name;
    rule.place = place(*item.map);
    if (complete) fill_rule(item, rule);
    const auto is_error = [](const Mistake& mistake) { return !mistake.is_warning; };
    if (std::any_of(mistakes_.begin() + static_cast<ptrdiff_t>(before), mistakes_.end(), is_error))
        return;
    if (RuleItem* known = find_rule(item.name)) {
        *known = std::move(rule);
    } else {
        definitions_.rules.push_back(std::move(rule));
    }
}

void ItemReader::change_rule(const Item& item, RuleItem& rule) {
    fill_rule(item, rule);
}

// Takes what the item says of a rule, replacing or appending as it asks for.
void ItemReader::fill_rule(const Item& item, RuleItem& rule) {
    const YamlNode& map = *item.map;
    const auto take = [&](std::string_view key, Written& out) {
        const YamlNode* node = given(map, key);
        if (!node) return;
        if (!node->is_scalar()) {
            refuse(*node, say(message::falco_key_kind, key));
        } else if (appends(item, key)) {
            out.append(*yaml_, *node, file_);
        } else {
            out.set(*yaml_, *node, file_);
        }
    };
    take("condition", rule.condition);
    take("output", rule.output);
    std::string description;
    if (read_text(map, "desc", description))
        rule.description =
            appends(item, "desc") ? rule.description + " " + description : description;
    read_text(map, "source", rule.source);
    read_text(map, "priority", rule.priority);
    read_flag(map, "enabled", rule.enabled);
    read_flag(map, "skip-if-unknown-filter", rule.skip_if_unknown);
    if (const YamlNode* tags = given(map, "tags")) {
        if (tags->kind != YamlNode::Kind::list) refuse(*tags, say(message::falco_key_kind, "tags"));
        if (!appends(item, "tags")) rule.tags.clear();
        for (const YamlNode* tag : tags->items) rule.tags.push_back(tag->text);
    }
    if (given(map, "exceptions")) read_exceptions(item, rule);
}

bool ItemReader::read_text(const YamlNode& map, std::string_view key, std::string& out) {
    const YamlNode* node = given(map, key);
    if (!node) return false;
    if (!node->is_scalar()) return refuse(*node, say(message::falco_key_kind, key));
    out = trim(node->text);
    return true;
}

void ItemReader::read_flag(const YamlNode& map, std::string_view key, bool& out) {
    const YamlNode* node = given(map, key);
    if (!node) return;
    if (node->kind != YamlNode::Kind::boolean) {
        refuse(*node, say(message::falco_flag, key));
    } else {
        out = node->number != 0;
    }
}

// --- exceptions ---

void ItemReader::read_exceptions(const Item& item, RuleItem& rule) {
    const YamlNode& list = *given(*item.map, "exceptions");
    if (list.kind != YamlNode::Kind::list) {
        refuse(list, say(message::falco_key_kind, "exceptions"));
        return;
    }
    const bool adds = appends(item, "exceptions");
    if (!adds) rule.exceptions.clear();
    for (const YamlNode* map : list.items) {
        Exception exception;
        if (!read_exception(*map, exception)) continue;
        const auto known =
            std::find_if(rule.exceptions.begin(), rule.exceptions.end(), [&](const auto& other) {
                return other.name == exception.name;
            });
        if (known == rule.exceptions.end()) {
            if (exception.fields.empty()) {
                std::vector<std::string_view> names;
                for (const Exception& other : rule.exceptions) names.push_back(other.name);
                refuse(*map,
                       say(message::falco_exception_fields, exception.name),
                       suggest(exception.name, names));
            } else {
                rule.exceptions.push_back(std::move(exception));
            }
        } else if (!adds) {
            refuse(*map, say(message::falco_exception_twice, exception.name));
        } else if (!exception.fields.empty() || !exception.comps.empty()) {
            refuse(*map, say(message::falco_exception_values, exception.name));
        } else {
            known->values.insert(
                known->values.end(), exception.values.begin(), exception.values.end());
            known->yaml = exception.yaml;
        }
    }
}

bool ItemReader::read_exception(const YamlNode& map, Exception& out) {
    if (map.kind != YamlNode::Kind::map)
        return refuse(map, say(message::falco_exception_kind, kind_name(map.kind)));
    for (const YamlEntry& entry : map.entries) {
        if (!has(kExceptionKeys, entry.key->text))
            warn(*entry.key,
                 say(message::falco_key_unknown, entry.key->text),
                 suggest(entry.key->text, kExceptionKeys));
    }
    out.place = place(map);
    out.yaml = yaml_;
    if (!read_text(map, "name", out.name)) return refuse(map, say(message::sigma_missing, "name"));
    const auto take = [&](std::string_view key, std::vector<std::string>& texts) {
        const YamlNode* node = given(map, key);
        if (!node) return false;
        if (node->is_scalar()) {
            texts.push_back(node->text);
            return true;
        }
        for (const YamlNode* item : node->items) texts.push_back(item->text);
        return false;
    };
    out.is_single = take("fields", out.fields);
    take("comps", out.comps);
    if (const YamlNode* values = given(map, "values")) {
        if (values->kind != YamlNode::Kind::list)
            return refuse(*values, say(message::falco_key_kind, "values"));
        out.values = values->items;
    }
    if (!out.comps.empty() && out.comps.size() != out.fields.size())
        return refuse(map, say(message::falco_exception_lengths, out.name));
    if (out.comps.empty()) out.comps.assign(out.fields.size(), out.is_single ? "in" : "=");
    return true;
}

}  // namespace yagura::rule::falco
