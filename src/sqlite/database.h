// SQLite as RAII: a file of tables, and statements on it. The library's header stays inside.
//
//   YAGURA_TRY(auto database, sqlite::Database::open(file, sqlite::Mode::write));
//   YAGURA_TRY(auto row, database.prepare("SELECT file FROM segments WHERE id = ?"));
//   row.bind(1, id);
//   for (;;) { YAGURA_TRY(const bool more, row.step()); if (!more) break; use(row.text(0)); }
//
// One Database and its statements belong to one thread at a time; statements must go before it
// does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace yagura::sqlite {

constexpr int kBusyTimeoutMillis = 30'000;

class Statement {
  public:
    // Parameters count from 1.
    void bind(int index, int64_t value);
    void bind(int index, std::string_view text);
    void bind_blob(int index, std::string_view bytes);
    void bind_null(int index);

    // True while there is a row.
    Result<bool> step();
    // Runs to the end and makes the statement ready for the next run.
    Result<void> run();
    void reset();

    // Columns count from 0.
    int64_t integer(int column) const;
    bool is_null(int column) const;
    // Text or blob; valid until the next step().
    std::string_view text(int column) const;

  private:
    friend class Database;
    // Prepared once, used again: a statement goes back to the shelf of its database when dropped.
    using Shelf = std::unordered_map<std::string, std::vector<sqlite3_stmt*>>;
    struct PutBack {
        Shelf* shelf;
        PutBack() : shelf(nullptr) {}
        explicit PutBack(Shelf* wanted) : shelf(wanted) {}
        void operator()(sqlite3_stmt* statement) const;
    };
    using Handle = std::unique_ptr<sqlite3_stmt, PutBack>;
    Handle handle_;
};

enum class Mode { read, write };

class Database {
  public:
    // Mode::write makes the file when it is missing. Damage of the file is Code::corrupt.
    static Result<Database> open(const std::filesystem::path& file, Mode mode);

    Result<void> execute(const char* sql);
    Result<Statement> prepare(std::string_view sql);

    // All of what `body` does, or nothing when it fails.
    Result<void> transaction(const std::function<Result<void>()>& body);

    // Rows changed by the last INSERT, UPDATE or DELETE, and the id of the last row inserted.
    int64_t changes() const;
    int64_t last_id() const;

    // How long to wait for another connection; kBusyTimeoutMillis unless told.
    void set_busy_timeout(int millis);

  private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    struct FinalizeAll {
        void operator()(Statement::Shelf* shelf) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
    std::unique_ptr<Statement::Shelf, FinalizeAll> shelf_;
};

}  // namespace yagura::sqlite
