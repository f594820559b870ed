// What a worker of an ingest does with each event: know duplicates, match, judge, store, collect.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "detect/streams.h"
#include "finding/totals.h"
#include "match/policy.h"
#include "pipeline/cost_gauge.h"
#include "pipeline/lake_detection.h"
#include "pipeline/workers.h"
#include "store/writer.h"

namespace yagura::pipeline {

using ReplayablesByFile = std::unordered_map<std::string, store::Replayable>;

// Belongs to one worker.
class IngestConsumer final : public ObjectConsumer {
  public:
    // `plans`, `options` and `worker` must outlive this, `signals` too (null: nothing waits for
    // matches). With `again`, objects (by their path) are read once more instead of as new ones.
    // What rules cost is measured on one event in `measure_one_in`; 0: on none.
    IngestConsumer(const TypePlans& plans,
                   const WorkerOptions& options,
                   store::LakeWorker& worker,
                   detect::SignalCollector* signals,
                   size_t exceptions,
                   const ReplayablesByFile* again = nullptr,
                   uint32_t measure_one_in = 0);

    // Signals of `streams`, which must outlive this, are kept in the lake with their rows.
    void keep_signals(const detect::SignalStreams& streams) { streams_ = &streams; }

    Result<bool> begin(const source::Object& object, source::Input& input) override;
    void consume(event::Event& event,
                 const TypePlan& plan,
                 const decode::RecordOrigin& origin) override;
    void fault(const Fault& fault,
               const decode::RecordOrigin& origin,
               std::string_view bytes) override;
    Result<void> end(const source::Object& object, const decode::ReadStats& stats) override;
    void unreadable(const source::Object& object, const Error& error) override;
    Result<void> finish() override;
    // A lake that cannot be written is no reason to read on.
    bool stop() const override {
        return error_ || (options_.stop && options_.stop->load(std::memory_order_relaxed));
    }

    // Of what was read since the last call.
    EventSpan take_span() { return std::exchange(span_, {}); }
    match::RuleCosts take_costs() { return costs_.take(); }
    const match::ExceptionTally& exceptions() const { return exceptions_; }
    const finding::Quarantine& quarantine() const { return quarantine_; }
    uint64_t bytes_in() const { return bytes_in_; }
    uint64_t bytes_inflated() const { return bytes_inflated_; }

  private:
    Result<void> store_event(event::Event& event, const TypePlan& plan);
    bool note(uint32_t i, event::Event& event, const TypePlan& plan, match::Level& level);
    void keep_latest(uint64_t identity, event::Event& event, const TypePlan& plan);
    void collect_signals(event::Event& event, const TypePlan& plan);

    const WorkerOptions& options_;
    store::LakeWorker& worker_;
    detect::SignalCollector* signals_;                // null: nothing waits for matches
    const detect::SignalStreams* streams_ = nullptr;  // null: no signals are kept
    std::vector<store::KeptSignal> kept_;             // of an event
    EventSpan span_;
    const ReplayablesByFile* again_;
    match::ExceptionTally exceptions_;
    match::ExceptionTally unreported_;  // of rules that only others look at
    std::vector<match::Evaluator> evaluators_;
    CostGauge costs_;
    std::vector<uint32_t> matches_;
    std::string detections_;
    std::optional<Error> error_;
    bool is_begun_ = false;  // the worker has an object open
    bool is_part_ = false;   // of a growing file
    finding::Quarantine quarantine_;
    uint64_t bytes_in_ = 0;
    uint64_t bytes_inflated_ = 0;
};

}  // namespace yagura::pipeline
