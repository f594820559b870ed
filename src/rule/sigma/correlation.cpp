#include "rule/sigma/correlation.h"

#include <algorithm>
#include <cmath>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/messages/sigma.h"
#include "rule/sigma/condition.h"

// Sigma correlation rules specification 2.1 and, for the text conditions of temporal types and
// value_median, what pySigma reads. The rulings are those of docs/sigma.md.

namespace yagura::rule::sigma {
namespace {

using match::Condition;
using match::Correlation;
using match::CorrelationType;
using match::Threshold;
using match::WindowKind;

struct Type {
    std::string_view name;
    CorrelationType type;
};
constexpr Type kTypes[] = {
    {"event_count", CorrelationType::event_count},
    {"value_count", CorrelationType::value_count},
    {"temporal", CorrelationType::temporal},
    {"temporal_ordered", CorrelationType::temporal_ordered},
    {"value_sum", CorrelationType::value_sum},
    {"value_avg", CorrelationType::value_avg},
    {"value_percentile", CorrelationType::value_percentile},
    {"value_median", CorrelationType::value_median},
};

struct Bound {
    std::string_view name;
    Threshold::Kind kind;
};
constexpr Bound kBounds[] = {
    {"lt", Threshold::Kind::less},
    {"lte", Threshold::Kind::less_equal},
    {"gt", Threshold::Kind::greater},
    {"gte", Threshold::Kind::greater_equal},
    {"eq", Threshold::Kind::equal},
    {"neq", Threshold::Kind::not_equal},
};

struct Window {
    std::string_view name;
    WindowKind kind;
};
constexpr Window kWindows[] = {{"sliding", WindowKind::sliding},
                               {"tumbling", WindowKind::tumbling},
                               {"session", WindowKind::session}};

constexpr std::string_view kKeys[] = {"type",
                                      "rules",
                                      "group-by",
                                      "aliases",
                                      "timespan",
                                      "condition",
                                      "generate",
                                      "window",
                                      "gap",
                                      "null-group"};
constexpr std::string_view kConditionKeys[] = {
    "lt", "lte", "gt", "gte", "eq", "neq", "field", "percentile"};

bool is_temporal(CorrelationType type) {
    return type == CorrelationType::temporal || type == CorrelationType::temporal_ordered;
}

// The row of `table` that a scalar names; null after a problem.
template <class Row, size_t kCount>
const Row* find_row(const Row (&table)[kCount],
                    const YamlNode& node,
                    const Text& message,
                    Problems& problems) {
    std::vector<std::string_view> names;
    for (const Row& row : table) {
        if (node.is_text() && row.name == node.text) return &row;
        names.push_back(row.name);
    }
    problems.error(node.at, say(message, node.text), problems.nearest(node.text, names));
    return nullptr;
}

bool read_flag(const YamlNode* node, std::string_view key, Problems& problems) {
    if (!node) return false;
    if (node->kind == YamlNode::Kind::boolean) return node->number != 0;
    problems.error(node->at, say(message::correlation_flag, key, kind_name(node->kind)));
    return false;
}

std::optional<double> read_number(const YamlNode& node, Problems& problems) {
    if (node.is_number() && std::isfinite(node.number)) return node.number;
    problems.error(node.at, say(message::correlation_number, node.text));
    return std::nullopt;
}

// The rules that a condition names, where `rules` is left out.
std::vector<Mention> rules_in_condition(const YamlFile& file, const YamlNode& text) {
    constexpr std::string_view kOperators[] = {"and", "or", "not"};
    constexpr std::string_view kSigns = " \t\r\n()";
    const std::string_view all = text.text;
    std::vector<Mention> out;
    for (size_t from = 0; from < all.size();) {
        from = all.find_first_not_of(kSigns, from);
        if (from == std::string_view::npos) break;
        const size_t end = std::min(all.find_first_of(kSigns, from), all.size());
        const std::string_view word = all.substr(from, end - from);
        const bool known =
            std::find(std::begin(kOperators), std::end(kOperators), word) != std::end(kOperators) ||
            std::any_of(out.begin(), out.end(), [&](const Mention& mention) {
                return mention.text == word;
            });
        if (!known && out.size() <= kMaxTemporalReferences)
            out.push_back({std::string(word), file.inside(text, from)});
        from = end;
    }
    return out;
}

class Reader {
  public:
    Reader(const YamlFile& file, const YamlNode& node, CorrelationDraft& draft, Problems& problems)
        : file_(file),
          node_(node),
          draft_(draft),
          correlation_(draft.correlation),
          problems_(problems) {}

