// How Sigma 1 counted, at the end of a condition, before it had correlations:
//
//   condition: selection | count(eventName) by userIdentity.arn > 5
//   timeframe: 10m
//
// It says what a correlation over the matches of `selection` says, and is read as one.
#pragma once

#include <optional>
#include <string_view>

#include "rule/sigma/correlation.h"

namespace yagura::rule::sigma {

// Where the aggregation begins in a condition (its '|'); npos when it has none.
size_t find_aggregation(std::string_view condition);

// The correlation that the aggregation at `from` in `text` says, with the detection's `timeframe`;
// its `rules` are left to the caller. Nullopt after a problem: `near`, `min` and `max` have no
// correlation, and without a timeframe there is no window.
std::optional<CorrelationDraft> read_aggregation(const YamlFile& file,
                                                 const YamlNode& detection,
                                                 const YamlNode& text,
                                                 size_t from,
                                                 Problems& problems);

}  // namespace yagura::rule::sigma
