// Rules in use while their files change.
#include "rule/live.h"

#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;

namespace {

std::string correlation_text(std::string_view rule) {
    return fmt::format(
        "title: Many\nid: many\ncorrelation:\n    type: event_count\n    rules: {}\n    timespan: "
        "5m\n    condition: {{gte: 3}}\n",
        rule);
}

std::vector<std::string> titles(const rule::RuleSet& set) {
    std::vector<std::string> out;
    for (const match::Rule& rule : set.rules) out.push_back(rule.info.title);
    for (const match::Correlation& rule : set.correlations) out.push_back(rule.info.title);
    return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("an edited, an added and a removed file change the rules; those in use stay") {
    const Folder folder;
    folder.write("1.yml", rule_text("1", "one"));
    folder.write("2.yml", rule_text("2", "two"));
    auto live = rule::LiveRules::load({.added = {folder.path()}}).value();
    const auto before = live.current();
    folder.write("1.yml", rule_text("1", "uno"));
    folder.write("3.yml", rule_text("3", "three"));
    fs::remove(folder.path() / "2.yml");
    const rule::Reload reload = live.reload().value();
    CHECK(titles(*reload.rules) == Texts{"T uno", "T three"});
    CHECK(reload.added == 1);
    CHECK(reload.removed == 1);
    CHECK(reload.kept.empty());
    CHECK(titles(*before) == Texts{"T one", "T two"});
    CHECK(live.current() == reload.rules);
}

TEST_CASE("a file that has got a mistake keeps its rules until it is mended") {
    const Folder folder;
    folder.write("1.yml", rule_text("1", "one"));
    const std::string second = folder.write("2.yml", rule_text("2", "two")).string();
    auto live = rule::LiveRules::load({.added = {folder.path()}}).value();
    folder.write("1.yml", rule_text("1", "uno"));
    folder.write("2.yml", "title: [");
    for (int round = 0; round < 2; ++round) {  // still remembered the second time
        const rule::Reload reload = live.reload().value();
        CHECK(titles(*reload.rules) == Texts{"T uno", "T two"});
        CHECK(reload.kept == Texts{second});
        REQUIRE(reload.mistakes.size() == 1);
        CHECK(reload.mistakes[0].file == second);
        CHECK(reload.mistakes[0].line > 0);
    }
    folder.write("2.yml", rule_text("2", "dos"));
    const rule::Reload mended = live.reload().value();
    CHECK(titles(*mended.rules) == Texts{"T uno", "T dos"});
    CHECK(mended.mistakes.empty());
}

TEST_CASE("a correlation that no longer finds its rule keeps the one it had") {
    const Folder folder;
    folder.write("1.yml", rule_text("1", "one"));
    folder.write("many.yml", correlation_text("'1'"));
    auto live = rule::LiveRules::load({.added = {folder.path()}}).value();
    REQUIRE(titles(*live.current()) == Texts{"T one", "Many"});
    folder.write("many.yml", correlation_text("nobody"));
    const rule::Reload reload = live.reload().value();
    CHECK(titles(*reload.rules) == Texts{"T one", "Many"});
    CHECK(reload.kept.size() == 1);
}

TEST_CASE("a folder that is gone leaves the rules in use") {
    auto folder = std::make_unique<Folder>();
    folder->write("1.yml", rule_text("1", "one"));
    auto live = rule::LiveRules::load({.added = {folder->path()}}).value();
    folder.reset();
    CHECK_FALSE(live.reload().has_value());
    CHECK(titles(*live.current()) == Texts{"T one"});
}
