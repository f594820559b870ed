// Files in which people's decisions about rules stand: a list, an entry a rule, with who decided,
// when and why. disabled.yml and levels.yml are such; what else an entry has is read by `rest`.
//
//   return read_decisions<Disabled>(text, kMaxDisabled, problems, [](auto&, auto&) { return true;
//   });
//
// Mistakes go to `problems` with their line; used within rule/ alone.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/messages/rule.h"
#include "base/time.h"
#include "rule/problems.h"
#include "rule/yaml.h"

namespace yagura::rule {

// The text of a member; empty when it is none.
inline std::string text_of(const YamlNode& map, std::string_view key) {
    const YamlNode* value = map.find(key);
    const bool has_text = value && value->is_scalar() && value->kind != YamlNode::Kind::null;
    return has_text ? value->text : std::string();
}

// Calls `read` for the entries of all documents, at most `most` of them.
inline void each_entry(std::string_view text,
                       size_t most,
                       Problems& problems,
                       const std::function<void(const YamlNode&)>& read) {
    const YamlFile file = parse_yaml(text, problems);
    if (problems.errors() > 0) return;
    size_t count = 0;
    for (const YamlDocument& document : file.documents()) {
        if (!document.root || document.root->kind == YamlNode::Kind::null) continue;
        if (document.root->kind != YamlNode::Kind::list) {
            problems.error(document.root->at, say(message::rule_disabled_list));
            continue;
        }
        for (const YamlNode* node : document.root->items) {
            if (count++ == most)
                return problems.error(node->at, say(message::rule_disabled_many, most));
            read(*node);
        }
    }
}

// Entries without a mistake; an id comes once, the last time it stands there. `rest` is called with
// the node and the entry, and is false when what it read is a mistake that it told.
template <class Entry, class Rest>
std::vector<Entry> read_decisions(std::string_view text,
                                  size_t most,
                                  Problems& problems,
                                  const Rest& rest) {
    std::vector<Entry> out;
    each_entry(text, most, problems, [&](const YamlNode& node) {
        Entry entry;
        entry.rule = text_of(node, "rule");
        if (entry.rule.empty())
            return problems.error(node.at, say(message::rule_disabled_entry, "rule"));
        if (!rest(node, entry)) return;
        entry.title = text_of(node, "title");
        entry.who = text_of(node, "who");
        entry.reason = text_of(node, "reason");
        if (const YamlNode* when = node.find("when")) {
            const auto time = parse_iso8601(when->text);
            if (!time)
                return problems.error(when->at, say(message::rule_disabled_time, when->text));
            entry.when = *time;
        }
        std::erase_if(out, [&](const Entry& other) { return other.rule == entry.rule; });
        out.push_back(std::move(entry));
    });
    return out;
}

}  // namespace yagura::rule
