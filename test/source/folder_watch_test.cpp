// Changes below folders, told once they have settled.
#include "source/folder_watch.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <doctest/doctest.h>
#include <unistd.h>

namespace yagura::source {
namespace {

namespace fs = std::filesystem;

struct TemporaryFolder {
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "yagura-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    void write(const std::string& name, std::string_view text) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary | std::ios::app) << text;
    }
    std::string name(const std::string& name) const { return (path / name).string(); }
    fs::path path;
};

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
        TemporaryFolder folder;
        TemporaryFolder elsewhere;
        folder.write("old.json", "{}");
        elsewhere.write("moved.json", "{}");
        FolderWatch watch = FolderWatch::open({folder.path.string()}, {.poll = poll}).value();
        CHECK(watch.is_polling() == poll);
        folder.write("new.json", "{}");
        folder.write("a/b/deep.json", "{}");
        fs::rename(elsewhere.name("moved.json"), folder.name("moved.json"));
        std::set<std::string> paths;
        for (const Change& change : collect(watch, 3)) {
            paths.insert(change.path);
            CHECK_FALSE(change.is_gone);
        }
        CHECK(paths == std::set{folder.name("a/b/deep.json"),
                                folder.name("moved.json"),
                                folder.name("new.json")});
    }
}

TEST_CASE("a file written in pieces is one change once its writer has closed it") {
    TemporaryFolder folder;
    FolderWatch watch = FolderWatch::open({folder.path.string()}).value();
    {
        std::ofstream file(folder.path / "log.json");
        for (int i = 0; i < 20; ++i) file << "{}\n" << std::flush;
    }
    const auto changes = collect(watch, 1);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].path == folder.name("log.json"));
    CHECK(changes[0].is_closed);
    CHECK(watch.wait(std::chrono::milliseconds(0)).value().empty());
}

TEST_CASE("a file that stays open is told of when it has grown") {
    TemporaryFolder folder;
    FolderWatch watch = FolderWatch::open({folder.path.string()}).value();
    std::ofstream file(folder.path / "log.json");
    file << "{}\n" << std::flush;
    const auto changes = collect(watch, 1);
    REQUIRE(changes.size() == 1);
    CHECK_FALSE(changes[0].is_closed);
}

TEST_CASE("a removed file is told of") {
    for (const bool poll : {false, true}) {
        CAPTURE(poll);
        TemporaryFolder folder;
        folder.write("rule.yml", "x");
        FolderWatch watch = FolderWatch::open({folder.path.string()}, {.poll = poll}).value();
        fs::remove(folder.path / "rule.yml");
        const auto changes = collect(watch, 1);
        REQUIRE(changes.size() == 1);
        CHECK(changes[0].is_gone);
    }
}

TEST_CASE("a file watched by name hides its neighbours") {
    TemporaryFolder folder;
    folder.write("a.yml", "x");
    FolderWatch watch = FolderWatch::open({folder.name("a.yml")}).value();
    folder.write("b.yml", "x");
    folder.write("a.yml", "y");
    const auto changes = collect(watch, 1);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].path == folder.name("a.yml"));
}

TEST_CASE("a path that does not exist is an error that names it") {
    const auto watch = FolderWatch::open({"/no/such/folder"});
    REQUIRE_FALSE(watch.has_value());
    CHECK(watch.error().code() == Code::not_found);
    CHECK(watch.error().sentence().find("/no/such/folder") != std::string::npos);
}

}  // namespace
}  // namespace yagura::source
