#include "rule/levels.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "rule/loader.h"
#include "rule/yaml.h"
#include "rule/yaml_quote.h"

namespace yagura::rule {
namespace {

std::string text_of(const YamlNode& map, std::string_view key) {
    const YamlNode* value = map.find(key);
    const bool has_text = value && value->is_scalar() && value->kind != YamlNode::Kind::null;
    return has_text ? value->text : std::string();
}

void read_entry(const YamlNode& node, Problems& problems, std::vector<TunedLevel>& out) {
    TunedLevel entry;
    entry.rule = text_of(node, "rule");
    if (entry.rule.empty())
        return problems.error(node.at, say(message::rule_disabled_entry, "rule"));
    const std::string level = text_of(node, "level");
    const auto known = match::level_from_name(level);
    if (!known) return problems.error(node.at, say(message::rule_levels_level, level));
    entry.level = *known;
    entry.title = text_of(node, "title");
    entry.who = text_of(node, "who");
    entry.reason = text_of(node, "reason");
    if (const YamlNode* when = node.find("when")) {
        const auto time = parse_iso8601(when->text);
        if (!time) return problems.error(when->at, say(message::rule_disabled_time, when->text));
        entry.when = *time;
    }
    std::erase_if(out, [&](const TunedLevel& other) { return other.rule == entry.rule; });
    out.push_back(std::move(entry));
}

}  // namespace

std::vector<TunedLevel> read_levels(std::string_view text, Problems& problems) {
    std::vector<TunedLevel> out;
    const YamlFile file = parse_yaml(text, problems);
    if (problems.errors() > 0) return out;
    for (const YamlDocument& document : file.documents()) {
        if (!document.root || document.root->kind == YamlNode::Kind::null) continue;
        if (document.root->kind != YamlNode::Kind::list) {
            problems.error(document.root->at, say(message::rule_disabled_list));
            continue;
        }
        for (const YamlNode* node : document.root->items) {
            if (out.size() == kMaxTunedLevels) {
                problems.error(node->at, say(message::rule_disabled_many, kMaxTunedLevels));
                return out;
            }
            read_entry(*node, problems, out);
        }
    }
    return out;
}

std::string levels_text(const std::vector<TunedLevel>& levels) {
    std::string out = say(message::rule_levels_head) + "\n";
    for (const TunedLevel& entry : levels) {
        out += fmt::format(
            "- rule: {}\n  title: {}\n  level: {}\n  who: {}\n  when: {}\n  reason: {}\n",
            yaml_quoted(entry.rule),
            yaml_quoted(entry.title),
            match::level_name(entry.level),
            yaml_quoted(entry.who),
            format_iso8601(entry.when),
            yaml_quoted(entry.reason));
    }
    return out;
}

std::map<std::string, match::Level, std::less<>> apply_levels(
    RuleSet& set, const std::vector<TunedLevel>& levels) {
    std::map<std::string_view, match::Level> wanted;
    for (const TunedLevel& entry : levels) wanted.emplace(entry.rule, entry.level);
    std::map<std::string, match::Level, std::less<>> before;
    const auto apply = [&](auto& list) {
        for (auto& rule : list) {
            const auto found = wanted.find(rule.info.id);
            if (found == wanted.end()) continue;
            before.emplace(rule.info.id, rule.info.level);
            rule.info.level = found->second;
        }
    };
    apply(set.rules);
    apply(set.correlations);
    apply(set.first_seen);
    return before;
}

}  // namespace yagura::rule
