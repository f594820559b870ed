#include "sqlite/database.h"

#include <cerrno>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/sqlite.h"
#include "base/system_reason.h"

namespace yagura::sqlite {
namespace {

// The last error in our terms.
Error error_of(sqlite3* handle) {
    const char* file = sqlite3_db_filename(handle, "main");
    const std::string sentence = std::string(file ? file : "") + ": " + sqlite3_errmsg(handle);
    switch (sqlite3_errcode(handle) & 0xFF) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {Code::corrupt,
                    say(message::sqlite_damaged, file ? file : "", sqlite3_errmsg(handle))};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {Code::busy, sentence};
        case SQLITE_CANTOPEN:
            return {Code::not_found, sentence};
        case SQLITE_FULL:
            return {Code::io, say(message::cannot_write, file ? file : "", system_reason(ENOSPC))};
        case SQLITE_READONLY:
            return {Code::io, say(message::cannot_write, file ? file : "", system_reason(EROFS))};
        default:
            return {Code::io, sentence};
    }
}

// False when the file is there but its write-ahead log cannot be used, as on a read-only disk.
bool can_read(sqlite3* handle) {
    const int state = sqlite3_exec(handle, "PRAGMA schema_version", nullptr, nullptr, nullptr);
    const int kind = state & 0xFF;
    return kind != SQLITE_CANTOPEN && kind != SQLITE_READONLY && kind != SQLITE_IOERR;
}

// The name of a file that nobody writes; see https://www.sqlite.org/uri.html.
std::string immutable_uri(const std::filesystem::path& file) {
    std::string uri = "file:";
    for (const char c : file.string()) {
        if (c == '%' || c == '?' || c == '#') {
            uri += fmt::format("%{:02X}", c);
        } else {
            uri += c;
        }
    }
    return uri + "?immutable=1";
}

}  // namespace

Result<Database> Database::open(const std::filesystem::path& file, Mode mode) {
    // Counting its memory would cost a lock per allocation.
    static const int quiet = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)quiet;
    sqlite3* handle = nullptr;
    const int flags =
        mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
    int state = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    if (mode == Mode::read && (state != SQLITE_OK || !can_read(handle))) {
        // On a read-only disk WAL's shared memory cannot be made. When all that was written is in
        // the file itself, say that nobody writes.
        std::error_code none;
        if (const auto log = std::filesystem::file_size(file.string() + "-wal", none);
            !none && log > 0) {
            sqlite3_close_v2(handle);
            return fail(Code::io, say(message::sqlite_unfinished, file.string()));
        }
        sqlite3_close_v2(handle);
        const std::string uri = immutable_uri(file);
        state = sqlite3_open_v2(uri.c_str(),
                                &handle,
                                SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                                nullptr);
    }
    Database database;
    database.handle_.reset(handle);
    database.shelf_.reset(new Statement::Shelf);
    if (state != SQLITE_OK) return error_of(handle);
    sqlite3_busy_timeout(handle, kBusyTimeoutMillis);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 64 << 20);
    // Checks every page as it is read instead of trusting it.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    YAGURA_CHECK(database.execute(
        "PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY"));
    return database;
}

Result<void> Database::execute(const char* sql) {
    if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return error_of(handle_.get());
    return {};
}

Result<Statement> Database::prepared(std::string_view sql,
                                     std::initializer_list<ValueView> values) {
    Statement statement;
    auto& shelved = (*shelf_)[std::string(sql)];
    sqlite3_stmt* handle = nullptr;
    if (!shelved.empty()) {
        handle = shelved.back();
        shelved.pop_back();
    } else if (sqlite3_prepare_v3(handle_.get(),
                                  sql.data(),
                                  static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT,
                                  &handle,
                                  nullptr) != SQLITE_OK) {
        return error_of(handle_.get());
    }
    statement.handle_ = Statement::Handle(handle, Statement::PutBack(shelf_.get()));
    int index = 0;
    for (const ValueView& value : values) statement.bind(++index, value);
    return statement;
}

Result<int64_t> Database::number_of(Statement& statement) const {
    YAGURA_TRY(const bool found, statement.step());
    if (found) return statement.integer(0);
    const char* file = sqlite3_db_filename(handle_.get(), "main");
    return fail(Code::corrupt, say(message::sqlite_damaged, file ? file : "", "no row"));
}

void Statement::PutBack::operator()(sqlite3_stmt* statement) const {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    (*shelf)[sqlite3_sql(statement)].push_back(statement);
}

void Database::FinalizeAll::operator()(Statement::Shelf* shelf) const {
    for (auto& [sql, statements] : *shelf) {
        for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
    }
    delete shelf;
}

void Database::Close::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}

int64_t Database::changes() const {
    return sqlite3_changes64(handle_.get());
}

int64_t Database::last_id() const {
    return sqlite3_last_insert_rowid(handle_.get());
}

void Database::set_busy_timeout(int millis) {
    sqlite3_busy_timeout(handle_.get(), millis);
}

void Statement::bind(int index, const ValueView& value) {
    // A null pointer would bind NULL instead of the empty value.
    const char* bytes = value.bytes_.data() ? value.bytes_.data() : "";
    const size_t size = value.bytes_.size();
    sqlite3_stmt* handle = handle_.get();
    switch (value.kind_) {
        case ValueView::Kind::null:
            sqlite3_bind_null(handle, index);
            break;
        case ValueView::Kind::integer:
            sqlite3_bind_int64(handle, index, value.number_);
            break;
        case ValueView::Kind::text:
            sqlite3_bind_text64(handle, index, bytes, size, SQLITE_TRANSIENT, SQLITE_UTF8);
            break;
        case ValueView::Kind::blob:
            sqlite3_bind_blob64(handle, index, bytes, size, SQLITE_TRANSIENT);
            break;
    }
}

int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

Result<bool> Statement::step() {
    const int state = sqlite3_step(handle_.get());
    if (state == SQLITE_ROW) return true;
    if (state == SQLITE_DONE) return false;
    return error_of(sqlite3_db_handle(handle_.get()));
}

Result<void> Statement::run() {
    for (;;) {
        auto row = step();
        if (row && *row) continue;
        reset();
        if (!row) return row.error();
        return {};
    }
}

void Statement::reset() {
    sqlite3_reset(handle_.get());
    sqlite3_clear_bindings(handle_.get());
}

std::string_view Statement::text(int column) const {
    const void* bytes = sqlite3_column_blob(handle_.get(), column);
    const int size = sqlite3_column_bytes(handle_.get(), column);
    return bytes ? std::string_view(static_cast<const char*>(bytes), static_cast<size_t>(size))
                 : std::string_view();
}

}  // namespace yagura::sqlite
