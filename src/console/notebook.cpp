#include "console/notebook.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/messages/base.h"
#include "base/messages/console.h"
#include "base/system_reason.h"

namespace yagura::console {
namespace {

// What turns the tables of version i into those of version i + 1.
constexpr const char* kSteps[] = {
    R"(
CREATE TABLE triage(
    finding TEXT PRIMARY KEY, rule_id TEXT NOT NULL, account TEXT NOT NULL, principal TEXT NOT NULL,
    source_ip TEXT NOT NULL, status INTEGER NOT NULL, assignee TEXT NOT NULL, count INTEGER NOT NULL,
    action INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE actions(
    id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL,
    detail TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE changes(
    action INTEGER NOT NULL, finding TEXT NOT NULL, account TEXT NOT NULL, status INTEGER NOT NULL,
    assignee TEXT NOT NULL, count INTEGER NOT NULL, before INTEGER NOT NULL,
    PRIMARY KEY(action, finding)) WITHOUT ROWID;
CREATE INDEX changes_by_finding ON changes(finding, action);
CREATE TABLE comments(
    id INTEGER PRIMARY KEY AUTOINCREMENT, finding TEXT NOT NULL, action INTEGER NOT NULL,
    time INTEGER NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX comments_by_finding ON comments(finding, id);
CREATE INDEX comments_by_action ON comments(action);
CREATE TABLE aliases(account TEXT PRIMARY KEY, alias TEXT NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE views(
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
    query TEXT NOT NULL, owner TEXT NOT NULL, shared INTEGER NOT NULL, scope TEXT NOT NULL,
    updated INTEGER NOT NULL);
CREATE TABLE history(
    id INTEGER PRIMARY KEY AUTOINCREMENT, who TEXT NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, range_from TEXT NOT NULL, range_to TEXT NOT NULL, types TEXT NOT NULL,
    row_count INTEGER, elapsed_ms INTEGER);
CREATE INDEX history_by_person ON history(who, id);
CREATE TABLE visits(
    who TEXT PRIMARY KEY, last_time INTEGER NOT NULL, last_finding INTEGER NOT NULL,
    last_events INTEGER NOT NULL, before_time INTEGER NOT NULL, before_finding INTEGER NOT NULL,
    before_events INTEGER NOT NULL) WITHOUT ROWID;
)",
    R"(
CREATE TABLE buckets(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, prefix TEXT NOT NULL, region TEXT NOT NULL,
    role_arn TEXT NOT NULL, added_by TEXT NOT NULL, added INTEGER NOT NULL, UNIQUE(name, prefix));
)",
};
constexpr int64_t kVersion = std::size(kSteps);

Error refused(const std::filesystem::path& path, int error) {
    return {Code::io, say(message::cannot_write, path.string(), system_reason(error))};
}

// SQLite gives its companion files the mode of the file they belong to.
Result<void> make_private_file(const std::filesystem::path& file) {
    const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return refused(file, errno);
    close(descriptor);
    return {};
}

// What this program can work with. Numbers below 0 were never given.
Result<void> check_version(int64_t version, const std::filesystem::path& file) {
    if (version < 0) return fail(Code::corrupt, say(message::console_damaged, file.string()));
    if (version <= kVersion) return {};
    return fail(Code::unsupported, say(message::console_newer, file.string(), version, kVersion));
}

Result<void> migrate(sqlite::Database& database, const std::filesystem::path& file) {
    // Looked at inside the transaction: two programs may start at once.
    return database.transaction([&]() -> Result<void> {
        YAGURA_TRY(const int64_t version, database.number("PRAGMA user_version"));
        YAGURA_CHECK(check_version(version, file));
        if (version == kVersion) return {};
        for (int64_t step = version; step < kVersion; ++step)
            YAGURA_CHECK(database.execute(kSteps[step]));
        return database.execute(fmt::format("PRAGMA user_version={}", kVersion).c_str());
    });
}

}  // namespace

std::filesystem::path console_folder(const std::filesystem::path& lake) {
    return lake / "console";
}

Result<std::unique_ptr<Notebook>> Notebook::open(const std::filesystem::path& lake) {
    const auto folder = console_folder(lake);
    std::error_code error;
    if (std::filesystem::create_directories(folder, error))
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (error) return refused(folder, error.value());
    const auto file = folder / "console.sqlite";
    YAGURA_CHECK(make_private_file(file));
    YAGURA_TRY(auto database, sqlite::Database::open(file, sqlite::Mode::write));
    YAGURA_CHECK(database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"));
    YAGURA_CHECK(migrate(database, file));
    return std::unique_ptr<Notebook>(new Notebook(std::move(database)));
}

Result<std::unique_ptr<Notebook>> Notebook::find(const std::filesystem::path& lake) {
    const auto file = console_folder(lake) / "console.sqlite";
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::unique_ptr<Notebook>();
    YAGURA_TRY(auto database, sqlite::Database::open(file, sqlite::Mode::read));
    YAGURA_TRY(const int64_t version, database.number("PRAGMA user_version"));
    YAGURA_CHECK(check_version(version, file));
    // Older ones have every table that is only looked at: later steps add, they take nothing away.
    if (version == 0) return std::unique_ptr<Notebook>();
    return std::unique_ptr<Notebook>(new Notebook(std::move(database)));
}

Result<int64_t> Notebook::version() {
    const std::lock_guard lock(mutex_);
    YAGURA_TRY(const int64_t others, database_.number("PRAGMA data_version"));
    return others + changes_;
}

}  // namespace yagura::console
