// Rule files that speak of each other: correlations and filters naming rules, lists, Falco files
// that append. The input is cut into files at lines that begin with "#@":
//
//   #@ bundled       rules, of which an added one may take the place
//   #@ list          lists for `expand`
//   #@ added         (or anything else) rules; also what stands before the first mark
//
// Whatever they hold, loading ends with a set whose parts point at each other rightly.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "rule/loader.h"
#include "rules.h"

using namespace yagura;

namespace {

constexpr size_t kMaxFiles = 20;

rule::RuleTexts cut(std::string_view text) {
    rule::RuleTexts texts;
    rule::FileTexts* folder = &texts.added;
    for (size_t count = 0; count < kMaxFiles; ++count) {
        const size_t mark = text.find("\n#@");
        (*folder)[std::to_string(count) + ".yml"] = text.substr(0, mark);
        if (mark == std::string_view::npos) break;
        text.remove_prefix(mark + 1);
        folder = text.starts_with("#@ bundled") ? &texts.bundled
                 : text.starts_with("#@ list")  ? &texts.lists
                                                : &texts.added;
    }
    return texts;
}

// Correlations stand behind those they refer to, no deeper than allowed.
void check_correlations(const rule::RuleSet& set) {
    std::vector<uint32_t> depths(set.correlations.size(), 0);
    for (size_t i = 0; i < set.correlations.size(); ++i) {
        const match::Correlation& correlation = set.correlations[i];
        YAGURA_EXPECT(!correlation.references.empty() && correlation.timespan > 0);
        for (const match::CorrelationReference& reference : correlation.references) {
            YAGURA_EXPECT(reference.rules.empty() != reference.correlations.empty());
            YAGURA_EXPECT(reference.group_by.size() == correlation.group_by.size());
            for (const uint32_t at : reference.rules) YAGURA_EXPECT(at < set.rules.size());
            for (const uint32_t at : reference.correlations) {
                YAGURA_EXPECT(at < i);
                depths[i] = std::max(depths[i], depths[at] + 1);
            }
        }
        YAGURA_EXPECT(depths[i] <= match::kMaxCorrelationDepth);
    }
}

// Nobody is silent unless a correlation that does not generate speaks for it.
void check_silence(const rule::RuleSet& set) {
    std::vector<bool> spoken_for(set.rules.size()), above(set.correlations.size());
    for (const match::Correlation& correlation : set.correlations) {
        for (const match::CorrelationReference& reference : correlation.references) {
            for (const uint32_t at : reference.rules)
                spoken_for[at] = spoken_for[at] || !correlation.generate;
            for (const uint32_t at : reference.correlations)
                above[at] = above[at] || !correlation.generate;
        }
    }
    for (const match::FirstSeen& memory : set.first_seen) {
        YAGURA_EXPECT(!memory.rules.empty() && !memory.fields.empty());
        for (const uint32_t at : memory.rules) {
            YAGURA_EXPECT(at < set.rules.size());
            spoken_for[at] = true;
        }
    }
    for (size_t i = 0; i < set.rules.size(); ++i)
        YAGURA_EXPECT(set.rules[i].reports || spoken_for[i]);
    for (size_t i = 0; i < set.correlations.size(); ++i)
        YAGURA_EXPECT(set.correlations[i].reports || above[i]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const rule::RuleTexts texts = cut({reinterpret_cast<const char*>(data), size});
    const rule::RuleSet set = rule::load_texts(texts, true);
    const rule::RuleSet quiet = rule::load_texts(texts);
    YAGURA_EXPECT(set.rules.size() == quiet.rules.size() && set.loaded == quiet.loaded);
    YAGURA_EXPECT(set.quarantined.size() == quiet.quarantined.size());
    YAGURA_EXPECT(set.quarantined_count == 0 || !set.quarantined.empty());
    for (const match::Rule& rule : set.rules) {
        YAGURA_EXPECT(!rule.info.id.empty());
        fuzz::check_bounds(rule, rule.condition, 0);
    }
    check_correlations(set);
    check_silence(set);
    for (const rule::Filter& filter : set.filters) YAGURA_EXPECT(filter.rules <= set.rules.size());
    if (!set.rules.empty()) fuzz::check_answers(set.rules);
    return 0;
}
