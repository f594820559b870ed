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

TEST_CASE("buckets are kept as S3 and IAM name them") {
    const auto tidied = [](Bucket bucket) { return must(tidy(std::move(bucket))); };
    Bucket bucket = tidied({.name = " s3://org-trail/AWSLogs/o-1 ", .region = "ap-northeast-1"});
    CHECK(bucket.name == "org-trail");
    CHECK(bucket.prefix == "AWSLogs/o-1");
    CHECK(tidied({.name = "org-trail", .prefix = "/AWSLogs/", .region = "us-gov-west-1"}).prefix ==
          "AWSLogs/");
    for (const char* name : {"", "ab", "Org", "a..b", "-ab", "10.0.0.1", "has space", "a_b"})
        CHECK_FALSE(tidy({.name = name, .region = "eu-west-1"}));
    for (const char* region : {"", "tokyo", "eu-west", "EU-WEST-1", "eu-west-1a", "eu--1"})
        CHECK_FALSE(tidy({.name = "org-trail", .region = region}));
    const auto with_role = [](std::string role) {
        return tidy({.name = "org-trail", .region = "eu-west-1", .role_arn = std::move(role)});
    };
    CHECK(with_role("arn:aws:iam::111122223333:role/readers/log-reader"));
    CHECK(with_role("arn:aws-cn:iam::111122223333:role/log-reader"));
    for (const char* role : {"log-reader",
                             "arn:aws:iam::1111:role/x",
                             "arn:aws:iam::111122223333:user/x",
                             "arn:aws:iam::111122223333:role/",
                             "arn:aws:iam::111122223333:role/a b"})
        CHECK_FALSE(with_role(role));

    Kept kept;
    Buckets buckets(*kept.notebook);
    bucket.id = must(buckets.add(bucket));
    CHECK(buckets.add(tidied({.name = "org-trail", .prefix = "AWSLogs/o-1", .region = "eu-west-1"}))
              .error()
              .code() == Code::conflict);
    bucket.region = "eu-west-1";
    must(buckets.replace(bucket));
    REQUIRE(must(buckets.all()).size() == 1);
    CHECK(must(buckets.all())[0].region == "eu-west-1");
    must(buckets.remove(bucket.id));
    CHECK(must(buckets.all()).empty());
    CHECK_FALSE(buckets.remove(bucket.id));
}

TEST_CASE(
    "what an earlier program kept can be looked at, and is brought up to date by who writes") {
    Folder folder;
    static_cast<void>(must(Notebook::open(folder.path())));
    {
        auto file = must(sqlite::Database::open(console_folder(folder.path()) / "console.sqlite",
                                                sqlite::Mode::write));
        must(file.execute("DROP TABLE buckets; PRAGMA user_version=1"));
    }
    CHECK(must(Notebook::find(folder.path())));
    auto notebook = must(Notebook::open(folder.path()));
    CHECK(must(Buckets(*notebook).all()).empty());
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
