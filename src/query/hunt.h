// Rules asked of a lake: which of its events would they have matched?
//
//   Hunt request;
//   request.rules = rules;
//   request.range = {now - 30d, {}};
//   YAGURA_TRY(const HuntTotals totals, hunt(lake, request, [&](const HuntHit& hit) { … }));
//
// All rules are asked in one pass over the lake, by the same compiled program that reads the
// stream: the engine reads the columns the rules look at, leaves out what plain conditions rule out
// (prefilter.h), and calls the program for the rest. What a row says is row_event.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/account_scope.h"
#include "base/result.h"
#include "base/time.h"
#include "event/event.h"
#include "logtype/log_type.h"
#include "match/ir.h"
#include "store/lake.h"

namespace yagura::query {

struct Hunt {
    std::span<const match::Rule* const> rules;  // must stay alive
    TimeRange range;
    AccountScope scope = AccountScope::all();  // whose rows are asked; others are not counted
    // Hits come in order of time, then object and ordinal, across all log types: what correlations
    // need. Without it they come as they are found, which costs less.
    bool in_time_order = false;
    // Fields of the event that the visitor looks at, beside those with a role in the log type.
    std::vector<std::string> fields;
    // Called once per log type before its plan is frozen, for visitors that keep slots.
    std::function<void(const logtype::LogType&, event::FieldPlan&)> want_fields = {};

    uint32_t threads = 0;  // 0: one per core
    uint64_t memory_limit_bytes = 512u << 20;
    std::filesystem::path temp_directory;  // for sorts that do not fit; empty: the system's
    const std::atomic<bool>* interrupted = nullptr;  // set: the hunt fails with Code::cancelled
    std::atomic<uint64_t>* asked = nullptr;          // counts rows as they are looked at
    int64_t before_segment = INT64_MAX;              // only rows in segments with lower ids
    bool without_sample = false;                     // rows of the bundled sample are left out
    int64_t first_segment = 0;                       // only in segments with this id or higher
    const std::unordered_set<int64_t>* segments = nullptr;  // only in these; null: in all
    std::span<const int64_t> moments;           // only rows of these times, ascending; none: of all
    const store::Snapshot* snapshot = nullptr;  // the lake to ask; null: as it is now
    bool use_prefilter = true;                  // for tests; the answer never changes
};

// An event that at least one rule matched. Valid during the call.
struct HuntHit {
    std::span<const uint32_t> rules;  // indices into Hunt::rules, ascending
    const logtype::LogType& type;
    event::Event& event;  // holds the fields asked for; `record` is not the record's bytes
    int64_t object = 0;   // with event.ordinal: where it came from
};

// What counts the lake itself (rows, segments, bytes) is 0 unless the scope is all of it.
struct HuntTotals {
    uint64_t rows = 0;        // in the segments opened
    uint64_t matched = 0;     // events with at least one hit
    uint64_t unreadable = 0;  // rows that make no record; never seen, but counted
    uint64_t segments = 0;
    uint64_t bytes = 0;
};

using HuntVisitor = std::function<void(const HuntHit&)>;

Result<HuntTotals> hunt(store::Lake& lake, const Hunt& request, const HuntVisitor& visitor);

}  // namespace yagura::query
