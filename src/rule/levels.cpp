#include "rule/levels.h"

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "rule/decision_list.h"
#include "rule/loader.h"
#include "rule/yaml_quote.h"

namespace yagura::rule {

std::vector<TunedLevel> read_levels(std::string_view text, Problems& problems) {
    const auto read_level = [&](const YamlNode& node, TunedLevel& entry) {
        const std::string name = text_of(node, "level");
        const auto level = match::level_from_name(name);
        if (!level) problems.error(node.at, say(message::rule_levels_level, name));
        entry.level = level.value_or(entry.level);
        return level.has_value();
    };
    return read_decisions<TunedLevel>(text, kMaxTunedLevels, problems, read_level);
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
