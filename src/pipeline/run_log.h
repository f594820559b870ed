// A little log in memory through all rules: what the samples of correlations and first-seen rules
// are tried with.
//
//   rule::check_samples(set, {.required = true, .run_log = pipeline::log_runner()});
#pragma once

#include "rule/samples.h"

namespace yagura::pipeline {

// Compiles a rule set when it first meets it and keeps it until it is given another one, which must
// then still be alive. Records are recognised as in a scan, events met twice count once, and
// windows that are open when the log ends are not decided. Not thread-safe.
rule::RunLog log_runner();

}  // namespace yagura::pipeline
