// A correlation or first-seen rule that held: what is told about it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "detect/evidence.h"
#include "detect/targets.h"
#include "detect/windows.h"
#include "finding/hit.h"

namespace yagura::detect {

struct Firing {
    uint32_t target = 0;
    const match::RuleInfo* rule = nullptr;
    int64_t time = 0;    // of the deciding event, or when the window closed; microseconds
    int64_t opened = 0;  // start of the window
    int64_t first = 0;   // of the events counted
    int64_t last = 0;
    double measured = 0;
    uint64_t events = 0;
    uint64_t group = 0;  // hash
    Key key;             // values of Targets::key_names()
    Evidence event;      // the last one: it decided, unless a window closed without one
    std::vector<std::string> event_ids;  // the first ones and the last
};

// Called in order of time, correlations of correlations after those they refer to. What it is given
// is valid during the call.
using FiringSink = std::function<void(const Firing&)>;

// Makes a firing a match like any other.
void add_to(finding::HitCollector& hits, const Firing& firing, const Targets& targets);

// The order in which firings are told and given on to other correlations.
bool is_before(const Decided& a, const Decided& b);

// Evidence is found by log and place: the log's number is in the upper 16 bits.
constexpr uint64_t evidence_id(uint32_t log, uint64_t place) {
    return (uint64_t{log} << 48) | place;
}
// Reads the evidence of a decision. Unreadable evidence leaves its fields empty; the first such
// error is kept in `error`.
Firing make_firing(const Decided& decided,
                   const Targets& targets,
                   std::span<const EvidenceLog* const> logs,
                   std::optional<Error>& error);

}  // namespace yagura::detect
