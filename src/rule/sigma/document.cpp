#include "rule/sigma/document.h"

#include <algorithm>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/messages/sigma.h"
#include "base/text.h"
#include "rule/derived_id.h"

namespace yagura::rule::sigma {
namespace {

using match::RuleInfo;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kLongestSpan = 100 * 31'556'952LL * kSecond;  // a hundred years

struct Unit {
    char letter;
    int64_t seconds;
};
constexpr Unit kUnits[] = {{'s', 1},
                           {'m', 60},
                           {'h', 3600},
                           {'d', 86'400},
                           {'w', 604'800},
                           {'M', 2'629'746},
                           {'y', 31'556'952}};

// What we put under `x-yagura`. It is ours alone, so anything else there is a slip.
constexpr std::string_view kOurKeys[] = {
    "title_ja", "description_ja", "falsepositives_ja", "level_note", "first_seen"};

void append_tokens(const YamlNode& node, std::string& out) {
    out += static_cast<char>('0' + static_cast<int>(node.kind));
    out += node.text;
    out += '\0';
    for (const YamlNode* item : node.items) append_tokens(*item, out);
    for (const YamlEntry& entry : node.entries) {
        append_tokens(*entry.key, out);
        append_tokens(*entry.value, out);
    }
    out += '\1';
}

void read_level(const YamlNode& root, RuleInfo& info, Problems& problems) {
    const YamlNode* node = root.find("level");
    if (!node || node->kind == YamlNode::Kind::null) return;
    if (const auto level = match::level_from_name(node->text)) {
        info.level = *level;
        return;
    }
    constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
    problems.error(
        node->at, say(message::sigma_level, node->text), problems.nearest(node->text, kLevels));
}

std::optional<int64_t> parse_timespan(std::string_view text) {
    if (text.size() < 2 || text.size() > 12) return std::nullopt;
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& known) {
        return known.letter == text.back();
    });
    if (unit == std::end(kUnits)) return std::nullopt;
    int64_t count = 0;
    for (char c : text.substr(0, text.size() - 1)) {
        if (c < '0' || c > '9') return std::nullopt;
        count = count * 10 + (c - '0');
    }
    if (count > kLongestSpan / kSecond / unit->seconds) return std::nullopt;
    return count * unit->seconds * kSecond;
}

}  // namespace

std::string scalar_text(const YamlNode* node) {
    return node && node->is_scalar() && node->kind != YamlNode::Kind::null ? node->text
                                                                           : std::string();
}

std::vector<std::string> text_list(const YamlNode* node) {
    std::vector<std::string> out;
    if (!node) return out;
    if (std::string one = scalar_text(node); !one.empty()) return {one};
    for (const YamlNode* item : node->items) {
        if (std::string text = scalar_text(item); !text.empty()) out.push_back(std::move(text));
    }
    return out;
}

std::optional<std::vector<Mention>> mention_list(const YamlNode* node,
                                                 std::string_view key,
                                                 size_t most,
                                                 Problems& problems) {
    std::vector<Mention> out;
    if (!node || node->kind == YamlNode::Kind::null) return out;
    const std::vector<const YamlNode*> one{node};
    const auto& items = node->kind == YamlNode::Kind::list ? node->items : one;
    if (items.size() > most) {
        problems.error(node->at, say(message::sigma_list_size, key, most));
        return std::nullopt;
    }
    for (const YamlNode* item : items) {
        std::string text = scalar_text(item);
        if (text.empty()) {
            problems.error(item->at, say(message::sigma_list_item, key, kind_name(item->kind)));
            return std::nullopt;
        }
        out.push_back({std::move(text), item->at});
    }
    return out;
}

const YamlNode* require(const YamlNode& map, std::string_view key, Problems& problems) {
    const YamlNode* node = map.find(key);
    if (node && node->kind != YamlNode::Kind::null) return node;
    problems.error(node ? node->at : map.at, say(message::sigma_missing, key));
    return nullptr;
}

void refuse_unknown_keys(const YamlNode& map,
                         std::span<const std::string_view> known,
                         Problems& problems) {
    for (const YamlEntry& entry : map.entries) {
        const std::string& key = entry.key->text;
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        problems.error(entry.key->at, say(message::lint_key, key), problems.nearest(key, known));
    }
}

RuleInfo read_info(const YamlNode& root, Problems& problems) {
    RuleInfo info;
    require(root, "title", problems);
    info.title = scalar_text(root.find("title"));
    info.name = scalar_text(root.find("name"));
    info.id = scalar_text(root.find("id"));
    if (info.id.empty()) info.id = derived_id(content_hash(root));
    info.author = scalar_text(root.find("author"));
    info.description = trim(scalar_text(root.find("description")));
    info.status = scalar_text(root.find("status"));
    info.tags = text_list(root.find("tags"));
    info.references = text_list(root.find("references"));
    info.false_positives = text_list(root.find("falsepositives"));
    info.file = problems.file();
    info.line = root.at.line;
    const YamlNode* ours = root.find("x-yagura");
    if (ours && ours->kind == YamlNode::Kind::map) {
        refuse_unknown_keys(*ours, kOurKeys, problems);
        info.title_ja = scalar_text(ours->find("title_ja"));
        info.description_ja = trim(scalar_text(ours->find("description_ja")));
        info.false_positives_ja = text_list(ours->find("falsepositives_ja"));
        info.level_note = scalar_text(ours->find("level_note"));
    } else if (ours && ours->kind != YamlNode::Kind::null) {
        problems.error(ours->at, say(message::extension_kind, kind_name(ours->kind)));
    }
    read_level(root, info, problems);
    return info;
}

match::RuleSource read_source(const YamlNode& root, Problems& problems) {
    match::RuleSource source;
    const YamlNode* node = require(root, "logsource", problems);
    if (!node) return source;
    source.product = scalar_text(node->find("product"));
    source.service = scalar_text(node->find("service"));
    source.category = scalar_text(node->find("category"));
    if (source.product.empty() && source.service.empty() && source.category.empty()) {
        problems.error(node->at, say(message::sigma_logsource_empty));
    }
    return source;
}

Refused read_identity(const YamlNode& root) {
    return {scalar_text(root.find("id")),
            scalar_text(root.find("name")),
            scalar_text(root.find("title")),
            root.at};
}

std::optional<int64_t> read_timespan(const YamlNode& node, int64_t least, Problems& problems) {
    const auto span = node.is_scalar() ? parse_timespan(node.text) : std::nullopt;
    if (!span || *span < least) {
        const bool bare = node.kind == YamlNode::Kind::integer;
        problems.error(node.at,
                       say(message::sigma_timespan, node.text),
                       bare ? say(message::sigma_timespan_bare, node.text)
                            : say(message::sigma_timespan_hint));
        return std::nullopt;
    }
    return span;
}

Hash128 content_hash(const YamlNode& node) {
    std::string tokens;
    append_tokens(node, tokens);
    return hash128(tokens);
}

}  // namespace yagura::rule::sigma
