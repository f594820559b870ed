// Numbers of the whole lake for the overview: how many events, the last one, the last day by hour.
//
//   YAGURA_TRY(const PulseNumbers numbers, pulse.of(scope, now));
//
// For those who see everything, totals come from the table of segments without opening any; for
// others, and for the hours, the lake is asked once and the answer kept until the lake changes, and
// a few seconds longer while it changes all the time. Thread-safe.
#pragma once

#include <array>
#include <filesystem>
#include <list>
#include <mutex>
#include <optional>

#include "base/account_scope.h"
#include "base/result.h"
#include "base/time.h"
#include "query/pool.h"
#include "store/lake.h"

namespace yagura::api {

struct PulseNumbers {
    uint64_t events = 0;
    std::optional<Timestamp> last_event;
    std::optional<Timestamp> last_ingest;  // for those who see everything
    std::array<uint64_t, 24> hours{};      // the last one ends with the hour of the last event
};

class Pulse {
  public:
    Pulse(std::filesystem::path lake, query::EnginePool& engines)
        : folder_(std::move(lake)), engines_(engines) {}

    // Ends early when the answer is no longer wanted; `cancellation` may be null.
    Result<PulseNumbers> of(const AccountScope& scope,
                            Timestamp now,
                            query::Cancellation cancellation = {});

  private:
    struct Known {
        AccountScope scope;
        int64_t version = 0;
        Timestamp asked{};
        PulseNumbers numbers;
    };
    // Of one moment; takes up no lock.
    struct Totals {
        int64_t version = 0;
        PulseNumbers numbers;
    };
    Result<std::optional<Totals>> totals();
    Result<PulseNumbers> ask(const AccountScope& scope,
                             const PulseNumbers& totals,
                             Timestamp now,
                             query::Cancellation cancellation);

    const std::filesystem::path folder_;
    query::EnginePool& engines_;
    std::mutex mutex_;
    std::optional<store::Lake> lake_;
    std::list<Known> known_;  // latest first
};

}  // namespace yagura::api
