// Parts of files that are still being written.
#include "source/tail.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "support/folder.h"

namespace yagura::source {
namespace {

namespace fs = std::filesystem;

// One file that grows, and what a Tail gives of it.
class Growing {
  public:
    void append(std::string_view text) const { folder_.append("log", text); }
    void replace(std::string_view text) const {
        fs::remove(path_);
        append(text);
    }
    // Everything there is for now, parts divided by '|'.
    std::string next(bool is_closed = false) {
        std::string out;
        for (;;) {
            auto part = tail.next(path_, is_closed).value();
            if (!part) return out;
            out += std::string(out.empty() ? "" : "|") +
                   std::string(part->load(Tail::kMaxPart + 1000).value());
        }
    }
    const std::string& path() const { return path_; }
    Tail tail;

  private:
    test::Folder folder_;
    std::string path_ = folder_ / "log";
};

TEST_CASE("lines of JSON are given when they are complete") {
    Growing file;
    file.append("{\"a\":1}\n{\"a\":");
    CHECK(file.next() == "{\"a\":1}\n");
    CHECK(file.next() == "");
    file.append("2}\n");
    CHECK(file.next() == "{\"a\":2}\n");
    file.append("{\"a\":3}");
    CHECK(file.next() == "");
    CHECK(file.next(true) == "{\"a\":3}");  // nobody will complete it
}

TEST_CASE("each part of a text log begins with the header") {
    Growing file;
    file.append("version account-id\n2 111\n");
    CHECK(file.next() == "version account-id\n2 111\n");
    file.append("2 222\n");
    CHECK(file.next() == "version account-id\n2 222\n");
}

TEST_CASE("what is one thing is given whole, once it is closed") {
    for (const std::string text :
         {"{\n \"Records\": []}", "{\"Records\":[]}", "[\n1]", "\x1f\x8b\x08 zipped"}) {
        CAPTURE(text);
        Growing file;
        file.append(text);
        CHECK(file.next() == "");
        CHECK(file.next(true) == text);
        CHECK(file.next(true) == "");
        file.append(" ");
        CHECK(file.next(true) == text + " ");
    }
}

TEST_CASE("a file that shrank or was replaced is new") {
    Growing file;
    file.append("{\"a\":1}\n{\"a\":2}\n");
    CHECK(file.next() != "");
    fs::resize_file(file.path(), 8);
    CHECK(file.next() == "{\"a\":1}\n");
    file.replace("{\"b\":1}\n{\"b\":2}\n");
    CHECK(file.next() == "{\"b\":1}\n{\"b\":2}\n");
    fs::remove(file.path());
    CHECK(file.next(true) == "");
}

TEST_CASE("what was there before counts as given, its header is known") {
    Growing file;
    file.append("version account-id\n2 111\n");
    file.tail.skip(file.path());
    CHECK(file.next() == "");
    file.append("2 222\n");
    CHECK(file.next() == "version account-id\n2 222\n");
}

TEST_CASE("a line that never ends is given in pieces") {
    Growing file;
    file.append("{\"a\":1}\n" + std::string(Tail::kMaxPart + 5, 'x') + "\n");
    std::string all = file.next();
    std::erase(all, '|');
    CHECK(all.size() == Tail::kMaxPart + 5 + 9);
}

TEST_CASE("a value that its writer closed in the middle is waited for") {
    Growing file;
    file.append("{\"a\":1}\n{\"a\":");
    CHECK(file.next(true) == "{\"a\":1}\n");
    file.append("2}\n");
    CHECK(file.next(true) == "{\"a\":2}\n");
}

TEST_CASE("a part says which bytes of the file it is, and what they are up to its end") {
    Growing file;
    Tail tail(true);
    const std::string first = "version account-id\n2 111\n";
    file.append(first);
    const auto one = tail.next(file.path(), false).value();
    REQUIRE(one);
    CHECK(one->part()->offset == 0);
    CHECK(one->part()->end == first.size());
    CHECK(one->part()->content == sha256(first));
    CHECK_FALSE(one->part()->has_header);
    file.append("2 222\n");
    const auto two = tail.next(file.path(), true).value();
    REQUIRE(two);
    CHECK(two->part()->offset == first.size());
    CHECK(two->part()->content == sha256(first + "2 222\n"));
    CHECK(two->part()->has_header);
    CHECK(two->part()->is_closed);
}

TEST_CASE("reading goes on where it ended, unless the file is another one by then") {
    Growing file;
    const std::string first = "version account-id\n2 111\n";
    file.append(first + "2 222\n");
    Tail tail(true);
    REQUIRE(tail.resume(file.path(), first.size(), sha256(first)));
    auto part = tail.next(file.path(), false).value();
    REQUIRE(part);
    CHECK(part->load(1000).value() == "version account-id\n2 222\n");
    CHECK(part->part()->content == sha256(first + "2 222\n"));
    Tail other(true);
    CHECK_FALSE(other.resume(file.path(), first.size(), sha256("version")));
    CHECK_FALSE(other.resume(file.path(), 1000, sha256(first)));
    part = other.next(file.path(), false).value();
    REQUIRE(part);
    CHECK(part->part()->offset == 0);
}

}  // namespace
}  // namespace yagura::source
