#include "rule/sigma/filter.h"

#include <algorithm>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/messages/sigma.h"
#include "base/text.h"
#include "rule/sigma/condition.h"
#include "rule/sigma/lint.h"

// The specification says a filter suppresses, and its example is `condition: selection`; pySigma
// adds the condition as it is written, so its filters say `not selection`; other tools add `not` by
// themselves. One file, opposite meanings. Here it is added as written, lint points at conditions
// without any `not`, and `x-yagura-filter: suppress` says the other reading aloud.

namespace yagura::rule::sigma {
namespace {

using match::Condition;

constexpr std::string_view kModeKey = "x-yagura-filter";
constexpr std::string_view kModes[] = {"suppress", "keep"};

bool has_negation(const Condition& condition) {
    return condition.kind == Condition::Kind::negation ||
           std::any_of(condition.children.begin(), condition.children.end(), has_negation);
}

class Reader {
  public:
    Reader(const YamlFile& file,
           const YamlNode& root,
           const ReadOptions& options,
           Problems& problems)
        : file_(file), root_(root), options_(options), problems_(problems) {}

    void read(FilterDraft& out) {
        out.rule.info = read_info(root_, problems_);
        out.rule.source = read_source(root_, problems_);
        read_mode();
        const YamlNode& filter = *root_.find("filter");
        if (filter.kind != YamlNode::Kind::map) {
            problems_.error(filter.at, say(message::filter_kind, kind_name(filter.kind)));
            return;
        }
        read_rules(filter, out);
        read_condition(filter, out.rule);
        out.content = hash_of(filter, out.rule.source);
    }

  private:
    void read_mode() {
        const YamlNode* node = root_.find(kModeKey);
        if (!node) return;
        if (std::find(std::begin(kModes), std::end(kModes), node->text) == std::end(kModes)) {
            problems_.error(node->at,
                            say(message::filter_mode, kModeKey, node->text),
                            problems_.nearest(node->text, kModes));
        }
        mode_ = node->text;
    }

    void read_rules(const YamlNode& filter, FilterDraft& out) {
        const YamlNode* rules = require(filter, "rules", problems_);
        if (!rules || (rules->is_text() && equals_ignore_case(rules->text, "any"))) return;
        if (auto list = mention_list(rules, "rules", kMaxFilterRules, problems_))
            out.rules = std::move(*list);
        out.names_rules = !out.rules.empty();
    }

    void read_condition(const YamlNode& filter, match::Rule& rule) {
        const YamlNode* text = require(filter, "condition", problems_);
        if (!text) return;
        YamlNode searches = filter;
        std::erase_if(searches.entries,
                      [](const YamlEntry& entry) { return entry.key->text == "rules"; });
        FieldCheck check;
        if (options_.warnings) check = field_check(rule.source, problems_);
        Detections detections = read_detections(file_, searches, check, problems_, options_.lists);
        auto condition = sigma::read_condition(file_, *text, detections, problems_);
        if (!condition) return;
        if (mode_.empty() && !has_negation(*condition)) {
            problems_.warn(text->at,
                           say(message::filter_without_not),
                           say(message::filter_without_not_hint, kModeKey));
        }
        if (mode_ == "suppress") condition = negation_of(std::move(*condition));
        rule = rule_of(
            std::move(rule.info), std::move(rule.source), std::move(*condition), detections);
    }

    Hash128 hash_of(const YamlNode& filter, const match::RuleSource& source) const {
        const Hash128 content = content_hash(filter);
        return hash128(fmt::format("{}\n{}\n{}\n{}\n{:x}{:x}",
                                   mode_ == "suppress",
                                   source.product,
                                   source.service,
                                   source.category,
                                   content.high,
                                   content.low));
    }

    const YamlFile& file_;
    const YamlNode& root_;
    const ReadOptions& options_;
    Problems& problems_;
    std::string mode_;
};

}  // namespace

std::optional<FilterDraft> read_filter(const YamlFile& file,
                                       const YamlNode& root,
                                       const ReadOptions& options,
                                       Problems& problems) {
    const size_t before = problems.errors();
    FilterDraft draft;
    Reader(file, root, options, problems).read(draft);
    if (problems.errors() != before) return std::nullopt;
    return draft;
}

}  // namespace yagura::rule::sigma
