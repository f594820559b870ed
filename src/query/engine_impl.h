// Inside query/ only: what is behind an Engine, for the files that implement it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "query/count_cache.h"
#include "query/engine.h"
#include "query/native.h"
#include "query/records.h"
#include "query/selection.h"
#include "query/watch.h"
#include "store/lake.h"

namespace yagura::query {

class Asking;

struct Engine::Impl {
    Impl(store::Lake opened, const EngineOptions& wanted)
        : lake(std::move(opened)), options(wanted), objects(lake) {}

    store::Lake lake;
    EngineOptions options;
    Objects objects;
    Records records{objects};
    std::optional<sql::Database> database;
    std::optional<sql::Connection> connection;
    uint64_t memory_limit_bytes = 0;  // of `database`
    uint64_t last_moment = 0;         // of the lake that was asked
    AccountScope scope;               // of the question that runs; our functions look at it

    std::mutex mutex;  // of `running`
    std::set<sql::Connection*> running;
    std::atomic<bool> cancelled{false};

    // Starting the engine takes longer than a question the side indexes answer alone, so it waits
    // until there are rows to read.
    Result<void> start(uint64_t memory_limit_bytes);

    RecordSource record_source();

    Result<store::Snapshot> snapshot();
    Result<std::vector<const logtype::LogType*>> wanted_types(const Question& question,
                                                              const store::Snapshot& snapshot);
    Result<std::optional<Plan>> plan_for(const Question& question,
                                         const store::Snapshot& snapshot,
                                         Answer& answer);

    Result<Answer> ask(const Question& question, const RowSink& sink, const Asking& asking);
    // Groups of a plan `… stats count(*) as n by …`; at most about `most`, or it is too large.
    Result<std::shared_ptr<const CountCache::Counted>> counted(const Question& question,
                                                               const store::Snapshot& moment,
                                                               const Plan& plan,
                                                               const Segments& segments,
                                                               size_t most);
    Result<Answer> facet(const Question& question,
                         std::string_view field,
                         const FacetWish& wish,
                         std::chrono::steady_clock::time_point until,
                         Facet& out);

    void interrupt_all();
};

// A connection that an interrupt reaches as long as this lives.
class Interruptible {
  public:
    Interruptible(Engine::Impl& impl, sql::Connection& connection);
    ~Interruptible();
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

  private:
    Engine::Impl& impl_;
    sql::Connection& connection_;
};

// One question from its beginning to its end: limits are watched, and failures that come of our own
// stop say so.
class Asking {
  public:
    Asking(Engine::Impl& impl, const Question& question);

    Watch::Reason reason() const { return watch_.reason(); }
    // The error of a question that was stopped or ran out of memory, else `error`.
    Error told(Error error) const;

  private:
    const Engine::Impl& impl_;
    std::chrono::milliseconds timeout_;
    Watch watch_;
};

// Figures about the lake are for those who may see all of it.
void count_opened(const Segments& segments, Answer& answer);
// The same for some of the segments at a time; `opened` keeps the ids of those counted already.
void count_opened(const Segments& segments, std::set<int64_t>& opened, Answer& answer);
void count_segments(const store::Snapshot& snapshot,
                    const std::vector<const logtype::LogType*>& types,
                    Answer& answer);
void hide_figures(const Question& question, Answer& answer);

}  // namespace yagura::query
