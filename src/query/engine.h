// Asks a lake.
//
//   YAGURA_TRY(auto engine, Engine::open(lake, {}));
//   YAGURA_TRY(const Answer answer, engine->ask({.text = "filter eventName = 'ConsoleLogin'", .now
//   = now}, sink));
//
// An Engine belongs to one thread; only cancel() may be called from another. Rows are handed over
// as they come; memory is that of the query engine plus one block of rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/time.h"
#include "query/plan.h"
#include "sql/value.h"

namespace yagura::query {

constexpr uint64_t kDefaultLimit = 10'000;

struct EngineOptions {
    uint32_t threads = 0;  // 0: one per core
    uint64_t memory_limit_bytes = 512u << 20;
    std::filesystem::path temp_directory;  // for sorts that do not fit; empty: they fail
};

struct Question {
    std::string_view text;
    TimeRange range;
    std::vector<std::string> types;  // log types; empty: all the lake has
    Timestamp now;
};

struct ResultColumn {
    std::string name;
    ValueType type = ValueType::text;
};

// Receives the answer. `row` returning false ends the query early without an error.
struct RowSink {
    std::function<void(const std::vector<ResultColumn>&)> columns;
    std::function<bool(std::span<const sql::Value>)> row;
};

struct Answer {
    std::vector<Diagnostic> notes;  // errors and warnings about the text of the query
    bool ran = false;               // false when the text has an error
    uint64_t rows = 0;
    uint64_t segments_opened = 0;
    uint64_t segments_total = 0;
    uint64_t bytes_opened = 0;  // size of those segments; less is read
    uint64_t rebuilt = 0;       // messages put together from columns, as their object is gone
    bool limited = false;       // the default limit cut the answer
};

class Engine {
  public:
    static Result<std::unique_ptr<Engine>> open(const std::filesystem::path& lake,
                                                const EngineOptions& options);
    ~Engine();

    // Logs Insights QL. Mistakes in the text are in Answer::notes; an Error means that the lake or
    // the engine failed.
    Result<Answer> ask(const Question& question, const RowSink& sink);

    // One SELECT over views named after the log types. Everything else is Code::invalid.
    Result<Answer> ask_sql(const Question& question, const RowSink& sink);

    // The plan in words and its SQL; notes as in ask(). Nothing is run.
    Result<Answer> explain(const Question& question, std::string& out);

    // Makes a running question fail with Code::cancelled.
    void cancel();

    struct Impl;
    explicit Engine(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::query
