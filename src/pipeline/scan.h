// The main job: read everything given, match every event once, and collect what to tell.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "detect/batch.h"
#include "finding/hit.h"
#include "finding/printed.h"
#include "finding/totals.h"
#include "finding/why.h"
#include "match/ir.h"
#include "match/policy.h"
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
    PendingListing listing;                      // of them, when it was begun before
    TimeRange range;                             // events outside are counted, not matched
    match::Level keep_from = match::Level::low;  // matches below are counted but not listed
    // False keeps no list of matches: they are counted and made into findings all the same, for a
    // third of the work where rules match most events. A policy that throttles lists them anyway,
    // since it goes through them in their order.
    bool list = true;
    WorkerOptions workers;
    bool explain = false;           // also keep why each listed match matched
    bool print = false;             // also make the lines rules print (finding/printed.h)
    bool falco_first_wins = false;  // of the Falco rules an event meets, only the first counts
    std::function<EventSink*()> new_sink;  // once per worker, from the calling thread; optional
    detect::BatchOptions correlation;      // its `threads` is set from `workers`
    // Where first-seen rules remember from one scan to the next; empty: they do not.
    std::filesystem::path first_seen_state;
    // A lake from whose rows before the first event read they learn first, those that the state
    // says nothing about.
    std::filesystem::path first_seen_lake;
    const match::Policy* policy = nullptr;  // what becomes of matches; must outlive the result
};

struct ScanResult {
    finding::HitCollector hits;  // finished
    finding::ScanTotals totals;
    std::vector<finding::Printed> printed;  // in their order
    uint64_t printed_left_out = 0;          // beyond finding::kMaxPrinted
    finding::Whys whys;                     // when ScanOptions::explain
    double seconds = 0;
    bool stopped = false;               // by the user; the result is what was read until then
    uint64_t identities_forgotten = 0;  // beyond the duplicate check's memory
    detect::CorrelationCounts correlations;
    match::ExceptionTally exceptions;  // matches each exception of the policy met, in its order
    uint64_t throttled = 0;            // matches that are counted but not listed
    // Owns the rules at other levels, to which hits point.
    std::vector<std::shared_ptr<const void>> owners;
};

// What `rules` points to must outlive the result. Correlations and first-seen rules are decided
// when everything was read; their firings are matches like any other. Fails when a path does not
// exist or no object is found; unreadable objects and records are in totals.quarantine.
Result<ScanResult> scan(const detect::RulesView& rules, const ScanOptions& options);

}  // namespace yagura::pipeline
