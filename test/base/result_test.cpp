#include "base/result.h"

#include <doctest/doctest.h>

using namespace yagura;

namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return fail(Code::invalid, "odd");
    return number / 2;
}

Result<int> quarter(int number) {
    YAGURA_TRY(const int once, half(number));
    YAGURA_TRY(const int twice, half(once));
    return twice;
}

Result<void> must_be_even(int number) {
    YAGURA_CHECK(half(number));
    return {};
}

}  // namespace

TEST_CASE("a value passes through, an error returns to the caller") {
    CHECK(quarter(12).value() == 3);
    REQUIRE(!quarter(6));
    CHECK(quarter(6).error().code() == Code::invalid);
    CHECK(quarter(6).error().sentence() == "odd");
    CHECK(must_be_even(2));
    CHECK(!must_be_even(3));
}

TEST_CASE("an error tells what we were doing, outermost first") {
    CHECK(Error(Code::io, "no space").during("segment a").during("lake b").sentence() ==
          "lake b: segment a: no space");
}
