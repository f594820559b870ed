// Looks up what rules say about each other, once every file is read: correlations name rules and
// other correlations, filters the rules they narrow; by id, name or title.
//
//   Catalogue catalogue;
//   catalogue.add({.id = …, .kind = Known::Kind::rules, .from = 7, .count = 1});
//   apply_filters(catalogue, std::move(filters), lint, set);
//   resolve_correlations(catalogue, std::move(correlations), lint, set);
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "rule/sigma/correlation.h"
#include "rule/sigma/filter.h"

namespace yagura::rule {

struct RuleSet;

// A document, as others may refer to it.
struct Known {
    enum class Kind : uint8_t { rules, first_seen, correlation, filter, refused };

    std::string id;
    std::string name;
    std::string title;
    std::string file;
    uint32_t line = 0;
    Kind kind = Kind::refused;
    uint32_t from = 0;   // rules: the first in RuleSet::rules; correlation: which draft
    uint32_t count = 0;  // rules: how many; one per condition of the document
};

class Catalogue {
  public:
    void add(Known known);

    // Another name and title for the document with this id: those of a rule it replaced.
    void add_also(std::string_view id, std::string_view name, std::string_view title);

    struct Found {
        std::vector<const Known*> candidates;  // one, unless the name is unknown or ambiguous
        bool by_title = false;
    };
    // By id, else name, else title. What can be used goes before what was refused, the same file
    // before others.
    Found find(std::string_view text, std::string_view file) const;

    // "did you mean …?", or empty.
    std::string nearest(std::string_view text) const;

    const std::vector<Known>& all() const { return known_; }

  private:
    using Index = std::unordered_map<std::string, std::vector<uint32_t>, TextHash, std::equal_to<>>;

    Found choose(const Index& index, std::string_view text, std::string_view file) const;

    std::vector<Known> known_;
    Index by_id_, by_name_, by_title_;
};

// Each suggestion compares a word with every name there is; this many are enough.
constexpr size_t kMaxSuggestions = 100;

// "'x' names several rules: a.yml:1, b.yml:7"
std::string say_ambiguous(std::string_view text, const Catalogue::Found& found);

// Moves what was found to set.quarantined and set.warnings.
void take_diagnostics(Problems& problems, RuleSet& set);

// Narrows set.rules and fills set.filters. Names that nothing has are warnings, as the rules may be
// elsewhere.
void apply_filters(const Catalogue& catalogue,
                   std::vector<sigma::FilterDraft> drafts,
                   bool lint,
                   RuleSet& set);

// Fills set.correlations, inner ones first, and Rule::reports. A draft that names what is not there
// is quarantined with its place, and so is whatever refers to it. `lint` also collects warnings.
void resolve_correlations(const Catalogue& catalogue,
                          std::vector<sigma::CorrelationDraft> drafts,
                          bool lint,
                          RuleSet& set);

}  // namespace yagura::rule
