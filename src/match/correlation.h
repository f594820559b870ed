// What a correlation says: rules over the matches of other rules. Compiled by rule/sigma, evaluated
// by detect/.
//
// Source: Sigma correlation rules specification 2.1 (SigmaHQ) with the rulings of docs/sigma.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "match/ir.h"

namespace yagura::match {

enum class CorrelationType : uint8_t {
    event_count,
    value_count,  // of distinct values (tuples, when there are several fields)
    temporal,
    temporal_ordered,
    value_sum,
    value_avg,
    value_percentile,
    value_median,
};

enum class WindowKind : uint8_t {
    sliding,
    tumbling,  // consecutive windows, aligned to multiples of the timespan since 1970
    session,   // ends when nothing came for `gap`, at the latest after the timespan
};

// One bound of a condition: `gte: 10`. Several must all hold.
struct Threshold {
    enum class Kind : uint8_t { less, less_equal, greater, greater_equal, equal, not_equal };
    Kind kind = Kind::greater_equal;
    double value = 0;
    bool holds(double measured) const;
};

// Where the matches come from. A rule with several conditions is several rules of one id.
struct CorrelationReference {
    std::string name;                       // as written: id, name or title
    std::vector<uint32_t> rules;            // into RuleSet::rules
    std::vector<uint32_t> correlations;     // into RuleSet::correlations; always before this one
    std::vector<std::string> group_by;      // the field of each group key in these matches
    std::vector<std::string> value_fields;  // what is counted or summed, in these matches
};

// References to correlations take group keys and values from the key of the correlation named.
struct Correlation {
    RuleInfo info;
    CorrelationType type = CorrelationType::event_count;
    std::vector<CorrelationReference> references;
    std::vector<std::string> group_by;  // names of the group keys, as written; may be empty
    bool missing_is_a_group = false;    // else an event without one of the keys is not counted
    int64_t timespan = 0;               // microseconds
    WindowKind window = WindowKind::sliding;
    int64_t gap = 0;                     // microseconds, for sessions
    std::vector<Threshold> thresholds;   // all types but temporal ones, where they may be empty
    std::optional<Condition> condition;  // temporal: predicate i = "reference i was seen"
    double percentile = 50;              // 0 to 100
    bool generate = false;               // the rules referred to report on their own, too
    // False: a correlation above this one looks at it, and it is nothing a person is told on its
    // own.
    bool reports = true;
};

// Correlations refer to correlations no deeper than this.
constexpr uint32_t kMaxCorrelationDepth = 10;

// When the truth of a correlation is known.
enum class Decision : uint8_t {
    on_arrival,  // with the event that crosses the bound
    at_close,    // an upper bound or a negation: when the window that an event opened has closed
    on_silence,  // only zero satisfies it: when a timespan has passed since the last event
};
Decision decision_of(const Correlation& correlation);

}  // namespace yagura::match
