// What docs/sigma.md shows as a rule is a rule.
#include "rule/asking.h"
#include "rule/folder.h"
#include "rule/lists.h"
#include "rule/page.h"
#include "rule/sigma/modifiers.h"

using namespace yagura;
using namespace yagura::test;

TEST_CASE("every example of the Sigma page loads, with the lists it shows") {
    const std::string text = page("sigma.md");
    rule::Lists lists;
    std::vector<Diagnostic> problems;
    for (const std::string& shown : examples(text, "yml")) lists.read(shown, "l.yml", problems);
    CHECK(problems.empty());
    CHECK(lists.size() == 2);
    const std::vector<std::string> found = examples(text, "yaml");
    CHECK(found.size() >= 10);
    for (std::string example : found) {
        if (!example.starts_with("title:"))
            example = "title: T\nlogsource: {product: aws}\n" + example;
        CAPTURE(example);
        const auto reading = rule::sigma::read_rules(example, "x.yml", {.lists = &lists});
        CHECK(lines_of(reading.diagnostics).empty());
        CHECK_FALSE(reading.rules.empty());
    }
}

TEST_CASE(
    "the correlations, filters and first-seen rules of the Sigma page refer to what is there") {
    const Folder folder;
    const std::string text = page("sigma.md");
    for (const std::string& shown : examples(text, "yml")) folder.write("lists/l.yml", shown);
    size_t files = 0;
    for (const std::string& example : examples(text, "yaml")) {
        if (example.starts_with("title:"))
            folder.write(fmt::format("rules/{}.yml", files++), example);
    }
    const auto set = load({.added = {folder.path() / "rules"}, .lists = {folder.path() / "lists"}});
    CHECK(lines_of(set.quarantined) == std::vector<std::string>{});
    CHECK(set.correlations.size() == 2);
    CHECK(set.first_seen.size() == 1);
    REQUIRE(set.filters.size() == 1);
    CHECK(set.filters[0].rules > 0);
}

TEST_CASE("the Sigma page names every modifier") {
    const std::string text = page("sigma.md");
    for (const auto& modifier : rule::sigma::modifiers()) {
        CAPTURE(modifier.name);
        CHECK(text.find("`" + std::string(modifier.name) + "`") != std::string::npos);
    }
}
