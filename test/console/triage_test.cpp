#include "console/triage.h"

#include <sys/stat.h>

#include "fixture.h"

using namespace yagura;
using namespace yagura::console;

namespace {

const Timestamp kNow = from_micros(1'800'000'000'000'000);

struct Desk {
    Folder folder;
    std::unique_ptr<Notebook> notebook = must(Notebook::open(folder.path()));
    Triage triage{*notebook};

    static Subject subject(std::string principal, std::string account = kAccountA) {
        FindingKey key{"rule-1", std::move(account), std::move(principal), "198.51.100.7"};
        std::string id = finding_id(key);
        return {std::move(id), std::move(key), 5};
    }
    Done act(Action action, const std::vector<Subject>& subjects) {
        if (action.who.empty()) action.who = "aki";
        action.time = kNow;
        return must(triage.act(action, subjects));
    }
    Decided decided(const Subject& subject) {
        auto all = must(triage.all());
        return all[subject.id];
    }
};

const AccountScope kAll = AccountScope::all();

}  // namespace

TEST_CASE("the id of a finding tells its parts apart") {
    CHECK(finding_id({"a", "b", "c", "d"}) == finding_id({"a", "b", "c", "d"}));
    CHECK(finding_id({"ab", "", "c", "d"}) != finding_id({"a", "b", "c", "d"}));
    CHECK(finding_id({"a", "b", "c", "d"}).size() == 24);
}

TEST_CASE("a bulk action is undone as one, and each finding gets back what it had") {
    Desk desk;
    const Subject alice = Desk::subject("alice"), bob = Desk::subject("bob");
    desk.act({.kind = ActionKind::acknowledge}, {alice});
    desk.act({.kind = ActionKind::assign, .assignee = "ben"}, {alice});
    const Done closed =
        desk.act({.kind = ActionKind::close, .comment = "noise"}, {alice, bob, bob});
    CHECK(closed.changed == 2);
    CHECK(desk.decided(alice).status == Status::closed);
    CHECK(desk.decided(alice).comments == 1);
    CHECK(must(desk.triage.undo(closed.action, "aki", kAll)) == 2);
    CHECK(desk.decided(alice).status == Status::acknowledged);
    CHECK(desk.decided(alice).assignee == "ben");
    CHECK(desk.decided(alice).comments == 0);
    CHECK(desk.decided(bob).status == Status::fresh);
    CHECK_FALSE(desk.triage.undo(closed.action, "aki", kAll));
}

TEST_CASE("undoing leaves what somebody decided since, and is for who did it") {
    Desk desk;
    const Subject alice = Desk::subject("alice"), bob = Desk::subject("bob");
    const Done closed = desk.act({.kind = ActionKind::close}, {alice, bob});
    desk.act({.kind = ActionKind::reopen, .who = "ben"}, {alice});
    CHECK_FALSE(desk.triage.undo(closed.action, "ben", kAll));
    CHECK(must(desk.triage.undo(closed.action, "aki", kAll)) == 1);
    CHECK(desk.decided(alice).status == Status::fresh);
    CHECK(must(desk.triage.history(alice.id)).size() == 2);
}

TEST_CASE("undoing touches only the accounts one sees") {
    Desk desk;
    const Subject mine = Desk::subject("alice"), other = Desk::subject("bob", kAccountB);
    const Done closed = desk.act({.kind = ActionKind::close}, {mine, other});
    CHECK(must(desk.triage.undo(closed.action, "aki", AccountScope::of({kAccountA}))) == 1);
    CHECK(desk.decided(other).status == Status::closed);
}

TEST_CASE("comments and deeds come in the order they were made") {
    Desk desk;
    const Subject alice = Desk::subject("alice");
    desk.act({.kind = ActionKind::comment, .comment = "first"}, {alice});
    desk.act({.kind = ActionKind::comment, .who = "ben", .comment = "<script>"}, {alice});
    const auto comments = must(desk.triage.comments(alice.id));
    REQUIRE(comments.size() == 2);
    CHECK(comments[0].text == "first");
    CHECK(comments[1].who == "ben");
    CHECK(comments[1].text == "<script>");
    CHECK(desk.decided(alice).status == Status::fresh);
    CHECK_FALSE(desk.triage.act({.kind = ActionKind::comment, .who = "aki"}, std::vector{alice}));
}

TEST_CASE("the file is for its owner alone, and one of a newer program is refused") {
    Desk desk;
    struct stat status {};
    const auto file = console_folder(desk.folder.path()) / "console.sqlite";
    REQUIRE(stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    must(desk.notebook->change(
        [](sqlite::Database& database) { return database.execute("PRAGMA user_version=1000"); }));
    desk.notebook.reset();
    const auto again = Notebook::open(desk.folder.path());
    REQUIRE_FALSE(again);
    CHECK(again.error().code() == Code::unsupported);
}

TEST_CASE("looking for a notebook makes none") {
    Folder folder;
    CHECK(must(Notebook::find(folder.path())) == nullptr);
    CHECK_FALSE(std::filesystem::exists(console_folder(folder.path())));
}
