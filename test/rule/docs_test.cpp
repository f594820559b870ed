// What docs/sigma.md shows as a rule is a rule.
#include <fstream>
#include <iterator>

#include "rule/asking.h"
#include "rule/sigma/modifiers.h"

using namespace yagura;
using namespace yagura::test;

namespace {

std::string page() {
    std::ifstream stream(std::string(YAGURA_SOURCE_DIR) + "/docs/sigma.md");
    return {std::istreambuf_iterator<char>(stream), {}};
}

// The fenced blocks of one language.
std::vector<std::string> examples(std::string_view text, std::string_view language) {
    std::vector<std::string> out;
    const std::string fence = "\n```" + std::string(language) + "\n";
    for (size_t at = text.find(fence); at != std::string_view::npos; at = text.find(fence, at)) {
        at += fence.size();
        out.emplace_back(text.substr(at, text.find("\n```", at) + 1 - at));
    }
    return out;
}

}  // namespace

TEST_CASE("every example of the Sigma page loads") {
    const std::vector<std::string> found = examples(page(), "yaml");
    CHECK(found.size() >= 5);
    for (std::string text : found) {
        if (!text.starts_with("title:")) text = "title: T\nlogsource: {product: aws}\n" + text;
        CAPTURE(text);
        CHECK(errors_of(text).empty());
        CHECK_FALSE(rule::sigma::read_rules(text, "x.yml").rules.empty());
    }
}

TEST_CASE("the Sigma page names every modifier") {
    const std::string text = page();
    for (const auto& modifier : rule::sigma::modifiers()) {
        CAPTURE(modifier.name);
        CHECK(text.find("`" + std::string(modifier.name) + "`") != std::string::npos);
    }
}
