// Correlation of events as they come, late and out of order.
//
//   Stream stream(targets, memory, {});
//   stream.observe(event.time, lateness);      // every event that is read, matched or not
//   stream.signals().add(…);                   // matches, as in a batch
//   YAGURA_CHECK(stream.settle(sink));         // now and then: decides what is final
//   YAGURA_CHECK(stream.flush(sink));          // at the end of the data: decides everything
//
// The watermark is the latest event time observed less the greatest lateness of a source in use.
// What lies before it is final: it is sorted, decided and told. A signal that comes after that is
// late; it is dropped and counted. While nothing is late, settle() as often as you like and
// flush() together tell exactly what a Batch tells of the same events.
//
// Nothing keeps a clock here: whoever does not trust the times of events clamps what it gives to
// observe(). Not thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "base/time.h"
#include "detect/batch.h"

namespace yagura::detect {

// How long after it happened an event may arrive and still be counted in its place. CloudTrail
// delivers within about 15 minutes (AWS CloudTrail user guide, "How CloudTrail works").
constexpr std::chrono::minutes kCloudTrailLateness{15};

struct StreamOptions {
    EngineLimits limits;
    // Signals that wait for the watermark; beyond it the older half is decided before its time.
    uint64_t max_waiting = 4'000'000;
    PrepareDecided prepare = {};  // see firing.h; may be unset
};

class Stream {
  public:
    Stream(const Targets& targets, FirstSeenMemory& memory, const StreamOptions& options);

    void observe(Timestamp time, std::chrono::microseconds lateness = kCloudTrailLateness);
    SignalCollector& signals() { return *collectors_.front(); }
    // Takes in matches from before that were collected elsewhere, under a number other than 0 that
    // is used once.
    void adopt(std::unique_ptr<SignalCollector> earlier);

    // Before the first settle(): goes on from what is known of the windows; `pasts` outlives this.
    void resume(const WindowPasts& pasts);
    // How groups stand at decided_before().
    GroupStates groups() const;

    Result<void> settle(const FiringSink& sink);
    Result<void> flush(const FiringSink& sink);

    const CorrelationCounts& counts();
    // Everything before it is decided; microseconds. INT64_MIN before the first settle().
    int64_t decided_before() const { return decided_before_; }

  private:
    Result<void> decide(int64_t before, const FiringSink& sink);
    void take_waiting(uint32_t level, uint32_t shard, int64_t before, std::vector<Signal>& out);
    int64_t forced_horizon();
    void forget_evidence();

    const Targets& targets_;
    FirstSeenMemory& memory_;
    StreamOptions options_;
    std::vector<std::unique_ptr<SignalCollector>> collectors_;  // by their numbers
    std::vector<std::unique_ptr<Engine>> engines_;              // by shard
    int64_t latest_ = INT64_MIN;
    int64_t lateness_ = 0;
    int64_t decided_before_ = INT64_MIN;
    uint64_t derived_ = 0;  // signals that were firings
    CorrelationCounts counts_;
    std::optional<Error> error_;
    struct Mark {
        int64_t time;    // the latest event by then
        uint64_t place;  // in the evidence: what lies before it came by then
    };
    std::deque<Mark> marks_;
};

}  // namespace yagura::detect
