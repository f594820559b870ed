// Inside sql/ only: the engine's handles behind the public classes. Includes the engine's header.
#pragma once

#include <memory>

#include "sql/database.h"
#include "sql/spill_folder.h"
#include "sql/vector.h"

namespace yagura::sql {

struct Database::Impl {
    explicit Impl(const std::filesystem::path& temp_directory) : spill(temp_directory) {}
    SpillFolder spill;  // outlives the engine
    duckdb_database handle = nullptr;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();
};

struct Connection::Impl {
    std::shared_ptr<Database::Impl> database;
    duckdb_connection handle = nullptr;
    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();
    static Result<std::shared_ptr<Impl>> open(std::shared_ptr<Database::Impl> database);
};

// Shared by the statement and the rows of its runs.
struct PreparedHandle {
    std::shared_ptr<Connection::Impl> connection;
    duckdb_prepared_statement handle = nullptr;
    PreparedHandle() = default;
    PreparedHandle(const PreparedHandle&) = delete;
    PreparedHandle& operator=(const PreparedHandle&) = delete;
    ~PreparedHandle() { duckdb_destroy_prepare(&handle); }
};

struct Statement::Impl {
    std::shared_ptr<PreparedHandle> prepared;
};

struct Rows::Impl {
    std::shared_ptr<PreparedHandle> prepared;
    duckdb_result result{};
    duckdb_data_chunk chunk = nullptr;
    std::vector<Column> columns;
    std::vector<ColumnView> views;
    size_t size = 0;
    uint64_t changed = 0;
    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        if (chunk) duckdb_destroy_data_chunk(&chunk);
        duckdb_destroy_result(&result);
    }
};

}  // namespace yagura::sql
