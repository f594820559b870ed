#include "base/diagnostic.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

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

namespace {

// By the definition, without a limit.
size_t distance(std::string_view a, std::string_view b, size_t i, size_t j) {
    if (i == 0 || j == 0) return i + j;
    size_t cost = std::min({distance(a, b, i - 1, j) + 1,
                            distance(a, b, i, j - 1) + 1,
                            distance(a, b, i - 1, j - 1) + (a[i - 1] != b[j - 1])});
    if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost = std::min(cost, distance(a, b, i - 2, j - 2) + 1);
    return cost;
}

}  // namespace

TEST_CASE("the nearest of many names is the first of those that the definition puts nearest") {
    std::mt19937 random(7);
    const auto made = [&](size_t size) {
        std::string word;
        for (size_t i = 0; i < size; ++i) word += static_cast<char>('a' + random() % 3);
        return word;
    };
    for (int round = 0; round < 300; ++round) {
        const std::string word = made(1 + random() % 6);
        std::vector<std::string> names;
        for (int i = 0; i < 8; ++i) names.push_back(made(random() % 8));
        std::string_view expected;
        size_t best = std::min(std::max<size_t>(1, word.size() / 3), word.size() - 1) + 1;
        for (const std::string& name : names) {
            const size_t away = distance(word, name, word.size(), name.size());
            if (away < best) expected = name, best = away;
        }
        const std::vector<std::string_view> views(names.begin(), names.end());
        CHECK(nearest_name(word, views) == expected);
    }
}
