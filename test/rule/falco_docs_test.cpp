// What docs/falco.md shows is true: its rules load, and match the events shown beside them.
#include <cstdlib>
#include <filesystem>

#include "rule/falco/fields.h"
#include "rule/falco/parser.h"
#include "rule/falco_asking.h"
#include "rule/loader.h"
#include "rule/page.h"

using namespace yagura;
using namespace yagura::test;

TEST_CASE("every rule of the Falco page matches the event shown after it") {
    const std::string text = page("falco.md");
    const auto rules = examples(text, "yaml");
    const auto events = examples(text, "json");
    REQUIRE(rules.size() >= 4);
    REQUIRE(rules.size() == events.size());
    for (size_t i = 0; i < rules.size(); ++i) {
        CAPTURE(rules[i]);
        FalcoBench bench(falco_rules({rules[i]}));
        CHECK(bench.rules().size() >= 1);
        CHECK(bench.ask(events[i]).size() == bench.rules().size());
    }
}

TEST_CASE("the Falco page names every operator and transformer") {
    const std::string text = page("falco.md");
    for (const auto& row : rule::falco::operators()) {
        CAPTURE(row.name);
        CHECK(text.find("`" + std::string(row.name) + "`") != std::string::npos);
    }
    for (const auto& row : rule::falco::transformers()) {
        CAPTURE(row.name);
        CHECK(text.find("`" + std::string(row.name) + "()`") != std::string::npos);
    }
}

TEST_CASE("every public Falco file reads without an error") {
    const char* shared = std::getenv("YAGURA_SHARED");
    const std::filesystem::path root = std::filesystem::path(
        shared ? std::string(shared) : std::string(YAGURA_SOURCE_DIR) + "/../shared");
    if (!std::filesystem::exists(root / "data/rules/falco")) {
        MESSAGE("public rules are not at hand: skipped");
        return;
    }
    const auto set = rule::load_rules({.bundled = {}, .added = {root / "data/rules/falco"}});
    REQUIRE(set.has_value());
    for (const Diagnostic& problem : set->quarantined) FAIL_CHECK(to_string(problem));
    CHECK(set->loaded > 0);
    MESSAGE(set->files, " files, ", set->loaded, " rules in use, ", set->skipped.size(), " listed");
}
