// Where logs come from, and whether something has fallen silent.
//
//   YAGURA_TRY(const std::vector<SourceRow> rows, read_sources(lease, lake, scope, range, now));
//
// A source is an account, a Region and a log type. It is silent when nothing came for longer than
// twice the longest pause it ever made in the hours looked at, and an hour at least: judged by its
// own past, since a busy trail and a sandbox that sleeps at night have different ideas of silence.
// When the whole lake holds old logs only, they are judged against its newest event, not the clock.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/account_scope.h"
#include "base/result.h"
#include "base/time.h"
#include "query/pool.h"

namespace yagura::api {

struct SourceRow {
    static constexpr size_t kBuckets = 48;

    std::string log_type;
    std::string account;
    std::string region;
    Timestamp first{};
    Timestamp last{};
    uint64_t events = 0;                              // in the range
    uint64_t events_24h = 0;                          // before the newest event of all
    std::optional<double> expected_interval_seconds;  // between its events in its busy hours
    double lag_seconds = 0;
    bool silent = false;
    uint64_t errors = 0;         // faults of objects that hold rows of it
    std::vector<uint64_t> line;  // events, kBuckets of the same length over the range
};

// Sorted by account, log type and Region. An open range is the seven days before the newest event.
// The lease is one with the same scope.
Result<std::vector<SourceRow>> read_sources(query::EnginePool::Lease& lease,
                                            const std::filesystem::path& lake,
                                            const AccountScope& scope,
                                            const TimeRange& range,
                                            Timestamp now);

}  // namespace yagura::api
