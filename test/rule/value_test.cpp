#include "rule/sigma/value.h"

#include <doctest/doctest.h>

using namespace yagura::rule::sigma;

namespace {

// Literals as they are, `*` and `?` for wildcards as ‹*› and ‹?›.
std::string shown(const Pattern& pattern) {
    std::string out;
    const auto parts = pattern.parts();
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += pattern.wildcards[i - 1].wild == Wild::any_run ? "<*>" : "<?>";
        out += parts[i];
    }
    return out;
}

std::string read(std::string_view written) {
    return shown(Pattern::parse(written));
}

}  // namespace

TEST_CASE("the eleven cases of escaping") {
    // Truth: SigmaString of pySigma 0.11 and the specification's section on escaping.
    CHECK(read(R"(\*)") == "*");
    CHECK(read(R"(\?)") == "?");
    CHECK(read(R"(\\*)") == R"(\<*>)");
    CHECK(read(R"(\\\*)") == R"(\*)");
    CHECK(read(R"(a\b)") == R"(a\b)");
    CHECK(read(R"(a\\b)") == R"(a\b)");
    CHECK(read(R"(\\\\)") == R"(\\)");
    CHECK(read(R"(\\\)") == R"(\\)");
    CHECK(read(R"(a\)") == R"(a\)");
    CHECK(read(R"(\\?)") == R"(\<?>)");
    CHECK(read(R"(a*b?c)") == "a<*>b<?>c");
}

TEST_CASE("runs of stars are one star, other wildcards stay apart") {
    CHECK(read("a**b") == "a<*>b");
    CHECK(read("a*?*b") == "a<*><?><*>b");
    CHECK(read("") == "");
}

TEST_CASE("ends are opened once") {
    Pattern pattern = Pattern::parse("*");
    pattern.open_start();
    pattern.open_end();
    CHECK(shown(pattern) == "<*>");
    pattern = Pattern::parse("x*");
    pattern.open_start();
    pattern.open_end();
    CHECK(shown(pattern) == "<*>x<*>");
    pattern = Pattern::parse("?");
    pattern.open_start();
    pattern.open_end();
    CHECK(shown(pattern) == "<*><?><*>");
}

TEST_CASE("joining undoes taking apart") {
    const Pattern pattern = Pattern::parse(R"(*a?b\*\\*)");
    std::vector<std::string> parts;
    for (std::string_view part : pattern.parts()) parts.emplace_back(part);
    CHECK(Pattern::join(parts, pattern.wildcards) == pattern);
}
