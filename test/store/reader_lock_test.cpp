#include "store/reader_lock.h"

#include <csignal>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "sqlite/database.h"
#include "store/compact.h"

using namespace yagura;
using namespace yagura::store;

TEST_CASE("replaced files go at once when nobody reads the lake") {
    Folder folder;
    fill(folder / "lake", 3, 100);
    std::optional<Snapshot> old;
    {
        auto lake = must(Lake::open(folder / "lake"));
        old = must(lake.snapshot());
    }
    must(compact(folder / "lake"));
    CHECK(!old->is_outdated());  // which reads, though its lake is gone
    CHECK(files_in(folder / "lake") == 12);
    old.reset();
    must(compact(folder / "lake"));
    CHECK(files_in(folder / "lake") == 3);
    must(retain(folder / "lake", *parse_iso8601("2030-01-01T00:00:00Z")));
    CHECK(files_in(folder / "lake") == 0);
    CHECK(must(must(Catalog::open(folder / "lake", false)).segments()).empty());
}

TEST_CASE("files that a reader has in its list stay however long it reads") {
    Folder folder;
    fill(folder / "lake", 3, 100);
    auto lake = must(Lake::open(folder / "lake"));
    const auto old = must(lake.snapshot());
    const CompactOptions no_grace{.grace = std::chrono::seconds(0)};
    must(compact(folder / "lake", no_grace));
    CHECK(!old.is_outdated());
    CHECK(old.segments("cloudtrail").size() == 9);
    CHECK(must(lake.snapshot()).segments("cloudtrail").size() == 3);
    CHECK(files_in(folder / "lake") == 12);
    must(compact(folder / "lake", no_grace));
    CHECK(!old.is_outdated());
}

TEST_CASE("a later reader does not hold back what was replaced before it came") {
    Folder folder;
    const auto path = folder / "lake";
    fill(path, 3, 100);
    auto first_lake = must(Lake::open(path));
    std::optional<Snapshot> first = must(first_lake.snapshot());
    must(compact(path));  // 9 into 3
    fill(path, 1, 100, 3);
    auto second_lake = must(Lake::open(path));
    std::optional<Snapshot> second = must(second_lake.snapshot());
    must(compact(path));  // 3 and 3 into 3
    const auto third = must(must(Lake::open(path)).snapshot());
    CHECK(files_in(path) == 9 + 6 + 3);
    first.reset();
    must(compact(path));
    CHECK(files_in(path) == 6 + 3);
    CHECK(!second->is_outdated());
    second.reset();
    must(compact(path));
    CHECK(files_in(path) == 3);
    CHECK(!third.is_outdated());
}

TEST_CASE("a lake that is open but not read holds nothing, and holds again when it is read") {
    Folder folder;
    fill(folder / "lake", 3, 100);
    auto lake = must(Lake::open(folder / "lake"));
    CHECK(must(lake.snapshot()).rows() == 300);
    const auto again = must(lake.snapshot());  // nothing has changed
    must(compact(folder / "lake"));
    CHECK(!again.is_outdated());
    CHECK(must(lake.snapshot()).rows() == 300);
    fill(folder / "lake", 1, 100, 3);
    must(compact(folder / "lake"));
    CHECK(!again.is_outdated());
    CHECK(files_in(folder / "lake") == 9 + 3);  // what came in between is gone
}

TEST_CASE("a reader that is killed holds nothing any more") {
    Folder folder;
    fill(folder / "lake", 3, 100);
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t reader = fork();
    if (reader == 0) {
        const ReaderLock lock(folder / "lake",
                              must(must(Catalog::open(folder / "lake", false)).generation()));
        (void)!write(ready[1], "!", 1);
        for (;;) pause();
    }
    char byte = 0;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    must(compact(folder / "lake", {.grace = std::chrono::seconds(0)}));
    CHECK(files_in(folder / "lake") == 12);
    kill(reader, SIGKILL);
    waitpid(reader, nullptr, 0);
    must(compact(folder / "lake"));
    CHECK(files_in(folder / "lake") == 3);
    close(ready[0]);
    close(ready[1]);
}

TEST_CASE("who locks the whole file of readers keeps everything") {
    Folder folder;
    fill(folder / "lake", 3, 100);
    const int foreign = open((folder / "lake" / "readers.lock").c_str(), O_RDONLY);
    REQUIRE(flock(foreign, LOCK_SH) == 0);
    must(compact(folder / "lake", {.grace = std::chrono::seconds(0)}));
    CHECK(files_in(folder / "lake") == 12);
    close(foreign);
    must(compact(folder / "lake"));
    CHECK(files_in(folder / "lake") == 3);
}

TEST_CASE("where nobody can tell who reads, replaced files stay for the grace period") {
    Folder folder;
    fill(folder / "lake", 3, 100);
    std::filesystem::remove(folder / "lake" / "readers.lock");
    std::filesystem::create_directory(folder / "lake" / "readers.lock");  // cannot be locked
    must(compact(folder / "lake"));
    CHECK(files_in(folder / "lake") == 12);
    must(compact(folder / "lake", {.grace = std::chrono::seconds(0)}));
    CHECK(files_in(folder / "lake") == 3);
}

TEST_CASE("what an earlier program retired goes when those who read meanwhile are done") {
    Folder folder;
    fill(folder / "lake", 3, 100);
    auto lake = must(Lake::open(folder / "lake"));
    std::optional<Snapshot> old = must(lake.snapshot());
    must(compact(folder / "lake"));
    {
        auto database =
            must(sqlite::Database::open(folder / "lake" / "catalog.sqlite", sqlite::Mode::write));
        must(database.execute("DELETE FROM segment_generations"));
    }
    must(compact(folder / "lake"));
    CHECK(!old->is_outdated());
    old.reset();
    const auto later = must(lake.snapshot());
    must(compact(folder / "lake"));
    CHECK(files_in(folder / "lake") == 3);
}

TEST_CASE(
    "a reader of a lake that only earlier programs wrote is seen by the first writer of ours") {
    Folder folder;
    const auto path = folder / "lake";
    fill(path, 3, 100);
    {
        auto database = must(sqlite::Database::open(path / "catalog.sqlite", sqlite::Mode::write));
        must(database.execute(
            "DROP TABLE segment_generations; DELETE FROM meta WHERE key = 'generation'"));
    }
    auto lake = must(Lake::open(path));
    std::optional<Snapshot> old = must(lake.snapshot());
    must(compact(path));
    CHECK(!old->is_outdated());
    old.reset();
    must(compact(path));
    CHECK(files_in(path) == 3);
}
