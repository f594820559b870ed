#include "rule/yaml_builder.h"

#include "base/messages/rule.h"
#include "rule/yaml_scalar.h"

namespace yagura::rule {

void YamlBuilder::begin_document() {
    document_ = {};
    anchors_.clear();
    open_.clear();
    aliases_ = 0;
}

YamlNode& YamlBuilder::make(Position at, uint32_t offset, std::string_view anchor) {
    if (file_.nodes_.size() >= kMaxYamlNodes)
        throw Refused{at, say(message::yaml_nodes, kMaxYamlNodes)};
    YamlNode& node = file_.nodes_.emplace_back();
    node.at = at;
    node.offset = offset;
    if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), &node);
    return node;
}

void YamlBuilder::add_scalar(YamlNode& node, std::string_view text, bool is_plain) {
    node.text = text;
    node.kind = YamlNode::Kind::text;
    if (is_plain) resolve_plain_scalar(node);
    place(node);
}

void YamlBuilder::add_alias(Position at, std::string_view anchor) {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{at, say(message::yaml_alias_unknown)};
    for (const Open& open : open_) {
        if (open.node == found->second) throw Refused{at, say(message::yaml_alias_cycle)};
    }
    if (++aliases_ > kMaxYamlAliases)
        throw Refused{at, say(message::yaml_aliases, kMaxYamlAliases)};
    if (open_.size() + found->second->height > kMaxYamlDepth)
        throw Refused{at, say(message::yaml_depth, kMaxYamlDepth)};
    place(*found->second);
}

void YamlBuilder::open(YamlNode& node, YamlNode::Kind kind) {
    node.kind = kind;
    if (open_.size() >= kMaxYamlDepth - 1)
        throw Refused{node.at, say(message::yaml_depth, kMaxYamlDepth)};
    open_.push_back({&node});
}

void YamlBuilder::close() {
    YamlNode& done = *open_.back().node;
    if (done.kind == YamlNode::Kind::map) merge_keys(done);
    open_.pop_back();
    place(done);
}

// Puts a finished node where it belongs: the root, a list, or a map as key or value.
void YamlBuilder::place(const YamlNode& node) {
    if (open_.empty()) {
        document_.root = &node;
        return;
    }
    Open& parent = open_.back();
    YamlNode& into = *parent.node;
    into.height = std::max(into.height, node.height + 1);
    into.expanded += node.expanded;
    if (into.expanded > kMaxYamlNodes)
        throw Refused{node.at, say(message::yaml_nodes, kMaxYamlNodes)};
    if (into.kind == YamlNode::Kind::list) {
        into.items.push_back(&node);
    } else if (parent.key == nullptr) {
        take_key(parent, node);
    } else {
        into.entries.push_back({parent.key, &node});
        parent.key = nullptr;
    }
}

void YamlBuilder::take_key(Open& map, const YamlNode& key) {
    if (!key.is_scalar()) throw Refused{key.at, say(message::yaml_key_kind)};
    map.key = &key;
    if (is_new_key(map, key.text)) return;
    document_.broken = true;
    problems_.error(key.at, say(message::yaml_duplicate_key, key.text));
}

// Few keys are compared one by one, which needs no memory.
bool YamlBuilder::is_new_key(Open& map, std::string_view key) {
    constexpr size_t kFewKeys = 16;
    const std::vector<YamlEntry>& entries = map.node->entries;
    if (entries.size() < kFewKeys) return map.node->find(key) == nullptr;
    if (map.keys.empty()) {
        for (const YamlEntry& entry : entries) map.keys.insert(entry.key->text);
    }
    return map.keys.insert(key).second;
}

// "<<: *base" (yaml.org/type/merge): the keys of `base` unless the map has its own.
void YamlBuilder::merge_keys(YamlNode& map) {
    const YamlNode* merged = nullptr;
    std::erase_if(map.entries, [&](const YamlEntry& entry) {
        if (entry.key->text != "<<") return false;
        merged = entry.value;
        return true;
    });
    if (!merged) return;
    std::vector<const YamlNode*> sources = merged->items;
    if (merged->kind != YamlNode::Kind::list) sources = {merged};
    std::unordered_set<std::string_view, KeyedTextHash> keys;
    for (const YamlEntry& entry : map.entries) keys.insert(entry.key->text);
    for (const YamlNode* source : sources) {
        if (source->kind != YamlNode::Kind::map)
            throw Refused{source->at, say(message::yaml_merge)};
        for (const YamlEntry& entry : source->entries) {
            if (keys.insert(entry.key->text).second) map.entries.push_back(entry);
        }
    }
}

}  // namespace yagura::rule
