// SQLite as RAII: a file of tables, and statements on it. The library's header stays inside.
//
//   YAGURA_TRY(auto file, sqlite::Database::open(path, sqlite::Mode::write));
//   YAGURA_CHECK(file.run("INSERT INTO notes VALUES (?, ?, ?)", id, now, text));
//   YAGURA_TRY(const int64_t count, file.number("SELECT count(*) FROM notes WHERE who = ?", who));
//   YAGURA_TRY(auto rows, file.prepare("SELECT time, text FROM notes WHERE id > ?", id));
//   YAGURA_TRY(std::vector<Note> notes, rows.all([](const sqlite::Statement& row) {
//       Note note;
//       row.read(note.time, note.text);
//       return note;
//   }));
//
// Values go to the `?` in their order. Anything SQLite says is a Result: Code::corrupt for damage,
// busy when another connection holds the file too long, io for the rest.
//
// One Database and its statements belong to one thread at a time; statements must go before it
// does.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace yagura::sqlite {

constexpr int kBusyTimeoutMillis = 30'000;

// Bytes that are no text.
struct Blob {
    std::string_view bytes;
};

// What a `?` takes: numbers and enums (as their number), text, Blob, Timestamp (microseconds since
// 1970), nullptr, and optionals of these, where nothing is NULL. Looks at the text it was made of,
// so it lives as long as the call it is an argument of.
class ValueView {
  public:
    ValueView(std::nullptr_t) : kind_(Kind::null) {}
    template <class Number>
    requires(std::integral<Number> || std::is_enum_v<Number>) ValueView(Number number)
        : kind_(Kind::integer), number_(static_cast<int64_t>(number)) {}
    ValueView(Timestamp time) : ValueView(to_micros(time)) {}
    ValueView(std::string_view text) : kind_(Kind::text), bytes_(text) {}
    ValueView(const std::string& text) : ValueView(std::string_view(text)) {}
    ValueView(const char* text) : ValueView(std::string_view(text)) {}
    ValueView(Blob blob) : kind_(Kind::blob), bytes_(blob.bytes) {}
    template <class Some>
    ValueView(const std::optional<Some>& value) : ValueView(nullptr) {
        if (value) *this = ValueView(*value);
    }

  private:
    friend class Statement;
    enum class Kind { null, integer, text, blob };
    Kind kind_;
    int64_t number_ = 0;
    std::string_view bytes_;
};

class Statement {
  public:
    // True while there is a row.
    Result<bool> step();
    // Runs to the end and makes the statement ready for the next run.
    Result<void> run();
    void reset();

    // Calls `visit(const Statement&)` for the rows that are left; it returns nothing, or a
    // Result<void> whose error ends the walk.
    template <class Visit>
    Result<void> each(Visit&& visit);
    // The rows that are left, each as `make(const Statement&)` returns it.
    template <class Make>
    Result<std::vector<std::invoke_result_t<Make&, const Statement&>>> all(Make&& make);
    // The next row alone; nullopt when there is none.
    template <class Make>
    Result<std::optional<std::invoke_result_t<Make&, const Statement&>>> first(Make&& make);

    // The row's columns into `fields`, from the first on: what was bound comes back, NULL as the
    // field's zero. A column that is not text or a number of that size is not noticed: whoever
    // needs to know asks is_null() and the like.
    template <class... Fields>
    void read(Fields&... fields) const {
        int column = 0;
        (read_at(column++, fields), ...);
    }
    template <class Field>
    void read_at(int column, Field& field) const;

    // Columns count from 0.
    int64_t integer(int column) const;
    bool is_null(int column) const;
    // Text or blob; valid until the next step().
    std::string_view text(int column) const;

  private:
    friend class Database;
    void bind(int index, const ValueView& value);  // places count from 1
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

    // Any number of statements, none of which takes values or gives rows.
    Result<void> execute(const char* sql);

    // A statement with its first values in place. Texts that are the same are compiled once.
    template <class... Values>
    Result<Statement> prepare(std::string_view sql, const Values&... values) {
        return prepared(sql, {ValueView(values)...});
    }
    // Runs one statement to its end.
    template <class... Values>
    Result<void> run(std::string_view sql, const Values&... values) {
        YAGURA_TRY(auto statement, prepare(sql, values...));
        return statement.run();
    }
    // The first column of the first row: a count, a setting. Code::corrupt when there is no row.
    template <class... Values>
    Result<int64_t> number(std::string_view sql, const Values&... values) {
        YAGURA_TRY(auto statement, prepare(sql, values...));
        return number_of(statement);
    }

    // What `body()` returns, a Result: all of what it did, or nothing when it fails.
    template <class Body>
    std::invoke_result_t<Body&> transaction(Body&& body);

    // Rows changed by the last INSERT, UPDATE or DELETE, and the id of the last row inserted.
    int64_t changes() const;
    int64_t last_id() const;

    // How long to wait for another connection; kBusyTimeoutMillis unless told.
    void set_busy_timeout(int millis);

  private:
    Result<Statement> prepared(std::string_view sql, std::initializer_list<ValueView> values);
    Result<int64_t> number_of(Statement& statement) const;

    struct Close {
        void operator()(sqlite3* handle) const;
    };
    struct FinalizeAll {
        void operator()(Statement::Shelf* shelf) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
    std::unique_ptr<Statement::Shelf, FinalizeAll> shelf_;
};

template <class Visit>
Result<void> Statement::each(Visit&& visit) {
    const Statement& row = *this;
    for (;;) {
        YAGURA_TRY(const bool more, step());
        if (!more) return {};
        if constexpr (std::is_void_v<std::invoke_result_t<Visit&, const Statement&>>) {
            visit(row);
        } else {
            YAGURA_CHECK(visit(row));
        }
    }
}

template <class Make>
Result<std::vector<std::invoke_result_t<Make&, const Statement&>>> Statement::all(Make&& make) {
    std::vector<std::invoke_result_t<Make&, const Statement&>> rows;
    YAGURA_CHECK(each([&](const Statement& row) { rows.push_back(make(row)); }));
    return rows;
}

template <class Make>
Result<std::optional<std::invoke_result_t<Make&, const Statement&>>> Statement::first(Make&& make) {
    std::optional<std::invoke_result_t<Make&, const Statement&>> found;
    YAGURA_TRY(const bool is_there, step());
    if (is_there) found.emplace(make(std::as_const(*this)));
    return found;
}

template <class Field>
void Statement::read_at(int column, Field& field) const {
    if constexpr (std::is_same_v<Field, std::string>) {
        field = text(column);
    } else if constexpr (std::is_same_v<Field, Timestamp>) {
        field = from_micros(integer(column));
    } else if constexpr (std::is_same_v<Field, bool>) {
        field = integer(column) != 0;
    } else if constexpr (std::integral<Field> || std::is_enum_v<Field>) {
        field = static_cast<Field>(integer(column));
    } else {
        field.reset();  // an optional
        if (!is_null(column)) read_at(column, field.emplace());
    }
}

template <class Body>
std::invoke_result_t<Body&> Database::transaction(Body&& body) {
    YAGURA_CHECK(execute("BEGIN IMMEDIATE"));
    std::invoke_result_t<Body&> done = body();
    if (done) {
        if (auto committed = execute("COMMIT"); !committed) done = std::move(committed).error();
    }
    if (!done) (void)execute("ROLLBACK");
    return done;
}

}  // namespace yagura::sqlite