    void read() {
        refuse_unknown_keys(node_, kKeys, problems_);
        const YamlNode* type = require(node_, "type", problems_);
        const Type* row =
            type ? find_row(kTypes, *type, message::correlation_type, problems_) : nullptr;
        if (!row) return;
        correlation_.type = row->type;
        type_name_ = row->name;
        read_rules();
        read_fields("group-by", node_.find("group-by"), draft_.group_by);
        for (const Mention& key : draft_.group_by) correlation_.group_by.push_back(key.text);
        read_aliases();
        read_condition();
        read_window();
        correlation_.generate = read_flag(node_.find("generate"), "generate", problems_);
        correlation_.missing_is_a_group =
            read_flag(node_.find("null-group"), "null-group", problems_);
        draft_.says_generate = node_.find("generate");
    }

  private:
    void read_rules() {
        const YamlNode* condition = node_.find("condition");
        const bool from_condition = is_temporal(correlation_.type) && condition &&
                                    condition->is_text() && !node_.find("rules");
        if (from_condition) {
            draft_.rules = rules_in_condition(file_, *condition);
        } else if (const YamlNode* rules = require(node_, "rules", problems_)) {
            if (auto list = mention_list(rules, "rules", kMaxReferences, problems_)) {
                if (list->empty()) problems_.error(rules->at, say(message::correlation_no_rules));
                draft_.rules = std::move(*list);
            }
        }
        if (is_temporal(correlation_.type) && draft_.rules.size() > kMaxTemporalReferences) {
            problems_.error(node_.at,
                            say(message::sigma_list_size, "rules", kMaxTemporalReferences));
            draft_.rules.clear();
        }
    }

    void read_fields(std::string_view key, const YamlNode* node, std::vector<Mention>& out) {
        auto fields = mention_list(node, key, kMaxCorrelationFields, problems_);
        if (!fields) return;
        for (Mention& field : *fields) {
            const bool again = std::any_of(out.begin(), out.end(), [&](const Mention& known) {
                return known.text == field.text;
            });
            if (again) {
                problems_.error(field.at, say(message::correlation_field_twice, field.text));
            } else {
                out.push_back(std::move(field));
            }
        }
    }

    void read_aliases() {
        const YamlNode* node = node_.find("aliases");
        if (!node || node->kind == YamlNode::Kind::null) return;
        if (node->kind != YamlNode::Kind::map || node->entries.size() > kMaxCorrelationFields) {
            problems_.error(node->at, say(message::correlation_aliases));
            return;
        }
        for (const YamlEntry& entry : node->entries) {
            CorrelationDraft::Alias alias{entry.key->text, entry.key->at, {}};
            if (entry.value->kind != YamlNode::Kind::map) {
                problems_.error(entry.value->at, say(message::correlation_aliases));
                continue;
            }
            for (const YamlEntry& field : entry.value->entries) {
                std::string name = scalar_text(field.value);
                if (name.empty())
                    problems_.error(field.value->at, say(message::correlation_aliases));
                alias.fields.push_back({{field.key->text, field.key->at}, std::move(name)});
            }
            draft_.aliases.push_back(std::move(alias));
        }
    }

    void read_condition() {
        const YamlNode* node = node_.find("condition");
        const bool temporal = is_temporal(correlation_.type);
        if (!node || node->kind == YamlNode::Kind::null) {
            if (!temporal) require(node_, "condition", problems_);
        } else if (node->is_text() && temporal) {
            read_expression(*node);
        } else if (node->kind != YamlNode::Kind::map) {
            problems_.error(node->at,
                            say(message::correlation_condition_kind, kind_name(node->kind)));
        } else {
            read_bounds(*node);
            read_values(*node);
        }
    }

