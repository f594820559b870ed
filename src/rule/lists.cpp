#include "rule/lists.h"

#include <cmath>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/messages/sigma.h"
#include "rule/loader.h"
#include "rule/sigma/document.h"
#include "rule/yaml.h"

namespace yagura::rule {
namespace {

constexpr std::string_view kKeys[] = {"owner", "comment", "values"};

// What `%name%` can hold between its signs without doubt.
bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_of("%*? \t\r\n") == std::string_view::npos;
}

std::optional<ListValue> read_value(const YamlNode& node, Problems& problems) {
    ListValue value;
    value.text = sigma::scalar_text(&node);
    const bool finite = !node.is_number() || std::isfinite(node.number);
    const bool usable = (node.is_text() || node.is_number()) && finite && !value.text.empty();
    if (!usable) {
        problems.error(node.at, say(message::list_value, kind_name(node.kind)));
        return std::nullopt;
    }
    value.is_number = node.is_number();
    value.number = node.number;
    value.spelling = node.spelling;
    value.block = Cidr::parse(value.text);
    return value;
}

// The list under one name; nullopt after a problem.
std::optional<List> read_list(const YamlEntry& entry, Problems& problems) {
    const size_t before = problems.errors();
    List list;
    list.name = entry.key->text;
    list.file = problems.file();
    list.at = entry.key->at;
    if (!is_name(list.name)) problems.error(list.at, say(message::list_name, list.name));
    const YamlNode* values = entry.value;
    if (values->kind == YamlNode::Kind::map) {
        sigma::refuse_unknown_keys(*values, kKeys, problems);
        list.owner = sigma::scalar_text(values->find("owner"));
        list.comment = sigma::scalar_text(values->find("comment"));
        values = sigma::require(*values, "values", problems);
    }
    if (!values) return std::nullopt;
    if (values->kind != YamlNode::Kind::list) {
        problems.error(values->at, say(message::list_kind, kind_name(values->kind)));
    } else if (values->items.empty()) {
        problems.error(values->at, say(message::list_empty, list.name));
    } else if (values->items.size() > kMaxListValues) {
        problems.error(values->at, say(message::sigma_list_size, list.name, kMaxListValues));
    } else {
        for (const YamlNode* item : values->items) {
            if (auto value = read_value(*item, problems)) list.values.push_back(std::move(*value));
        }
    }
    if (problems.errors() != before) return std::nullopt;
    return list;
}

}  // namespace

const List* Lists::find(std::string_view name) const {
    const auto at = by_name_.find(name);
    return at == by_name_.end() ? nullptr : at->second;
}

std::vector<std::string_view> Lists::names() const {
    std::vector<std::string_view> out;
    for (const List& list : lists_) out.push_back(list.name);
    return out;
}

void Lists::add(List list, Problems& problems) {
    if (const List* other = find(list.name)) {
        problems.error(list.at, say(message::list_twice, list.name, other->file, other->at.line));
        return;
    }
    const List& kept = lists_.emplace_back(std::move(list));
    by_name_.emplace(kept.name, &kept);
}

void Lists::read(std::string_view text,
                 const std::string& file,
                 std::vector<Diagnostic>& problems) {
    Problems found(file);
    const YamlFile yaml = parse_yaml(text, found);
    for (const YamlDocument& document : yaml.documents()) {
        if (document.broken || !document.root || document.root->kind == YamlNode::Kind::null)
            continue;
        if (document.root->kind != YamlNode::Kind::map) {
            found.error(document.root->at, say(message::list_file, kind_name(document.root->kind)));
            continue;
        }
        for (const YamlEntry& entry : document.root->entries) {
            if (auto list = read_list(entry, found)) add(std::move(*list), found);
        }
    }
    for (Diagnostic& diagnostic : found.take()) problems.push_back(std::move(diagnostic));
}

Result<Lists> load_lists(const std::vector<std::filesystem::path>& paths,
                         std::vector<Diagnostic>& problems,
                         const TextOf& text_of) {
    Lists lists;
    for (const std::filesystem::path& path : paths) {
        YAGURA_TRY(const auto files, find_rule_files(path));
        for (const std::filesystem::path& file : files) {
            const auto text = text_of ? text_of(file) : read_rule_file(file);
            if (text) {
                lists.read(*text, file.string(), problems);
            } else {
                problems.push_back(
                    {file.string(), 0, 0, Grade::error, say(message::rule_file_unreadable), ""});
            }
        }
    }
    return lists;
}

}  // namespace yagura::rule
