// The query engine (DuckDB) behind a small face: an in-memory instance, its connections and
// prepared statements.
//
//   YAGURA_TRY(auto database, Database::open({.threads = 2, .allowed_directories = {lake}}));
//   YAGURA_TRY(auto connection, database.connect());
//   YAGURA_TRY(auto rows, connection.query("SELECT ? + 1", {{int64_t{41}}}));
//
// The engine holds no state worth keeping: truth is in the lake's files. A Database may be shared
// between threads; a Connection, its statements and its rows belong to one thread, except
// interrupt(). No SQL text that came from outside may reach query() unchecked; see
// Statement::kind().
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/function.h"
#include "sql/rows.h"
#include "sql/value.h"

namespace yagura::sql {

struct Options {
    uint32_t threads = 0;  // 0: one per core
    uint64_t memory_limit_bytes = 512u << 20;
    // Below which sorts that do not fit are put, in a folder of this engine's own that goes with
    // it; empty: below the system's. Where none can be made such sorts fail.
    std::filesystem::path temp_directory;
    uint64_t temp_limit_bytes = 0;  // of what lies there; 0: what the disk has
    // The only folders whose files SQL can read. Empty: none at all.
    std::vector<std::filesystem::path> allowed_directories;
    bool lock_configuration = true;  // no SET can loosen any of this afterwards
};

enum class StatementKind : uint8_t { select, explain, other };

class Connection;

class Statement {
  public:
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) noexcept;
    ~Statement();

    StatementKind kind() const;
    // Names and types the result will have.
    std::vector<Column> columns() const;
    size_t parameter_count() const;

    // Runs with these values for its ?s (or $1, $2, …); can be run again.
    Result<Rows> run(std::span<const Value> values = {});

    struct Impl;
    explicit Statement(std::unique_ptr<Impl> impl);

  private:
    std::unique_ptr<Impl> impl_;
};

class Connection {
  public:
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    // One statement. Code::invalid for a mistake in the SQL; several statements in one text are
    // refused.
    Result<Statement> prepare(std::string_view sql);
    Result<Rows> query(std::string_view sql, std::span<const Value> values = {});
    Result<Rows> query(std::string_view sql, std::initializer_list<Value> values) {
        return query(sql, std::span<const Value>(values.begin(), values.size()));
    }
    // The same without looking at rows; returns how many were changed.
    Result<uint64_t> execute(std::string_view sql, std::span<const Value> values = {});

    // Makes the running query fail with Code::cancelled. The one call allowed from another thread.
    void interrupt();

    // Makes `function` known to every connection of the database. A name can be registered once.
    Result<void> add_function(ScalarFunction function);

    struct Impl;
    explicit Connection(std::shared_ptr<Impl> impl);

  private:
    std::shared_ptr<Impl>
        impl_;  // shared with statements and rows, which may outlive the Connection object
};

class Database {
  public:
    static Result<Database> open(const Options& options);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    Result<Connection> connect();

    struct Impl;

  private:
    explicit Database(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;  // shared with connections
};

// Version of the engine in use ("v1.5.6"); empty when it cannot be loaded.
std::string engine_version();

}  // namespace yagura::sql
