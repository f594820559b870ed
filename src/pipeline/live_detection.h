// Correlations and first-seen rules over a lake that is written to without an end.
//
//   LiveDetection detection(rules, {.lake = lake, .lateness = 15min}, writer);
//   YAGURA_CHECK(detection.begin());
//   … matches go to detection.signals(); their rows are committed …
//   detection.note(span);
//   YAGURA_CHECK(detection.settle(mode));               // now and then: tells what is final
//   YAGURA_CHECK(detection.checkpoint());               // now and then, and at the end
//
// Windows are kept in memory; the lake is read once at the beginning, by a thread of its own, for
// what shares a window with what is to come, and checkpoints remember how the windows stood.
// Matches that come after their time was decided make this begin anew from there (is_overtaken()),
// the same way, and so do other rules; nothing is told twice, as the lake knows what was told.
// Belongs to the thread that writes.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "detect/stream.h"
#include "pipeline/firing_judge.h"
#include "pipeline/lake_detection.h"
#include "pipeline/rule_keeper.h"
#include "pipeline/window_memory.h"
#include "store/writer.h"

namespace yagura::pipeline {

class LiveDetection {
  public:
    struct Options {
        std::filesystem::path lake;
        std::chrono::microseconds lateness = detect::kCloudTrailLateness;
    };

    LiveDetection(std::shared_ptr<const CompiledRules> rules,
                  Options options,
                  store::Writer& writer);
    ~LiveDetection();

    // From where the lake is decided. All rows must be committed.
    Result<void> begin();
    // Instead: from where another one, of these or other rules, got to.
    Result<void> begin_after(LiveDetection& before);

    // Null when nothing waits for matches.
    detect::SignalCollector* signals();
    // What was read and committed since the last call.
    void note(const EventSpan& read);

    // The lake is still being read.
    bool is_warming() const { return warm_up_ != nullptr; }
    // Matches came too late for what was decided; begin_after() again when there is time.
    bool is_overtaken() const { return late_from_.has_value(); }

    enum class Mode : uint8_t {
        coming,  // more is being read
        idle,    // nothing came for a while: events of old files are decided to the last
        all,     // as if nothing more would come
    };
    // Does nothing while the lake is being read.
    Result<void> settle(Mode mode);

    // Makes what is decided so far the place from which the lake goes on. Does nothing while the
    // lake is being read.
    Result<void> checkpoint();

  private:
    struct WarmUp;
    Result<void> begin_from(std::optional<int64_t> from);
    Result<void> finish_warm_up();
    Result<void> tell(Mode mode);
    Result<void> prepare(std::vector<detect::Decided>& decided);
    std::optional<int64_t> resume_from() const;
    detect::WindowStates window_states() const;

    std::shared_ptr<const CompiledRules> rules_;
    Options options_;
    store::Writer& writer_;
    std::optional<FiringJudge> judge_;
    match::ExceptionTally exceptions_;
    detect::FirstSeenMemory memory_;
    WindowMemory windows_;
    std::unique_ptr<detect::Stream> stream_;
    std::unique_ptr<EarlierSignals> earlier_;  // whose signals the stream took in
    FiringRecord* record_ = nullptr;           // while telling
    std::unique_ptr<WarmUp> warm_up_;          // while the lake is being read
    std::optional<int64_t> from_;              // firings from here on are told
    std::optional<int64_t> late_from_;
    bool has_earlier_rows_ = false;  // the lake does, that nobody has looked at
    int64_t latest_ = INT64_MIN;     // event, microseconds
    int64_t checked_ = INT64_MIN;    // decided up to here at the last checkpoint
};

}  // namespace yagura::pipeline
