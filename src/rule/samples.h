// The events that stand beside a rule: those it must match and those it must not.
//
//   x.yml   x.test.json   {"match": [record, …], "no_match": [record, …]}
//
// A record is written as the log writes it: an object for JSON logs; for text logs a string with
// the line, which may bring its header line in front ("version account-id …\n2 1234…"). Every
// record goes through the real parser of its log type and both evaluators.
//
//   const SampleReport report = check_samples(rule_set, {.required = true});
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "rule/loader.h"

namespace yagura::rule {

struct Sample {
    std::string record;
    bool must_match = false;
};

// "rules/x.yml" → "rules/x.test.json"
std::filesystem::path sample_file_of(const std::filesystem::path& rule_file);

// At most 16 MiB; both lists must be there and hold something.
Result<std::vector<Sample>> read_samples(const std::filesystem::path& file);

struct SampleFailure {
    std::string rule_file;
    std::string rule_title;
    std::string sentence;  // what went wrong, in the user's language
};

struct SampleReport {
    uint32_t files = 0;  // rule files with samples that were run
    uint32_t samples = 0;
    uint32_t untested = 0;  // rule files without samples
    std::vector<SampleFailure> failures;
};

struct SampleOptions {
    bool required = false;  // a rule file without samples is a failure
};

// Runs the samples of every rule file of `rules`.
SampleReport check_samples(const RuleSet& rules, const SampleOptions& options);

}  // namespace yagura::rule
