#include "match/correlation.h"

#include <algorithm>

namespace yagura::match {
namespace {

bool has_negation(const Condition& condition) {
    if (condition.kind == Condition::Kind::negation) return true;
    return std::any_of(condition.children.begin(), condition.children.end(), has_negation);
}

bool all_hold(const Correlation& correlation, double measured) {
    return std::all_of(correlation.thresholds.begin(),
                       correlation.thresholds.end(),
                       [&](const Threshold& bound) { return bound.holds(measured); });
}

}  // namespace

bool Threshold::holds(double measured) const {
    switch (kind) {
        case Kind::less:
            return measured < value;
        case Kind::less_equal:
            return measured <= value;
        case Kind::greater:
            return measured > value;
        case Kind::greater_equal:
            return measured >= value;
        case Kind::equal:
            return measured == value;
        case Kind::not_equal:
            return measured != value;
    }
    return false;
}

Decision decision_of(const Correlation& correlation) {
    if (correlation.condition && has_negation(*correlation.condition)) return Decision::at_close;
    if (correlation.thresholds.empty()) return Decision::on_arrival;
    const bool counts = correlation.type == CorrelationType::event_count ||
                        correlation.type == CorrelationType::value_count;
    // Counts are whole: what neither one nor anything above satisfies, only silence does.
    const bool zero_only = counts && all_hold(correlation, 0) && !all_hold(correlation, 1) &&
                           std::none_of(correlation.thresholds.begin(),
                                        correlation.thresholds.end(),
                                        [](const Threshold& bound) {
                                            return bound.kind == Threshold::Kind::not_equal;
                                        });
    if (zero_only) return Decision::on_silence;
    const auto is_upper = [](const Threshold& bound) {
        return bound.kind == Threshold::Kind::less || bound.kind == Threshold::Kind::less_equal;
    };
    return std::any_of(correlation.thresholds.begin(), correlation.thresholds.end(), is_upper)
               ? Decision::at_close
               : Decision::on_arrival;
}

}  // namespace yagura::match
