// What rules cost, as it is kept.
#include "desk/cost_book.h"

#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;
using desk::CostBook;

TEST_CASE("what was measured is there after a restart, and adds up") {
    Folder folder;
    {
        CostBook book(folder.path());
        CHECK_FALSE(book.cost("a"));
        book.add({{"a", {1, 100, 5000}}});
        REQUIRE(book.cost("a"));
        CHECK(book.cost("a")->nanoseconds_per_event == 50);
    }
    CostBook book(folder.path());
    REQUIRE(book.cost("a"));
    CHECK(book.cost("a")->events == 100);
    book.add({{"a", {1, 100, 15000}}});
    CHECK(book.cost("a")->nanoseconds_per_event == 100);
    CHECK(book.cost("a")->events == 200);
}

TEST_CASE("few events say nothing") {
    Folder folder;
    CostBook book(folder.path());
    book.add({{"a", {1, CostBook::kFewestEvents - 1, 5000}}});
    CHECK_FALSE(book.cost("a"));
    book.add({{"a", {1, 1, 10}}});
    CHECK(book.cost("a"));
}

TEST_CASE("what was measured long ago fades") {
    Folder folder;
    CostBook book(folder.path());
    book.add({{"a", {1, CostBook::kMostEvents + 1, 1000.0 * (CostBook::kMostEvents + 1)}}});
    CHECK(book.cost("a")->events == CostBook::kMostEvents / 2);
    CHECK(book.cost("a")->nanoseconds_per_event == doctest::Approx(1000));
}

TEST_CASE("two that keep one book do not write over each other") {
    Folder folder;
    CostBook one(folder.path()), other(folder.path());
    one.add({{"a", {1, 100, 1000}}});
    other.add({{"a", {1, 100, 3000}}, {"b", {2, 100, 1000}}});
    REQUIRE(one.save().has_value());
    REQUIRE(other.save().has_value());
    const CostBook both(folder.path());
    CHECK(both.cost("a")->nanoseconds_per_event == 20);
    CHECK(both.cost("b")->events == 100);
}

TEST_CASE("a rule that was changed is measured anew") {
    Folder folder;
    {
        CostBook book(folder.path());
        book.add({{"a", {1, 100, 1000}}});
        REQUIRE(book.save().has_value());
        book.forget("a");
        CHECK_FALSE(book.cost("a"));
    }
    CHECK_FALSE(CostBook(folder.path()).cost("a"));
}

TEST_CASE("a file that is not ours is left out line by line") {
    Folder folder;
    folder.write("rule-costs.tsv",
                 "a\t1\t100\t1000\nb\t1\t100\nc\tx\t100\t1\nd\t1\t-5\t1\ne\t1\t100\t1e9\n"
                 "\t1\t100\t1\nf\t1\t99999999999999999999999\t1\n\xFF\t1\t100\t100\n");
    const CostBook book(folder.path());
    CHECK(book.cost("a"));
    for (const char* id : {"b", "c", "d", "e", "", "f"}) CHECK_FALSE(book.cost(id));
    CHECK(book.cost("\xFF"));
}
