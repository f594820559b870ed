// The main job: read everything given, match every event once, and collect what to tell.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "finding/hit.h"
#include "finding/totals.h"
#include "match/ir.h"
#include "pipeline/workers.h"

namespace yagura::pipeline {

// Sees what the rules see: every unique event inside the time range. One per worker.
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void add(event::Event& event, const logtype::LogType& type) = 0;
};

struct ScanOptions {
    std::vector<std::string> paths;              // files, folders, "-"
    TimeRange range;                             // events outside are counted, not matched
    match::Level keep_from = match::Level::low;  // matches below are counted but not kept
    WorkerOptions workers;
    std::function<EventSink*()> new_sink;  // once per worker, from the calling thread; optional
};

struct ScanResult {
    finding::HitCollector hits;  // finished
    finding::ScanTotals totals;
    double seconds = 0;
    bool stopped = false;               // by the user; the result is what was read until then
    uint64_t identities_forgotten = 0;  // beyond the duplicate check's memory
};

// `rules` must outlive the result. Fails when a path does not exist or no object is found;
// unreadable objects and records are in totals.quarantine.
Result<ScanResult> scan(std::span<const match::Rule> rules, const ScanOptions& options);

}  // namespace yagura::pipeline
