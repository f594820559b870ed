// Trying a rule: what a pasted event (rules_try.cpp) and the lake (rules_backtest.cpp) share.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "api/route.h"
#include "base/diagnostic.h"
#include "base/json_text.h"
#include "pipeline/backtest.h"
#include "rule/loader.h"

namespace yagura::api {

// The rules to try, and the set they live in.
struct Trial {
    std::shared_ptr<const rule::RuleSet> set;
    pipeline::Chosen chosen;
    std::string file;
    std::vector<Diagnostic> mistakes;

    bool is_over_several() const {
        return !chosen.correlations.empty() || !chosen.first_seen.empty();
    }
};

struct LakeTest {
    TimeRange range;
    size_t limit = 0;  // examples
    std::chrono::seconds timeout{30};
    std::string id;        // to cancel it by
    bool streams = false;  // tell how far it is, line by line
};

// Stops when it is cancelled, when its time is up and when the client leaves.
Result<http::Response> try_lake(const Call& call, Trial trial, LakeTest test);

void write_examples(JsonObject& row,
                    std::string& out,
                    const std::vector<pipeline::Example>& examples);
uint64_t milliseconds_since(std::chrono::steady_clock::time_point start);

}  // namespace yagura::api
