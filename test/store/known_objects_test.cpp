#include "store/known_objects.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::store;

namespace {

// A ledger of objects "0", "1", …, and how often it was read whole.
struct Ledger {
    explicit Ledger(size_t size) : objects(size) {}
    size_t objects;
    int read = 0;

    KnownObjects known() {
        return KnownObjects(objects, [this](const KnownObjects::Visit& visit) -> Result<void> {
            ++read;
            for (size_t i = 0; i < objects; ++i)
                visit(std::to_string(i), sha256(std::to_string(i)));
            return {};
        });
    }
};

bool must(Result<bool> answer) {
    REQUIRE(answer.has_value());
    return *answer;
}

}  // namespace

TEST_CASE("what the ledger has, or was added, may be known; all else is not") {
    Ledger ledger(5);
    KnownObjects known = ledger.known();
    CHECK(must(known.may_have_path("x")));  // not read yet: ask
    CHECK(ledger.read == 0);
    CHECK_FALSE(must(known.may_have_path("x")));
    for (const std::string name : {"0", "4"}) {
        CHECK(must(known.may_have_path(name)));
        CHECK(must(known.may_have_content(sha256(name))));
    }
    CHECK_FALSE(must(known.may_have_path("5")));
    CHECK_FALSE(must(known.may_have_content(sha256("5"))));
    known.add("5", sha256("later"));
    CHECK(must(known.may_have_path("5")));
    CHECK(must(known.may_have_content(sha256("later"))));
    CHECK(ledger.read == 1);
}

TEST_CASE("a few objects into a large ledger do not read it") {
    Ledger ledger(10'000);
    KnownObjects known = ledger.known();
    for (int i = 0; i < 100; ++i) CHECK(must(known.may_have_path("new")));
    CHECK(ledger.read == 0);
    for (int i = 0; i < 1000; ++i) (void)must(known.may_have_path("new"));
    CHECK(ledger.read == 1);
    CHECK_FALSE(must(known.may_have_path("new")));
}

TEST_CASE("what was added before the ledger was read is not forgotten") {
    Ledger ledger(1000);
    KnownObjects known = ledger.known();
    (void)must(known.may_have_path("x"));
    ledger.objects = 1001;  // a commit brings the row and the word of it
    known.add("1000", sha256("1000"));
    for (int i = 0; i < 1000; ++i) (void)must(known.may_have_path("x"));
    REQUIRE(ledger.read == 1);
    CHECK(must(known.may_have_path("1000")));
}
