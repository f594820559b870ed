#include "base/account_scope.h"

#include <doctest/doctest.h>

namespace yagura {
namespace {

const AccountScope kAll = AccountScope::all();
const AccountScope kNone = AccountScope::of({});
const AccountScope kTwo = AccountScope::of({"222222222222", "111111111111", "222222222222", ""});

}  // namespace

TEST_CASE("all accounts include every account and rows without one") {
    CHECK(kAll.is_all());
    CHECK(kAll.contains("111111111111"));
    CHECK(kAll.contains(""));
}

TEST_CASE("a list is sorted, holds each account once and never the absent account") {
    CHECK(!kTwo.is_all());
    CHECK(kTwo.accounts() == std::vector<std::string>{"111111111111", "222222222222"});
    CHECK(kTwo.contains("111111111111"));
    CHECK(!kTwo.contains("11111111111"));
    CHECK(!kTwo.contains(""));
}

TEST_CASE("an empty list and a scope nobody set see nothing") {
    CHECK(AccountScope() == kNone);
    CHECK(!kNone.is_all());
    CHECK(!kNone.contains("111111111111"));
    CHECK(!kNone.contains(""));
}

TEST_CASE("scopes inside scopes") {
    const auto one = AccountScope::of({"111111111111"});
    CHECK(kAll.contains(kTwo));
    CHECK(kAll.contains(kAll));
    CHECK(!kTwo.contains(kAll));
    CHECK(kTwo.contains(one));
    CHECK(!one.contains(kTwo));
    CHECK(one.contains(kNone));
}

TEST_CASE("what two scopes have in common is inside both") {
    const auto other = AccountScope::of({"222222222222", "333333333333"});
    CHECK(kTwo.intersected(other) == AccountScope::of({"222222222222"}));
    CHECK(kTwo.intersected(kAll) == kTwo);
    CHECK(kAll.intersected(kTwo) == kTwo);
    CHECK(kAll.intersected(kAll).is_all());
    CHECK(AccountScope::of({"444444444444"}).intersected(other) == kNone);
}

}  // namespace yagura
