// Inside store/ only: SQLite as RAII. Includes the library's header.
//
//   YAGURA_TRY(auto statement, database.prepare("SELECT file FROM segments WHERE id = ?"));
//   statement.bind(1, id);
//   for (;;) { YAGURA_TRY(const bool row, statement.step()); if (!row) break;
//   use(statement.text(0)); }
//
// One Sqlite and its statements belong to one thread at a time; statements must go before it does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <sqlite3.h>

#include "base/result.h"

namespace yagura::store {

class Sqlite;

constexpr int kBusyTimeoutMillis = 30'000;

class SqliteStatement {
  public:
    void bind(int index, int64_t value) { sqlite3_bind_int64(handle_.get(), index, value); }
    void bind(int index, std::string_view text) {
        sqlite3_bind_text64(
            handle_.get(), index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    void bind_blob(int index, std::string_view bytes) {
        sqlite3_bind_blob64(handle_.get(), index, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    }
    void bind_null(int index) { sqlite3_bind_null(handle_.get(), index); }

    // True while there is a row.
    Result<bool> step();
    // Runs to the end and makes the statement ready for the next run.
    Result<void> run();
    void reset();

    int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
    bool is_null(int column) const {
        return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
    }
    // Text or blob; valid until the next step().
    std::string_view text(int column) const;

  private:
    friend class Sqlite;
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

class Sqlite {
  public:
    enum class Mode { read, write };
    static Result<Sqlite> open(const std::filesystem::path& file, Mode mode);

    Result<void> execute(const char* sql);
    Result<SqliteStatement> prepare(std::string_view sql);
    sqlite3* handle() const { return handle_.get(); }

    // The library's last error in our terms; damage of the file is Code::corrupt and names it.
    static Error error(sqlite3* handle);

  private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    struct FinalizeAll {
        void operator()(SqliteStatement::Shelf* shelf) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
    std::unique_ptr<SqliteStatement::Shelf, FinalizeAll> shelf_;
};

}  // namespace yagura::store
