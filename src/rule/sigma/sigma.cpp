#include "rule/sigma/sigma.h"

#include <algorithm>
#include <unordered_set>

#include "base/diagnostic.h"
#include "base/hash.h"
#include "base/language.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/sigma/condition.h"
#include "rule/sigma/detection.h"
#include "rule/sigma/lint.h"
#include "rule/yaml.h"

namespace yagura::rule::sigma {
namespace {

using match::Condition;
using match::Predicate;
using match::Rule;
using match::RuleInfo;

std::string scalar_text(const YamlNode* node) {
    return node && node->is_scalar() && node->kind != YamlNode::Kind::null ? node->text
                                                                           : std::string();
}

// A list of texts; a single text counts as a list of one.
std::vector<std::string> text_list(const YamlNode* node) {
    std::vector<std::string> out;
    if (!node) return out;
    if (std::string one = scalar_text(node); !one.empty()) return {one};
    for (const YamlNode* item : node->items) {
        if (std::string text = scalar_text(item); !text.empty()) out.push_back(std::move(text));
    }
    return out;
}

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

// A rule without an id gets one from its content, so that it stays the same until the rule changes
// (RFC 9562, version 8: a UUID of our own making).
std::string derived_id(const YamlNode& root) {
    std::string tokens;
    append_tokens(root, tokens);
    const Hash128 hash = hash128(tokens);
    const uint64_t high = (hash.high & ~0xF000ULL) | 0x8000ULL;
    const uint64_t low = (hash.low & ~(3ULL << 62)) | (2ULL << 62);
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                       high >> 32,
                       high >> 16 & 0xFFFF,
                       high & 0xFFFF,
                       low >> 48,
                       low & 0xFFFFFFFFFFFFULL);
}

// Copies what `condition` needs of the predicates and points it to the copies.
void adopt_predicates(Condition& condition,
                      const std::vector<Predicate>& from,
                      std::vector<uint32_t>& moved_to,
                      Rule& rule) {
    if (condition.kind == Condition::Kind::predicate) {
        uint32_t& to = moved_to[condition.predicate];
        if (to == UINT32_MAX) {
            to = static_cast<uint32_t>(rule.predicates.size());
            rule.predicates.push_back(from[condition.predicate]);
        }
        condition.predicate = to;
    }
    for (Condition& child : condition.children) adopt_predicates(child, from, moved_to, rule);
}

class DocumentReader {
  public:
    DocumentReader(const YamlFile& file,
                   const YamlNode& root,
                   const ReadOptions& options,
                   Problems& problems)
        : file_(file), root_(root), options_(options), problems_(problems) {}

    // Appends the rules of the document; none when it has an error.
    void read(std::vector<Rule>& out) {
        const size_t before = problems_.errors();
        RuleInfo info = read_info();
        match::RuleSource source = read_source();
        std::vector<Rule> rules = read_detection(info, source);
        if (options_.warnings) warn_of_habits(root_, problems_);
        if (problems_.errors() != before) return;
        for (Rule& rule : rules) out.push_back(std::move(rule));
    }

  private:
    const YamlNode* require(std::string_view key) {
        const YamlNode* node = root_.find(key);
        if (node && node->kind != YamlNode::Kind::null) return node;
        problems_.error(node ? node->at : root_.at, say(message::sigma_missing, key));
        return nullptr;
    }

    RuleInfo read_info() {
        RuleInfo info;
        require("title");
        info.title = scalar_text(root_.find("title"));
        info.id = scalar_text(root_.find("id"));
        if (info.id.empty()) info.id = derived_id(root_);
        info.author = scalar_text(root_.find("author"));
        info.description = trim(scalar_text(root_.find("description")));
        info.status = scalar_text(root_.find("status"));
        info.tags = text_list(root_.find("tags"));
        info.references = text_list(root_.find("references"));
        info.false_positives = text_list(root_.find("falsepositives"));
        info.file = problems_.file();
        info.line = root_.at.line;
        if (const YamlNode* ours = root_.find("x-yagura")) {
            info.title_ja = scalar_text(ours->find("title_ja"));
            info.description_ja = trim(scalar_text(ours->find("description_ja")));
            info.false_positives_ja = text_list(ours->find("falsepositives_ja"));
            info.level_note = scalar_text(ours->find("level_note"));
        }
        read_level(info);
        return info;
    }

