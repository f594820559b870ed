// What docs/sigma.md shows as a rule is a rule.
#include "rule/asking.h"
#include "rule/page.h"
#include "rule/sigma/modifiers.h"

using namespace yagura;
using namespace yagura::test;

TEST_CASE("every example of the Sigma page loads") {
    const std::vector<std::string> found = examples(page("sigma.md"), "yaml");
    CHECK(found.size() >= 5);
    for (std::string text : found) {
        if (!text.starts_with("title:")) text = "title: T\nlogsource: {product: aws}\n" + text;
        CAPTURE(text);
        CHECK(errors_of(text).empty());
        CHECK_FALSE(rule::sigma::read_rules(text, "x.yml").rules.empty());
    }
}

TEST_CASE("the Sigma page names every modifier") {
    const std::string text = page("sigma.md");
    for (const auto& modifier : rule::sigma::modifiers()) {
        CAPTURE(modifier.name);
        CHECK(text.find("`" + std::string(modifier.name) + "`") != std::string::npos);
    }
}
