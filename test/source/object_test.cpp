// Listing objects and reading their bytes.
#include "source/object.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "source/input.h"
#include "support/folder.h"

namespace yagura::source {
namespace {

using test::Folder;

namespace fs = std::filesystem;

std::vector<std::string> names(const Folder& folder, const Listing& listing) {
    std::vector<std::string> out;
    for (const Object& object : listing.objects)
        out.push_back(object.path.substr(folder.path().string().size() + 1));
    return out;
}

Result<Listing> list(std::vector<std::string> paths) {
    return list_objects(paths);
}

using Texts = std::vector<std::string>;

std::string rest_of(Input& input) {
    std::string out, part(1 << 20, '\0');
    while (const size_t got = input.read(part.data(), part.size()).value())
        out.append(part, 0, got);
    return out;
}

TEST_CASE("folders are listed with all that is below them, sorted bytewise") {
    Folder folder;
    for (const char* name :
         {"b/2.json", "b/10.json", "a.json", "B.json", "b.json", "b/c/d/e.gz", ".hidden"}) {
        folder.write(name, "x");
    }
    const Listing listing = list({folder.path()}).value();
    CHECK(names(folder, listing) ==
          Texts{".hidden", "B.json", "a.json", "b.json", "b/10.json", "b/2.json", "b/c/d/e.gz"});
    CHECK(listing.skipped.empty());
    CHECK(listing.total_bytes == 7);
    CHECK(listing.objects[0].size == 1);
    CHECK(listing.objects[0].modified > from_micros(0));
}

TEST_CASE("a path given twice, or inside another, is one object") {
    Folder folder;
    folder.write("a/x.json", "x");
    const Listing listing =
        list({folder.path(), folder / "a/x.json", folder / "a//./x.json", folder / "a"}).value();
    CHECK(names(folder, listing) == Texts{"a/x.json"});
}

TEST_CASE("a path that does not exist is an error") {
    Folder folder;
    const auto listing = list({folder / "nothing"});
    REQUIRE(!listing);
    CHECK(listing.error().code() == Code::not_found);
    CHECK(listing.error().sentence().find("nothing") != std::string::npos);
    CHECK(list({"/dev/zero"}).error().code() == Code::invalid);
}

TEST_CASE("links cannot lead in a circle or out of the folder") {
    Folder outside, folder;
    outside.write("secret.json", "x");
    folder.write("real/a.json", "x");
    fs::create_symlink("a.json", folder / "real/b.json");                 // inside
    fs::create_directory_symlink("..", folder / "real/loop");             // to its own parent
    fs::create_directory_symlink(folder / "real", folder / "again");      // a folder met anyway
    fs::create_symlink(outside / "secret.json", folder / "secret.json");  // out, a file
    fs::create_directory_symlink(outside.path(), folder / "away");        // out, a folder
    fs::create_symlink("self", folder / "self");                          // to itself
    fs::create_symlink("gone", folder / "dangling");
    const Listing listing = list({folder.path()}).value();
    CHECK(names(folder, listing) == Texts{"real/a.json", "real/b.json"});
    REQUIRE(listing.skipped.size() == 4);
    CHECK(listing.skipped[0].path == folder / "away");
    CHECK(listing.skipped[0].code == FaultCode::leads_outside);
    CHECK(listing.skipped[1].path == folder / "dangling");
    CHECK(listing.skipped[1].code == FaultCode::unreadable);
    CHECK(!listing.skipped[1].reason.empty());
    CHECK(listing.skipped[2].code == FaultCode::leads_outside);
    CHECK(listing.skipped[3].path == folder / "self");
}

TEST_CASE("links named by the user are followed") {
    Folder folder;
    folder.write("real/a.json", "x");
    fs::create_directory_symlink(folder / "real", folder / "link");
    fs::create_symlink(folder / "real/a.json", folder / "file");
    CHECK(names(folder, list({folder / "link"}).value()) == Texts{"link/a.json"});
    CHECK(names(folder, list({folder / "file"}).value()) == Texts{"file"});
}

TEST_CASE("a folder whose name begins like the given one is outside") {
    Folder folder;
    folder.write("logs/a.json", "x");
    folder.write("logs2/b.json", "x");
    fs::create_symlink("../logs2/b.json", folder / "logs/b.json");
    const Listing listing = list({folder / "logs"}).value();
    CHECK(names(folder, listing) == Texts{"logs/a.json"});
    CHECK(listing.skipped.size() == 1);
}

TEST_CASE("pipes are skipped in folders and read when named") {
    Folder folder;
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    const Listing found = list({folder.path()}).value();
    CHECK(found.objects.empty());
    REQUIRE(found.skipped.size() == 1);
    CHECK(found.skipped[0].code == FaultCode::special_file);
    const Listing named = list({folder / "pipe", "-"}).value();
    REQUIRE(named.objects.size() == 2);
    CHECK(named.objects[0].path == "-");
    CHECK(named.objects[0].is_stream);
    CHECK(named.objects[1].is_stream);
}

TEST_CASE("a folder that may not be read is told") {
    if (::geteuid() == 0) {
        MESSAGE("root may read everything; skipped");
        return;
    }
    Folder folder;
    folder.write("closed/a.json", "x");
    ::chmod((folder / "closed").c_str(), 0);
    const Listing listing = list({folder.path()}).value();
    ::chmod((folder / "closed").c_str(), 0700);
    REQUIRE(listing.skipped.size() == 1);
    CHECK(listing.skipped[0].code == FaultCode::unreadable);
}

TEST_CASE("a small object is loaded whole, a large one is read on") {
    Folder folder;
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += std::to_string(i);
    folder.write("a", text);
    const Object object = list({folder / "a"}).value().objects[0];
    Input whole = Input::open(object).value();
    CHECK(whole.load(1 << 20).value() == text);
    CHECK(whole.is_whole());
    CHECK(whole.load(1 << 20).value().data()[text.size()] == '\0');
    CHECK(whole.bytes_read() == text.size());

    Input part = Input::open(object).value();
    CHECK(part.load(1000).value() == text.substr(0, 1000));
    CHECK(!part.is_whole());
    std::string read;
    char buffer[777];
    for (;;) {
        const size_t got = part.read(buffer, sizeof buffer).value();
        if (got == 0) break;
        read.append(buffer, got);
    }
    CHECK(read == text);
    CHECK(whole.content_id().value() == sha256(text));
    CHECK(part.content_id().value() == sha256(text));
}

TEST_CASE("an object that grew after it was listed is read to its end") {
    Folder folder;
    folder.write("a", "one");
    const Object object = list({folder / "a"}).value().objects[0];
    folder.write("a", std::string(10'000, 'x'));
    CHECK(Input::open(object).value().load(1 << 20).value().size() == 10'000);
}

TEST_CASE("a file that changes after its content was hashed is read as it was hashed") {
    Folder folder;
    folder.write("a", "one");
    Input input = Input::open(list({folder / "a"}).value().objects[0]).value();
    CHECK(input.content_id().value() == sha256("one"));
    folder.write("a", "two and more");
    CHECK(input.load(1 << 20).value() == "one");
    CHECK(input.content_id_of_first(2).value() == sha256("on"));
}

TEST_CASE("bytes that are already here are an input, too") {
    Input input = Input::of_bytes("abc", "pushed");
    CHECK(input.load(2).value() == "abc");
    CHECK(input.is_whole());
    CHECK(input.content_id().value() == sha256("abc"));
    CHECK(input.object().path == "pushed");
    CHECK(Input::of_bytes("", "empty").load(1).value().empty());
}

TEST_CASE("a stream too large to be loaded can be kept, and is then read as often as a file") {
    Folder folder;
    const std::string pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::string text;
    while (text.size() <= Input::kMaxLoaded) text += std::to_string(text.size()) + " of many\n";
    std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << text; });
    Input input = Input::open({pipe, 0, {}, true}).value();
    CHECK(input.load().value() == std::string_view(text).substr(0, Input::kMaxLoaded));
    CHECK(!input.content_id());
    CHECK(!input.reopen());
    REQUIRE(input.keep_stream(folder.path()));
    writer.join();
    CHECK(input.content_id().value() == sha256(text));
    CHECK(rest_of(input) == text);
    Input again = input.reopen().value();
    CHECK(rest_of(again) == text);
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);  // the pipe
}

TEST_CASE("a small stream, or a file, is not copied") {
    Folder folder;
    folder.write("a", "text");
    Input input = Input::open({folder / "a", 4}).value();
    REQUIRE(input.keep_stream("/nowhere"));
    CHECK(input.load().value() == "text");
}

TEST_CASE("why an object cannot be opened or read is told in the system's words") {
    const auto gone = Input::open({"/nowhere/a.json"});
    REQUIRE(!gone);
    CHECK(reason_of(gone.error(), "/nowhere/a.json") == system_reason(ENOENT));
    CHECK(reason_of(Error(Code::io, "something else"), "a") == "something else");
}

TEST_CASE("an object that is gone is an error that names it") {
    const auto input = Input::open({"/nowhere/a.json", 0, {}, false});
    REQUIRE(!input);
    CHECK(input.error().code() == Code::not_found);
}

}  // namespace
}  // namespace yagura::source
