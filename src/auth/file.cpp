#include "auth/file.h"

#include <cerrno>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/messages/auth.h"
#include "base/system_reason.h"

namespace yagura::auth {
namespace {

// Each step brings the file from one version to the next; the number of steps is the version. Steps
// that were once released never change.
constexpr const char* kSteps[] = {
    R"(
CREATE TABLE people(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL, -- empty: none, somebody else proves who this is
    role INTEGER NOT NULL CHECK(role BETWEEN 0 AND 3),
    accounts TEXT,          -- null: all
    language TEXT NOT NULL, created INTEGER NOT NULL, last_login INTEGER, disabled INTEGER NOT NULL) STRICT;
CREATE TABLE sessions(
    secret BLOB PRIMARY KEY, -- its SHA-256
    id TEXT NOT NULL UNIQUE, person INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    address TEXT NOT NULL, user_agent TEXT NOT NULL, created INTEGER NOT NULL, last_used INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions(person);
CREATE TABLE tokens(
    secret BLOB PRIMARY KEY,
    id TEXT NOT NULL UNIQUE, person INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    label TEXT NOT NULL, role INTEGER NOT NULL CHECK(role BETWEEN 0 AND 3), accounts TEXT,
    created INTEGER NOT NULL, last_used INTEGER, expires INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_person ON tokens(person);
CREATE TABLE audit(
    id INTEGER PRIMARY KEY, time INTEGER NOT NULL, who TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL,
    target TEXT NOT NULL, detail TEXT NOT NULL, result TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE audit_head(one INTEGER PRIMARY KEY CHECK(one = 1), rows INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
INSERT INTO audit_head VALUES (1, 0, x'');
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
)",
    R"(
CREATE TABLE throttle(
    key BLOB PRIMARY KEY, -- SHA-256 of an address, or of it and a name
    failures INTEGER NOT NULL, last INTEGER NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)"};
constexpr int64_t kVersion = std::size(kSteps);
constexpr int64_t kOurs = 0x59414155;  // "YAAU", so that no other file is taken for this one

Error refused(const std::filesystem::path& path) {
    return {Code::io, say(message::auth_cannot_open, path.string(), system_reason(errno))};
}

Result<void> make_private(const std::filesystem::path& folder, const std::filesystem::path& file) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (chmod(folder.c_str(), 0700) != 0) return refused(folder);
    // SQLite gives its own side files the mode of the file.
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return refused(file);
    const bool done = fchmod(descriptor, 0600) == 0;
    ::close(descriptor);
    if (!done) return refused(file);
    return {};
}

Result<void> bring_up_to_date(sqlite::Database& database, const std::filesystem::path& path) {
    YAGURA_TRY(const int64_t application, database.number("PRAGMA application_id"));
    YAGURA_TRY(const int64_t version, database.number("PRAGMA user_version"));
    YAGURA_TRY(const int64_t pages, database.number("PRAGMA page_count"));
    const bool is_new = version == 0 && application == 0 && pages <= 1;
    if (!is_new && application != kOurs)
        return fail(Code::corrupt, say(message::auth_not_ours, path.string()));
    if (version > kVersion)
        return fail(Code::unsupported,
                    say(message::auth_newer_format, path.string(), version, kVersion));
    for (int64_t i = version; i < kVersion; ++i) YAGURA_CHECK(database.execute(kSteps[i]));
    if (version == kVersion) return {};
    const std::string marks =
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kOurs, kVersion);
    return database.execute(marks.c_str());
}

Result<sqlite::Database> open_side(const std::filesystem::path& file) {
    YAGURA_TRY(auto database, sqlite::Database::open(file, sqlite::Mode::write));
    YAGURA_CHECK(database.execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA secure_delete=ON"));
    return database;
}

}  // namespace

File::File(std::filesystem::path path,
           Clock clock,
           Randomness randomness,
           sqlite::Database writer,
           sqlite::Database reader)
    : path_(std::move(path)),
      clock_(std::move(clock)),
      randomness_(std::move(randomness)),
      writer_(std::move(writer)),
      reader_(std::move(reader)) {}

Result<std::unique_ptr<File>> File::open(const std::filesystem::path& folder,
                                         Clock clock,
                                         Randomness randomness) {
    const auto path = folder / "auth.sqlite";
    YAGURA_CHECK(make_private(folder, path));
    YAGURA_TRY(auto writer, open_side(path));
    // Two programs that start at once must not both make the tables.
    YAGURA_CHECK(writer.transaction([&] { return bring_up_to_date(writer, path); }));
    YAGURA_TRY(auto reader, open_side(path));
    return std::unique_ptr<File>(new File(
        path, std::move(clock), std::move(randomness), std::move(writer), std::move(reader)));
}

}  // namespace yagura::auth
