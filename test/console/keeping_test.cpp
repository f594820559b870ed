// Aliases, saved views, query history and visits.
#include "fixture.h"

using namespace yagura;
using namespace yagura::console;

namespace {

const Timestamp kNow = from_micros(1'800'000'000'000'000);

struct Kept {
    Folder folder;
    std::unique_ptr<Notebook> notebook = must(Notebook::open(folder.path()));
};

View view_of(std::string owner, bool shared, AccountScope scope) {
    View view;
    view.kind = "discover";
    view.name = "failed logins of " + owner;
    view.state = "?filter=x";
    view.owner = std::move(owner);
    view.shared = shared;
    view.scope = std::move(scope);
    view.updated = kNow;
    return view;
}

}  // namespace

TEST_CASE("an alias is set, changed and taken away") {
    Kept kept;
    Aliases aliases(*kept.notebook);
    must(aliases.put({{kAccountA, "payments", "ours"}, {kAccountB, "lab", ""}}));
    const auto before = must(aliases.all());
    must(aliases.put({{kAccountA, "Payments", ""}, {kAccountB, "", ""}}));
    const auto after = must(aliases.all());
    CHECK(before->size() == 2);
    REQUIRE(after->size() == 1);
    CHECK(after->at(kAccountA).alias == "Payments");
    CHECK_FALSE(aliases.put({{"payments", "x", ""}}));
}

TEST_CASE("a shared view is seen by those who see what its owner saw") {
    Kept kept;
    Views views(*kept.notebook);
    const AccountScope a = AccountScope::of({kAccountA}), b = AccountScope::of({kAccountB});
    const AccountScope both = AccountScope::of({kAccountA, kAccountB});
    must(views.add(view_of("aki", true, AccountScope::all())));
    must(views.add(view_of("ben", true, a)));
    must(views.add(view_of("ben", false, a)));
    CHECK(must(views.visible("ben", a)).size() == 2);
    CHECK(must(views.visible("aki", AccountScope::all())).size() == 2);
    CHECK(must(views.visible("cho", b)).empty());
    CHECK(must(views.visible("dai", both)).size() == 1);
    CHECK(must(views.visible("dai", both))[0].owner == "ben");
}

TEST_CASE("only its owner changes or removes a view") {
    Kept kept;
    Views views(*kept.notebook);
    View view = view_of("aki", true, AccountScope::all());
    view.id = must(views.add(view));
    view.name = "renamed";
    must(views.replace(view));
    CHECK(must(views.visible("aki", AccountScope::all()))[0].name == "renamed");
    view.owner = "ben";
    CHECK_FALSE(views.replace(view));
    CHECK_FALSE(views.remove(view.id, "ben"));
    must(views.remove(view.id, "aki"));
    CHECK(must(views.visible("aki", AccountScope::all())).empty());
}

TEST_CASE("each person has a history of their own, without the same question twice in a row") {
    Kept kept;
    QueryHistory history(*kept.notebook);
    const auto ask = [&](std::string_view who, std::string text) {
        PastQuestion question;
        question.time = kNow;
        question.kind = "query";
        question.text = std::move(text);
        must(history.add(who, question));
    };
    ask("aki", "a");
    ask("aki", "b");
    ask("aki", "b");
    ask("ben", "c");
    CHECK(must(history.of("aki")).size() == 2);
    CHECK(must(history.of("aki"))[0].text == "b");
    CHECK(must(history.of("aki", "discover")).empty());
    for (size_t i = 0; i < QueryHistory::kMaxOfOne; ++i) ask("aki", std::to_string(i));
    CHECK(must(history.of("aki")).size() == QueryHistory::kMaxOfOne);
    CHECK(must(history.of("aki")).back().text == "0");
    CHECK(must(history.of("ben")).size() == 1);
}

TEST_CASE("the last visit ended before a pause, and stays the same during this one") {
    Kept kept;
    Visits visits(*kept.notebook);
    using std::chrono::minutes;
    CHECK_FALSE(must(visits.look("aki", {kNow, 10, 100})));
    CHECK_FALSE(must(visits.look("aki", {kNow + minutes(10), 12, 120})));
    const auto first = must(visits.look("aki", {kNow + minutes(100), 20, 200}));
    REQUIRE(first);
    CHECK(first->time == kNow + minutes(10));
    CHECK(first->last_finding == 12);
    CHECK(first->events == 120);
    const auto again = must(visits.look("aki", {kNow + minutes(101), 25, 250}));
    REQUIRE(again);
    CHECK(again->last_finding == 12);
    CHECK_FALSE(must(visits.look("ben", {kNow, 1, 1})));
}
