// The events that stand beside a rule: those it must match and those it must not.
//
//   x.yml   x.test.json   {"match": [record, …], "no_match": [record, …]}
//
// A record is written as the log writes it: an object for JSON logs; for text logs a string with
// the line, which may bring its header line in front ("version account-id …\n2 1234…"). Every
// record goes through the real parser of its log type and both evaluators.
//
// Correlations and first-seen rules are asked about a whole little log: a list of records in place
// of a record. It "matches" when a correlation or first-seen rule of the file fires at least once.
//
//   {"match": [[record, record, …]], "no_match": [[record]]}
//
// What runs such a log is above this folder and given as SampleOptions::run_log.
//
//   const SampleReport report = check_samples(rule_set, {.required = true});
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "rule/loader.h"

namespace yagura::rule {

struct Sample {
    std::vector<std::string> records;  // one, unless it is a log
    bool is_log = false;               // written as a list
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
    uint32_t logs_not_run = 0;  // samples that nobody could run, as run_log was not given
    uint32_t untested = 0;      // rule files without samples
    std::vector<SampleFailure> failures;
};

// Runs `records` in their order, as one log of nothing else, through all of `rules`. Gives the ids
// of the correlations and first-seen rules that fired and report: an inner correlation is a step on
// the way, not an answer.
using RunLog = std::function<Result<std::vector<std::string>>(
    const RuleSet& rules, std::span<const std::string> records)>;

struct SampleOptions {
    bool required = false;  // a rule file without samples is a failure
    RunLog run_log = {};
};

// Runs the samples of every rule file of `rules`.
SampleReport check_samples(const RuleSet& rules, const SampleOptions& options);

}  // namespace yagura::rule
