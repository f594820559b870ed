#include "rule/sigma/sigma.h"

#include <algorithm>
#include <unordered_set>

#include "base/diagnostic.h"
#include "base/hash.h"
#include "base/language.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/derived_id.h"
#include "rule/sigma/aggregation.h"
#include "rule/sigma/condition.h"
#include "rule/sigma/detection.h"
#include "rule/sigma/document.h"
#include "rule/sigma/first_seen.h"
#include "rule/sigma/lint.h"
#include "rule/sigma/meaning.h"
#include "rule/yaml.h"

namespace yagura::rule::sigma {
namespace {

using match::Condition;
using match::Predicate;
using match::Rule;
using match::RuleInfo;

class DocumentReader {
  public:
    DocumentReader(const YamlFile& file,
                   const YamlNode& root,
                   const ReadOptions& options,
                   Problems& problems)
        : file_(file), root_(root), options_(options), problems_(problems) {}

    // Appends the rules of the document; none when it has an error.
    void read(Reading& out) {
        const size_t before = problems_.errors();
        RuleInfo info = read_info(root_, problems_);
        match::RuleSource source = read_source(root_, problems_);
        FieldCheck check;
        if (options_.warnings) check = field_check(source, problems_);
        std::vector<Rule> rules = read_detection(info, source, check);
        std::optional<match::FirstSeen> first_seen;
        if (const YamlNode* node = first_seen_node())
            first_seen = read_first_seen(*node, check, problems_);
        if (options_.warnings) warn_of_habits(root_, problems_);
        if (problems_.errors() != before) return;
        if (aggregation_ && rules.size() == 1) read_counted(info, rules[0], out);
        for (Rule& rule : rules) {
            if (first_seen) first_seen->rules.push_back(static_cast<uint32_t>(out.rules.size()));
            rule.reports = !first_seen;
            out.rules.push_back(std::move(rule));
        }
        if (!first_seen) return;
        first_seen->info = std::move(info);
        out.first_seen.push_back(std::move(*first_seen));
    }

  private:
    const YamlNode* first_seen_node() const {
        const YamlNode* ours = root_.find("x-yagura");
        return ours ? ours->find("first_seen") : nullptr;
    }

    std::vector<Rule> read_detection(const RuleInfo& info,
                                     const match::RuleSource& source,
                                     const FieldCheck& check) {
        std::vector<Rule> rules;
        const YamlNode* node = require(root_, "detection", problems_);
        if (!node) return rules;
        if (node->kind != YamlNode::Kind::map) {
            problems_.error(node->at, say(message::sigma_detection_kind, kind_name(node->kind)));
            return rules;
        }
        const size_t errors = problems_.errors();
        // What could not be read has no meaning to warn of.
        const auto is_sound = [&] { return problems_.errors() == errors; };
        Detections detections = read_detections(file_, *node, check, problems_, options_.lists);
        const std::vector<const YamlNode*> texts = condition_texts(*node);
        for (const YamlNode* text : texts) {
            YamlNode search = *text;
            const size_t cut = texts.size() == 1 ? find_aggregation(text->text) : std::string::npos;
            if (cut != std::string::npos) {
                aggregation_ = read_aggregation(file_, *node, *text, cut, problems_);
                search.text.resize(cut);
            }
            auto condition = read_condition(file_, search, detections, problems_);
            if (!condition) continue;
            rules.push_back(rule_of(info, source, std::move(*condition), detections));
            if (options_.warnings && is_sound()) warn_of_meaning(rules.back(), text->at, problems_);
        }
        if (options_.warnings && is_sound()) {
            for (const SearchIdentifier& identifier : detections.identifiers) {
                if (!identifier.used)
                    problems_.warn(Lint::unused_identifier,
                                   identifier.at,
                                   say(message::sigma_unused, identifier.name));
            }
        }
        return rules;
    }

    // The rule becomes what is counted, under an id of its own; its document the correlation.
    void read_counted(const RuleInfo& info, Rule& rule, Reading& out) {
        aggregation_->content = content_hash(root_);
        aggregation_->correlation.info = info;
        Hash128 searched = aggregation_->content;
        searched.low ^= 1;
        rule.info.id = derived_id(searched);
        rule.info.name = rule.info.id;
        rule.info.title += say(message::aggregation_events);
        aggregation_->rules.push_back({rule.info.id, aggregation_->at});
        out.correlations.push_back(std::move(*aggregation_));
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
    std::optional<CorrelationDraft> aggregation_;  // the condition counts, as Sigma 1 could
};

// Appends what the document says; its errors are in `problems`.
void read_document(const YamlFile& file,
                   const YamlNode& root,
                   const ReadOptions& options,
                   Problems& problems,
                   Reading& out) {
    if (root.kind != YamlNode::Kind::map) {
        problems.error(root.at, say(message::sigma_not_a_rule, kind_name(root.kind)));
    } else if (const YamlNode* action = root.find("action")) {
        problems.error(action->at, say(message::sigma_action), say(message::sigma_action_hint));
    } else if (root.find("correlation")) {
        if (auto draft = read_correlation(file, root, problems))
            out.correlations.push_back(std::move(*draft));
    } else if (root.find("filter") && !root.find("detection")) {
        if (auto draft = read_filter(file, root, options, problems))
            out.filters.push_back(std::move(*draft));
    } else {
        DocumentReader(file, root, options, problems).read(out);
    }
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
    for (const YamlDocument& document : yaml.documents()) {
        if (!document.root || document.root->kind == YamlNode::Kind::null) continue;
        const YamlNode& root = *document.root;
        ++out.documents;
        const size_t before = problems.errors();
        if (!document.broken) read_document(yaml, root, options, problems, out);
        if (!document.broken && problems.errors() == before) continue;
        ++out.quarantined;
        out.refused.push_back(read_identity(root));
    }
    out.diagnostics = problems.take();
    return out;
}

}  // namespace yagura::rule::sigma
