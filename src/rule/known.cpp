#include "rule/known.h"

namespace yagura::rule {

std::vector<KnownRule> known_rules(const RuleSet& set) {
    std::vector<KnownRule> known;
    std::vector<size_t> of_rule;  // for each of set.rules, its place in `known`
    for (const match::Rule& rule : set.rules) {
        if (known.empty() || known.back().info->id != rule.info.id)
            known.push_back({&rule.info, source_name(rule.source), {}, nullptr, nullptr, {}});
        known.back().rules.push_back(&rule);
        of_rule.push_back(known.size() - 1);
    }
    for (const match::FirstSeen& memory : set.first_seen) {
        for (const uint32_t at : memory.rules) known[of_rule[at]].first_seen = &memory;
    }
    for (const Filter& filter : set.filters) {
        for (const uint32_t at : filter.narrowed) {
            auto& filters = known[of_rule[at]].filters;
            if (filters.empty() || filters.back() != &filter) filters.push_back(&filter);
        }
    }
    for (const match::Correlation& correlation : set.correlations)
        known.push_back({&correlation.info, "correlation", {}, &correlation, nullptr, {}});
    return known;
}

std::string source_name(const match::RuleSource& source) {
    std::string out;
    for (const std::string* part : {&source.product, &source.service, &source.category}) {
        if (part->empty()) continue;
        if (!out.empty()) out += '/';
        out += *part;
    }
    return out;
}

}  // namespace yagura::rule
