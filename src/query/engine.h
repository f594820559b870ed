// Asks a lake.
//
//   YAGURA_TRY(auto engine, Engine::open(lake, {}));
//   YAGURA_TRY(const Answer answer, engine->ask({.text = "filter eventName = 'ConsoleLogin'", .now
//   = now}, sink));
//
// An Engine belongs to one thread at a time; only cancel() may be called from another. Rows are
// handed over as they come; memory is that of the query engine plus one block of rows.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/account_scope.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "base/time.h"
#include "query/count_cache.h"
#include "query/event_row.h"
#include "query/plan.h"
#include "sql/value.h"

namespace yagura::query {

constexpr uint64_t kDefaultLimit = 10'000;

struct EngineOptions {
    uint32_t threads = 0;  // 0: one per core
    uint64_t memory_limit_bytes = 512u << 20;
    std::filesystem::path temp_directory;  // for sorts that do not fit; empty: the system's
    uint64_t temp_limit_bytes = 0;         // of all sorts together; 0: what the disk has
    std::shared_ptr<CountCache> counts;    // shared by engines of one lake; null: nothing is kept
};

struct Question {
    std::string_view text;
    TimeRange range;
    std::vector<std::string> types;  // log types; empty: all the lake has
    Timestamp now;
    // Whose rows exist for this question. For anything less than all, the answer, its notes and its
    // figures are those of a lake that holds nothing else.
    AccountScope scope = AccountScope::all();
    int64_t first_segment = 0;                       // only segments with this id or a higher one
    uint64_t limit = 0;                              // of rows, whatever the text says; 0: none
    std::chrono::milliseconds timeout{0};            // then it fails with Code::limit; 0: none
    uint64_t memory_limit_bytes = 0;                 // if less than the engine's; 0: the engine's
    const std::atomic<bool>* interrupted = nullptr;  // set: it fails with Code::cancelled
};

struct ResultColumn {
    std::string name;
    ValueType type = ValueType::text;
};

// How far a running question is.
struct Progress {
    uint64_t segments = 0;
    uint64_t segments_total = 0;
    uint64_t bytes = 0;
};

// How facets are wanted.
struct FacetWish {
    size_t size = 5;  // values of each field
    // Counting goes on for about so long, then what is counted by then is told. 0: until the end.
    std::chrono::milliseconds patience{0};
    uint64_t first_rows = 250'000;  // counted before the clock is looked at
};

// Of the events counted, which are all there are unless it says otherwise.
struct Facet {
    std::string field;
    uint64_t distinct = 0;  // values
    uint64_t missing = 0;   // events without one
    uint64_t total = 0;     // events
    bool is_partial = false;
    double share = 1;  // of the rows looked at; 0 when that is not for everybody's eyes
    struct Value {
        sql::Value value;
        uint64_t count = 0;
    };
    std::vector<Value> values;  // the commonest first, equal ones by value
};

// Several counts of the same events.
struct CountSets {
    std::vector<std::string> keys;          // as QL writes them: "errorCode", "bin(1h)"; at most 63
    std::vector<std::vector<size_t>> sets;  // each counts by these of the keys, by their places
    // When there are very many groups, the largest of each set.
    size_t most = 1000;
};

// Receives the answer. `row` returning false ends the query early without an error.
struct RowSink {
    std::function<void(const std::vector<ResultColumn>&)> columns;
    std::function<bool(std::span<const sql::Value>)> row;
    // Now and then, to those who see everything; may be empty.
    std::function<void(const Progress&)> progress = {};
};

struct Answer {
    std::vector<Diagnostic> notes;  // errors and warnings about the text of the query
    bool ran = false;               // false when the text has an error
    uint64_t rows = 0;
    // Of the whole lake, so all 0 when the question's scope is not all of it.
    uint64_t segments_opened = 0;
    uint64_t segments_total = 0;
    uint64_t bytes_opened = 0;  // size of those segments; less is read
    uint64_t rebuilt = 0;       // messages put together from columns, as their object is gone
    bool limited = false;       // the default limit or that of the question cut the answer
};

class Engine {
  public:
    static Result<std::unique_ptr<Engine>> open(const std::filesystem::path& lake,
                                                const EngineOptions& options);
    ~Engine();

    // Starts what the first question would have to wait for.
    Result<void> warm_up();

    // Logs Insights QL. Mistakes in the text are in Answer::notes; an Error means that the lake or
    // the engine failed.
    Result<Answer> ask(const Question& question, const RowSink& sink);

    // One SELECT over views named after the log types. Everything else is Code::invalid.
    Result<Answer> ask_sql(const Question& question, const RowSink& sink);

    // The plan in words and its SQL; notes as in ask(). Nothing is run.
    struct Explained {
        std::string plan;
        std::string sql;  // with its bound values
        std::vector<ResultColumn> columns;
    };
    Result<Answer> explain(const Question& question, Explained& out);
    // For ask_sql(): the statement is checked and its columns told. Nothing is run.
    Result<Answer> check_sql(const Question& question, std::vector<ResultColumn>& columns);

    // The event that came from there, of the question's types and scope; nullopt when there is
    // none. Why it was detected is told for those of `rules` that it carries the id of.
    Result<std::optional<EventRow>> event(const Question& question,
                                          Origin origin,
                                          std::span<const match::Rule* const> rules = {});

    // The commonest values of fields among the events the question keeps. Its text is nothing or
    // `filter …`; fields are as QL writes them. Numbers are exact, of all events or (with patience)
    // of the newest days.
    Result<Answer> facets(const Question& question,
                          std::span<const std::string> fields,
                          const FacetWish& wish,
                          std::vector<Facet>& out);

    // Of a text `… stats count(*) as n by …`: its groups, in no order.
    Result<Answer> count(const Question& question, std::vector<Group>& out);

    // The groups of each set among the events the question keeps, in no order, with the times of
    // their first and last event. Its text is nothing or `filter …`. All sets come of one read.
    Result<Answer> count_sets(const Question& question,
                              const CountSets& wanted,
                              std::vector<std::vector<Group>>& out);

    // What there is of each log type, the question's text aside; types without events are left out.
    struct TypeTotals {
        const logtype::LogType* type = nullptr;
        uint64_t rows = 0;
        uint64_t bytes = 0;  // 0 unless everything is seen
        Timestamp first{};
        Timestamp last{};
    };
    Result<std::vector<TypeTotals>> totals(const Question& question);

    // From the first to just behind the last event of the question's types; open when there is
    // none.
    Result<TimeRange> span(const Question& question);

    // Makes a running question fail with Code::cancelled.
    void cancel();

    struct Impl;
    explicit Engine(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::query
