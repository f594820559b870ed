// Correlations and first-seen rules over what a lake takes in.
//
//   YAGURA_TRY(auto detection, LakeDetection::open(rules, targets, writer, options));
//   detect::SignalCollector* signals = detection->new_collector();  // one per worker
//   EventSpan span;                                          // and what it reads
//   … workers add their matches …
//   YAGURA_TRY(auto verdict, detection->work_out(span, exceptions));
//   … and commit their rows …
//   YAGURA_CHECK(detection->settle(std::move(*verdict)));
//
// An ingest decides over its own new events, together with those rows of the lake that share a
// window with them and with how windows stood when the lake was last decided. Whatever was ingested
// before, in however many parts, the answer is that of a scan of all of it, as long as events come
// in order of time: what was told stays told, so logs that come late may make a firing later than
// the one a scan would give.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "detect/batch.h"
#include "detect/first_seen.h"
#include "detect/streams.h"
#include "match/policy.h"
#include "pipeline/earlier_signals.h"
#include "pipeline/firing_judge.h"
#include "pipeline/window_memory.h"
#include "store/writer.h"

namespace yagura::pipeline {

class FiringRecord;

// Of the new events a worker read.
struct EventSpan {
    std::optional<int64_t> first_signal;  // of matches that something waits for; microseconds
    std::optional<int64_t> last;          // of all
    bool is_empty() const { return !last; }
    void merge(const EventSpan& other);
};

class LakeDetection {
  public:
    // Reads what first-seen rules remember. All but `lake` must outlive this; `policy` may be null.
    static Result<std::unique_ptr<LakeDetection>> open(const detect::RulesView& rules,
                                                       const detect::Targets& targets,
                                                       const match::Policy* policy,
                                                       const std::filesystem::path& lake,
                                                       store::Writer& writer,
                                                       uint32_t threads);

    // Whose signals are to be kept with the rows.
    const detect::SignalStreams& streams() const { return streams_; }

    // Null when nothing waits for matches. From one thread, before the workers start.
    detect::SignalCollector* new_collector();

    // What fires, and how windows stand then.
    struct Verdict {
        store::Decision decision;
        detect::WindowStates windows;
        detect::CorrelationCounts counts;
    };
    // When all workers have read; they may be committing. Nothing when there is nothing to decide.
    // `exceptions` counts what the policy's exceptions held back.
    Result<std::optional<Verdict>> work_out(const EventSpan& read,
                                            match::ExceptionTally& exceptions);
    // When all workers have committed. Makes firings findings of the lake, in one commit.
    Result<detect::CorrelationCounts> settle(Verdict verdict);
    // What that asked of the lake.
    EarlierSignals::Counts looked_back() const {
        return earlier_ ? earlier_->counts() : EarlierSignals::Counts();
    }

  private:
    LakeDetection(const detect::RulesView& rules,
                  const detect::Targets& targets,
                  const match::Policy* policy,
                  const std::filesystem::path& lake,
                  store::Writer& writer,
                  uint32_t threads);
    Result<void> warm_up(std::optional<int64_t> first_new, int64_t last);
    Result<void> add_undecided(const TimeRange& range);
    Result<void> add_neighbours(const TimeRange& range,
                                const std::vector<uint8_t>& learners,
                                int64_t last);
    Result<void> prepare(std::vector<detect::Decided>& decided);

    detect::RulesView rules_;
    const detect::Targets& targets_;
    const match::Policy* policy_;  // null: none
    std::optional<FiringJudge> judge_;
    std::filesystem::path lake_;
    store::Writer& writer_;
    uint32_t threads_;
    detect::FirstSeenMemory memory_;
    detect::SignalStreams streams_;
    WindowMemory windows_;
    detect::Batch batch_;
    std::vector<const detect::SignalCollector*> collectors_;  // of new signals
    std::unique_ptr<EarlierSignals> earlier_;                 // null: no rows of before matter
    FiringRecord* record_ = nullptr;                          // while deciding
    std::optional<int64_t> from_;                             // firings from here on are told
};

}  // namespace yagura::pipeline
