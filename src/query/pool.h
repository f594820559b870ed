// The engines of a lake, opened once and lent to one question at a time.
//
//   EnginePool pool(lake, {});
//   YAGURA_TRY(auto lease, pool.lease({.person = "mika", .scope = scope, .id = "q1"}));
//   YAGURA_TRY(const Answer answer, lease.ask({.text = "stats count(*)", .now = now}, sink));
//   …from another thread: pool.cancel("mika", "q1");
//
// Long questions share some engines; others are kept for the short ones that screens are made of,
// so that no screen waits for somebody's search. Who waits is served in order of arrival, except
// that one person gets at most two engines for long questions at once. Every question of a lease is
// asked with the scope of the person, whatever it says itself. Thread-safe; a Lease belongs to one
// thread and must end before its pool.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/account_scope.h"
#include "base/result.h"
#include "query/engine.h"
#include "query/event_row.h"

namespace yagura::query {

struct PoolOptions {
    size_t engines = 2;        // for every question
    size_t quick_engines = 1;  // beside them, for short questions only
    size_t most_waiting = 32;  // beyond them: Code::busy
    size_t long_per_person = 2;
    std::chrono::milliseconds timeout{60'000};  // of a question that sets none
    EngineOptions engine;                       // of each
};

enum class Weight : uint8_t { quick, heavy };

// Says from any thread that an answer is no longer wanted.
using Cancellation = std::shared_ptr<std::atomic<bool>>;
Cancellation make_cancellation();

struct Asker {
    std::string person;
    AccountScope scope;  // sees nothing unless said
    Weight weight = Weight::heavy;
    std::string id;             // to cancel it by; may be empty
    Cancellation cancellation;  // may be null
};

class EnginePool {
  public:
    struct Impl;

    // An engine for as long as this lives.
    class Lease {
      public:
        Lease(Lease&&) noexcept;
        Lease& operator=(Lease&&) = delete;
        ~Lease();

        Result<Answer> ask(Question question, const RowSink& sink);
        Result<Answer> ask_sql(Question question, const RowSink& sink);
        Result<Answer> explain(Question question, Engine::Explained& out);
        Result<Answer> check_sql(Question question, std::vector<ResultColumn>& columns);
        Result<Answer> facets(Question question,
                              std::span<const std::string> fields,
                              const FacetWish& wish,
                              std::vector<Facet>& out);
        Result<Answer> count(Question question, std::vector<Group>& out);
        Result<Answer> count_sets(Question question,
                                  const CountSets& wanted,
                                  std::vector<std::vector<Group>>& out);
        Result<TimeRange> span(Question question);
        Result<std::vector<Engine::TypeTotals>> totals(Question question);
        Result<std::optional<EventRow>> event(Origin origin,
                                              std::span<const match::Rule* const> rules = {});

      private:
        friend class EnginePool;
        struct Held;
        explicit Lease(std::unique_ptr<Held> held);
        std::unique_ptr<Held> held_;
    };

    EnginePool(std::filesystem::path lake, const PoolOptions& options);
    ~EnginePool();

    // Waits for an engine. Code::busy when too many wait already, Code::cancelled when nobody wants
    // the answer any more, Code::not_found when there is no lake (yet).
    Result<Lease> lease(Asker asker);

    // Cancels the person's questions of this id, waiting or running; false when there is none. An
    // empty person means everybody's.
    bool cancel(std::string_view person, std::string_view id);

    // Cancels everything and refuses what comes later.
    void stop();

    struct Load {
        size_t running = 0;  // engines lent
        size_t waiting = 0;
        uint64_t asked = 0;    // questions that ended, since the start
        uint64_t stopped = 0;  // of them: nobody wanted the answer any more
    };
    Load load() const;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::query
