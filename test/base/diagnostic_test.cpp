#include "base/diagnostic.h"

#include <array>

#include <doctest/doctest.h>

#include "base/language.h"

using namespace yagura;

namespace {

constexpr std::array<std::string_view, 6> kModifiers = {
    "all", "base64", "cased", "contains", "endswith", "startswith"};

}  // namespace

TEST_CASE("a diagnostic reads like a compiler's") {
    const Diagnostic diagnostic{"rules/x.yml",
                                14,
                                9,
                                Grade::error,
                                "unknown modifier 'containz'",
                                "did you mean 'contains'?"};
    CHECK(to_string(diagnostic) ==
          "rules/x.yml:14:9: error: unknown modifier 'containz' (did you mean 'contains'?)");
}

TEST_CASE("a diagnostic of a whole file has no position, and shows no control characters") {
    const Diagnostic diagnostic{"a\x1b.yml", 0, 0, Grade::warning, "empty", ""};
    CHECK(to_string(diagnostic) == "a\\x1b.yml: warning: empty");
}

TEST_CASE("the nearest name is found through a typing slip") {
    CHECK(nearest_name("containz", kModifiers) == "contains");
    CHECK(nearest_name("CONTAINS", kModifiers) == "contains");
    CHECK(nearest_name("conatins", kModifiers) == "contains");  // two letters swapped
    CHECK(nearest_name("endwith", kModifiers) == "endswith");
    CHECK(nearest_name("startwith", kModifiers) == "startswith");
}

TEST_CASE("nothing is suggested when nothing is near") {
    CHECK(nearest_name("windash", kModifiers).empty());
    CHECK(nearest_name("", kModifiers).empty());
    CHECK(suggest("windash", kModifiers).empty());
    CHECK(nearest_name("all", {}).empty());
}

TEST_CASE("suggestions come in the reader's language") {
    CHECK(suggest("al", kModifiers) == "did you mean 'all'?");
    set_language(Language::japanese);
    CHECK(suggest("al", kModifiers) == "'all' ではありませんか？");
    set_language(Language::english);
}
