// Keeping: read everything given, match every new event, and store it in a lake.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/batch.h"
#include "finding/totals.h"
#include "match/cost.h"
#include "match/policy.h"
#include "pipeline/earlier_signals.h"
#include "pipeline/workers.h"
#include "store/writer.h"

namespace yagura::pipeline {

struct IngestOptions {
    std::vector<std::string> paths;  // files, folders, "-"
    PendingListing listing;          // of them, when it was begun before
    std::filesystem::path lake;
    store::WriterOptions writer;  // its `workers` is set from `workers`
    WorkerOptions workers;
    // What an exception holds back makes no finding and feeds no correlation; the row keeps its
    // tag.
    const match::Policy* policy = nullptr;  // may be null
    uint32_t measure_one_in = 0;  // what rules cost is measured on one event in so many; 0: none
};

struct IngestResult {
    store::WriterTotals totals;  // as committed
    finding::Quarantine quarantine;
    uint64_t objects_found = 0;
    uint64_t bytes_in = 0;
    uint64_t bytes_inflated = 0;
    double seconds = 0;
    detect::CorrelationCounts correlations;
    EarlierSignals::Counts earlier;    // what deciding them asked of the lake
    match::ExceptionTally exceptions;  // matches each exception of the policy met, in its order
    match::RuleCosts costs;            // see IngestOptions::measure_one_in
    bool stopped = false;              // by the user; what was read until then is in the lake
};

// The ids of matching rules stand on each row (`detections`, `detection_level`). Correlations and
// first-seen rules are decided when everything was read (lake_detection.h); stopped, the next
// ingest decides. Fails when a path does not exist or the lake cannot be written; then everything
// committed before stays, and the next ingest goes on from there.
Result<IngestResult> ingest(const detect::RulesView& rules, const IngestOptions& options);

struct ReplayOptions {
    std::filesystem::path lake;
    store::WriterOptions writer;
    WorkerOptions workers;  // `threads` does not count: objects are few and read by one worker
    const match::Policy* policy = nullptr;  // as in IngestOptions
};

struct ReplayResult {
    IngestResult read;          // what the objects that could be read gave
    uint64_t objects_gone = 0;  // neither where they were nor kept: their records stay quarantined
};

// Reads objects with something in quarantine once more, from where they were or from the lake's own
// copy, as the program now reads them. Records that now can be used become rows, each once, however
// often this is called or cut short; the others stay.
Result<ReplayResult> replay(const detect::RulesView& rules, const ReplayOptions& options);

}  // namespace yagura::pipeline
