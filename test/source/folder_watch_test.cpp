// Changes below folders, told once they have settled.
#include "source/folder_watch.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include <doctest/doctest.h>

#include "support/folder.h"

namespace yagura::source {
namespace {

using test::Folder;

namespace fs = std::filesystem;

// Waits as long as it takes to see `wanted` changes, up to a bound that only a failure reaches.
std::vector<Change> collect(FolderWatch& watch, size_t wanted) {
    std::vector<Change> all;
    for (int i = 0; i < 100 && all.size() < wanted; ++i) {
        const std::vector<Change> some = watch.wait(std::chrono::milliseconds(100)).value();
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

TEST_CASE("a new file, one in a new folder and a moved one are told of; what was there is not") {
    for (const bool poll : {false, true}) {
        CAPTURE(poll);
        Folder folder;
        Folder elsewhere;
        folder.write("old.json", "{}");
        elsewhere.write("moved.json", "{}");
        FolderWatch watch = FolderWatch::open({folder.path()}, {.poll = poll}).value();
        CHECK(watch.is_polling() == poll);
        folder.write("new.json", "{}");
        folder.write("a/b/deep.json", "{}");
        fs::rename((elsewhere / "moved.json").string(), (folder / "moved.json").string());
        std::set<std::string> paths;
        for (const Change& change : collect(watch, 3)) {
            paths.insert(change.path);
            CHECK_FALSE(change.is_gone);
        }
        CHECK(paths == std::set{(folder / "a/b/deep.json").string(),
                                (folder / "moved.json").string(),
                                (folder / "new.json").string()});
    }
}

TEST_CASE("files that come with their folder are closed, unless somebody goes on writing") {
    Folder folder;
    Folder elsewhere;
    elsewhere.write("22/whole.json.gz", "\x1f\x8b");
    elsewhere.write("22/growing.log", "a");
    FolderWatch watch = FolderWatch::open({folder.path()}).value();
    std::ofstream writer(elsewhere / "22/growing.log", std::ios::app);
    fs::rename(elsewhere / "22", folder / "22");
    std::set<std::string> closed;
    for (int i = 0; i < 30 && closed.empty(); ++i) {
        writer << "b" << std::flush;
        for (const Change& change : collect(watch, 1))
            if (change.is_closed) closed.insert(change.path);
    }
    CHECK(closed == std::set{(folder / "22/whole.json.gz").string()});
    writer.close();
    for (const Change& change : collect(watch, 1))
        if (change.is_closed) closed.insert(change.path);
    CHECK(closed.size() == 2);
}

TEST_CASE("a file written in pieces is one change once its writer has closed it") {
    Folder folder;
    FolderWatch watch = FolderWatch::open({folder.path()}).value();
    {
        std::ofstream file(folder / "log.json");
        for (int i = 0; i < 20; ++i) file << "{}\n" << std::flush;
    }
    const auto changes = collect(watch, 1);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].path == (folder / "log.json").string());
    CHECK(changes[0].is_closed);
    CHECK(watch.wait(std::chrono::milliseconds(0)).value().empty());
}

TEST_CASE("a file that stays open is told of when it has grown") {
    Folder folder;
    FolderWatch watch = FolderWatch::open({folder.path()}).value();
    std::ofstream file(folder / "log.json");
    file << "{}\n" << std::flush;
    const auto changes = collect(watch, 1);
    REQUIRE(changes.size() == 1);
    CHECK_FALSE(changes[0].is_closed);
}

TEST_CASE("a removed file is told of") {
    for (const bool poll : {false, true}) {
        CAPTURE(poll);
        Folder folder;
        folder.write("rule.yml", "x");
        FolderWatch watch = FolderWatch::open({folder.path()}, {.poll = poll}).value();
        fs::remove(folder / "rule.yml");
        const auto changes = collect(watch, 1);
        REQUIRE(changes.size() == 1);
        CHECK(changes[0].is_gone);
    }
}

TEST_CASE("a file watched by name hides its neighbours") {
    Folder folder;
    folder.write("a.yml", "x");
    FolderWatch watch = FolderWatch::open({(folder / "a.yml").string()}).value();
    folder.write("b.yml", "x");
    folder.write("a.yml", "y");
    const auto changes = collect(watch, 1);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].path == (folder / "a.yml").string());
}

TEST_CASE("folders beyond what the kernel watches are looked into all the same") {
    Folder folder;
    FolderWatch watch = FolderWatch::open({folder.path()}, {.most_folders = 2}).value();
    CHECK_FALSE(watch.is_polling());
    folder.write("2026/11/21/a.json", "{}");
    folder.write("2026/11/22/b.json", "{}");
    std::set<std::string> paths;
    for (int i = 0; i < 10 && paths.size() < 2; ++i)
        for (const Change& change : collect(watch, 1)) paths.insert(change.path);
    CHECK(paths == std::set{(folder / "2026/11/21/a.json").string(),
                            (folder / "2026/11/22/b.json").string()});
    CHECK(watch.is_polling());
}

TEST_CASE("polling lists the folders at its own pace, however often it is asked") {
    Folder folder;
    FolderWatch watch = FolderWatch::open({folder.path()}, {.poll = true}).value();
    const auto start = std::chrono::steady_clock::now();
    folder.write("a.json", "{}");
    std::vector<Change> changes;
    while (changes.empty()) changes = watch.wait(std::chrono::milliseconds(10)).value();
    // Told after two listings that show the same.
    CHECK(std::chrono::steady_clock::now() - start > kPollInterval);
}

TEST_CASE("a path that does not exist is an error that names it") {
    const auto watch = FolderWatch::open({"/no/such/folder"});
    REQUIRE_FALSE(watch.has_value());
    CHECK(watch.error().code() == Code::not_found);
    CHECK(watch.error().sentence().find("/no/such/folder") != std::string::npos);
}

}  // namespace
}  // namespace yagura::source