    // "a and not b" over what `rules` calls a and b.
    void read_expression(const YamlNode& node) {
        Detections seen;
        for (const Mention& rule : draft_.rules) {
            Condition condition;
            condition.kind = Condition::Kind::predicate;
            condition.predicate = static_cast<uint32_t>(seen.identifiers.size());
            seen.identifiers.push_back({rule.text, rule.at, std::move(condition)});
        }
        correlation_.condition = sigma::read_condition(file_, node, seen, problems_);
        if (!correlation_.condition) return;
        for (const SearchIdentifier& rule : seen.identifiers) {
            if (!rule.used) problems_.error(rule.at, say(message::correlation_unused, rule.name));
        }
    }

    void read_bounds(const YamlNode& node) {
        refuse_unknown_keys(node, kConditionKeys, problems_);
        bool bounded = false;
        for (const Bound& bound : kBounds) {
            const YamlNode* value = node.find(bound.name);
            if (!value) continue;
            bounded = true;
            if (const auto number = read_number(*value, problems_))
                correlation_.thresholds.push_back({bound.kind, *number});
        }
        if (!bounded) problems_.error(node.at, say(message::correlation_no_bound));
    }

    void read_values(const YamlNode& node) {
        const bool counts = correlation_.type == CorrelationType::event_count;
        const YamlNode* field = node.find("field");
        if (counts || is_temporal(correlation_.type)) {
            if (field) problems_.error(field->at, say(message::correlation_field, type_name_));
        } else if (require(node, "field", problems_)) {
            read_fields("field", field, draft_.value_fields);
            const bool one = correlation_.type != CorrelationType::value_count;
            if (draft_.value_fields.empty() || (one && draft_.value_fields.size() > 1))
                problems_.error(field->at, say(message::correlation_one_field, type_name_));
        }
        read_percentile(node);
    }

    void read_percentile(const YamlNode& node) {
        const YamlNode* percentile = node.find("percentile");
        if (correlation_.type != CorrelationType::value_percentile) {
            if (percentile)
                problems_.error(percentile->at, say(message::correlation_percentile_only));
            return;
        }
        if (!percentile) {
            problems_.error(node.at,
                            say(message::sigma_missing, "percentile"),
                            say(message::correlation_percentile_hint));
        } else if (const auto number = read_number(*percentile, problems_)) {
            correlation_.percentile = *number;
            if (*number < 0 || *number > 100)
                problems_.error(percentile->at, say(message::correlation_percentile_range));
        }
    }

    void read_window() {
        if (const YamlNode* node = require(node_, "timespan", problems_))
            correlation_.timespan = read_timespan(*node, 1, problems_).value_or(0);
        if (const YamlNode* node = node_.find("window")) {
            const Window* row = find_row(kWindows, *node, message::correlation_window, problems_);
            if (row) correlation_.window = row->kind;
        }
        const bool session = correlation_.window == WindowKind::session;
        const YamlNode* gap = node_.find("gap");
        if (session && !gap) require(node_, "gap", problems_);
        if (!gap) return;
        if (!session) problems_.error(gap->at, say(message::correlation_gap));
        correlation_.gap = read_timespan(*gap, 1, problems_).value_or(0);
        if (correlation_.gap > correlation_.timespan && correlation_.timespan > 0)
            problems_.error(gap->at, say(message::correlation_gap_longer));
    }

    const YamlFile& file_;
    const YamlNode& node_;
    CorrelationDraft& draft_;
    Correlation& correlation_;
    Problems& problems_;
    std::string_view type_name_;
};

}  // namespace

std::span<const std::string_view> correlation_keys() {
    return kKeys;
}

std::optional<CorrelationDraft> read_correlation(const YamlFile& file,
                                                 const YamlNode& root,
                                                 Problems& problems) {
    const size_t before = problems.errors();
    CorrelationDraft draft;
    draft.at = root.at;
    draft.correlation.info = read_info(root, problems);
    if (const YamlNode* detection = root.find("detection"))
        problems.error(detection->at, say(message::correlation_detection));
    const YamlNode& node = *root.find("correlation");
    draft.content = content_hash(node);
    if (node.kind == YamlNode::Kind::map) {
        Reader(file, node, draft, problems).read();
    } else {
        problems.error(node.at, say(message::correlation_kind, kind_name(node.kind)));
    }
    if (problems.errors() != before) return std::nullopt;
    return draft;
}

}  // namespace yagura::rule::sigma