    void read_level(RuleInfo& info) {
        const YamlNode* node = root_.find("level");
        if (!node || node->kind == YamlNode::Kind::null) return;
        if (const auto level = match::level_from_name(node->text)) {
            info.level = *level;
            return;
        }
        constexpr std::string_view kLevels[] = {
            "informational", "low", "medium", "high", "critical"};
        problems_.error(node->at,
                        say(message::sigma_level, node->text),
                        problems_.nearest(node->text, kLevels));
    }

    match::RuleSource read_source() {
        match::RuleSource source;
        const YamlNode* node = require("logsource");
        if (!node) return source;
        source.product = scalar_text(node->find("product"));
        source.service = scalar_text(node->find("service"));
        source.category = scalar_text(node->find("category"));
        if (source.product.empty() && source.service.empty() && source.category.empty()) {
            problems_.error(node->at, say(message::sigma_logsource_empty));
        }
        return source;
    }

    std::vector<Rule> read_detection(const RuleInfo& info, const match::RuleSource& source) {
        std::vector<Rule> rules;
        const YamlNode* node = require("detection");
        if (!node) return rules;
        if (node->kind != YamlNode::Kind::map) {
            problems_.error(node->at, say(message::sigma_detection_kind, kind_name(node->kind)));
            return rules;
        }
        FieldCheck check;
        if (options_.warnings) check = field_check(source, problems_);
        Detections detections = read_detections(file_, *node, check, problems_);
        for (const YamlNode* text : condition_texts(*node)) {
            auto condition = read_condition(file_, *text, detections, problems_);
            if (!condition) continue;
            Rule rule{info, source, {}, std::move(*condition)};
            std::vector<uint32_t> moved_to(detections.predicates.size(), UINT32_MAX);
            adopt_predicates(rule.condition, detections.predicates, moved_to, rule);
            rules.push_back(std::move(rule));
        }
        if (options_.warnings) {
            for (const SearchIdentifier& identifier : detections.identifiers) {
                if (!identifier.used)
                    problems_.warn(identifier.at, say(message::sigma_unused, identifier.name));
            }
        }
        return rules;
    }

    std::vector<const YamlNode*> condition_texts(const YamlNode& detection) {
        const YamlNode* node = detection.find("condition");
        if (!node || node->kind == YamlNode::Kind::null) {
            problems_.error(detection.at, say(message::sigma_missing, "condition"));
            return {};
        }
        if (node->kind != YamlNode::Kind::list) return {node};
        if (node->items.empty())
            problems_.error(node->at, say(message::sigma_missing, "condition"));
        return node->items;
    }

    const YamlFile& file_;
    const YamlNode& root_;
    const ReadOptions& options_;
    Problems& problems_;
};

void read_document(const YamlFile& file,
                   const YamlDocument& document,
                   const ReadOptions& options,
                   Problems& problems,
                   Reading& out) {
    if (!document.root || document.root->kind == YamlNode::Kind::null) return;
    const YamlNode& root = *document.root;
    const auto skip = [&](Skipped::Kind kind) {
        out.skipped.push_back({kind, scalar_text(root.find("title")), problems.file(), root.at});
    };
    if (!document.broken && root.find("correlation")) return skip(Skipped::Kind::correlation);
    if (!document.broken && root.find("filter") && !root.find("detection"))
        return skip(Skipped::Kind::filter);
    ++out.documents;
    const size_t before = problems.errors();
    if (root.kind != YamlNode::Kind::map) {
        problems.error(root.at, say(message::sigma_not_a_rule, kind_name(root.kind)));
    } else if (const YamlNode* action = root.find("action")) {
        problems.error(action->at, say(message::sigma_action), say(message::sigma_action_hint));
    } else if (!document.broken) {
        DocumentReader(file, root, options, problems).read(out.rules);
    }
    if (document.broken || problems.errors() != before) ++out.quarantined;
}

}  // namespace

Reading read_rules(std::string_view text, std::string_view file, const ReadOptions& options) {
    Reading out;
    Problems problems(std::string(file), options.warnings);
    const YamlFile yaml = parse_yaml(text, problems);
    bool any_broken = false;
    for (const YamlDocument& document : yaml.documents()) any_broken |= document.broken;
    if (problems.errors() > 0 && !any_broken) {  // the text itself: at least one rule is lost
        ++out.documents;
        ++out.quarantined;
    }
    for (const YamlDocument& document : yaml.documents())
        read_document(yaml, document, options, problems, out);
    out.diagnostics = problems.take();
    return out;
}

}  // namespace yagura::rule::sigma
