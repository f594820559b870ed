// Reads Sigma files: YAML in, match rules out, every mistake with its line and column.
//
//   sigma::Reading reading = sigma::read_rules(text, "rules/x.yml");
//   for (match::Rule& rule : reading.rules) …
//
// One bad rule costs that rule; the other documents of the file still load. Specification:
// Sigma 2.1 (SigmaHQ, sigma-rules-specification and its appendix on modifiers), with the rulings of
// docs/sigma.md. What correlations refer to is looked up later, by rule/resolve.h.
// Thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "match/first_seen.h"
#include "match/ir.h"
#include "rule/problems.h"
#include "rule/sigma/correlation.h"
#include "rule/sigma/filter.h"

namespace yagura::rule::sigma {

// A rule that is well but not for here.
struct Skipped {
    enum class Kind : uint8_t {
        falco_source,    // a Falco rule about logs that this program does not read
        falco_disabled,  // enabled: false
        falco_field,     // names an unknown field, and skip-if-unknown-filter allows for it
    };
    Kind kind;
    std::string title;
    std::string file;
    Position at;
};

struct Reading {
    // One per condition: a rule with a list of conditions gives several with the same information.
    std::vector<match::Rule> rules;
    std::vector<match::FirstSeen> first_seen;  // `rules` counts within the list above
    std::vector<CorrelationDraft> correlations;
    std::vector<FilterDraft> filters;
    uint32_t documents = 0;        // read, good or bad
    uint32_t quarantined = 0;      // of these, refused
    std::vector<Refused> refused;  // the same, by what could be read of them
    std::vector<Skipped> skipped;
    std::vector<Diagnostic> diagnostics;  // errors; warnings too when asked for
};

// `file` is what diagnostics and RuleInfo::file say.
Reading read_rules(std::string_view text, std::string_view file, const ReadOptions& options = {});

}  // namespace yagura::rule::sigma
