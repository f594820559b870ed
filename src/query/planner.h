// Syntax tree → plan: names are looked up, expressions typed, commands put into steps.
//
//   const Planned planned = plan(*parsed.query, {.types = types, .clock = {now, range}});
//   if (!planned.plan) show(planned.notes);
//
// Leniency follows what AWS publishes (reference: Logs Insights quirks): a filter behind `stats` on
// fields the stats does not output moves in front of it, sorting by a missing field does nothing,
// @timestamp behind `stats … by bin()` is the bin. Each says so with a warning.
#pragma once

#include <optional>
#include <vector>

#include "base/diagnostic.h"
#include "query/plan.h"
#include "query/syntax.h"
#include "query/typing.h"

namespace yagura::query {

struct PlanOptions {
    std::vector<const logtype::LogType*> types;
    QueryClock clock;
    AccountScope scope = AccountScope::all();
    int64_t first_segment = 0;
};

struct Planned {
    std::optional<Plan> plan;  // absent when `notes` holds an error
    std::vector<Diagnostic> notes;
};

Planned plan(const Query& query, const PlanOptions& options);

}  // namespace yagura::query
