#include "rule/loader.h"

#include "rule/asking.h"
#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> titles(const rule::RuleSet& set) {
    std::vector<std::string> out;
    for (const match::Rule& rule : set.rules) out.push_back(rule.info.title);
    return out;
}

}  // namespace

TEST_CASE("folders are read in order of path, whatever else lies there") {
    const Folder folder;
    folder.write("b/2.yml", rule_text("2", "two"));
    folder.write("a/1.yaml", rule_text("1", "one"));
    folder.write("a/1.test.yml", "not a rule");
    folder.write("a/.hidden.yml", "not a rule");
    folder.write(".git/3.yml", "not a rule");
    folder.write("README.md", "not a rule");
    const rule::RuleSet set = load({.added = {folder.path()}});
    CHECK(titles(set) == std::vector<std::string>{"T one", "T two"});
    CHECK(set.files == 2);
    CHECK(set.loaded == 2);
    CHECK(set.quarantined.empty());
    CHECK_FALSE(set.rules[0].info.bundled);
}

TEST_CASE(
    "a folder comes before one whose name goes on, and a file is read once by whatever name") {
    const Folder folder;
    folder.write("a-b/2.yml", rule_text("2", "two"));
    const fs::path first = folder.write("a/1.yml", rule_text("1", "one"));
    fs::create_symlink(first, folder.path() / "c.yml");
    const rule::RuleSet set = load({.added = {folder.path(), folder.path() / "a"}});
    CHECK(titles(set) == std::vector<std::string>{"T one", "T two"});
    CHECK(set.files == 2);
    CHECK(set.warnings.empty());
}

TEST_CASE("a link to a folder above does not send the reader in circles") {
    const Folder folder;
    folder.write("a/1.yml", rule_text("1", "one"));
    fs::create_directory_symlink(folder.path(), folder.path() / "a/up");
    CHECK(load({.added = {folder.path()}}).loaded == 1);
}

TEST_CASE("a bad rule is set aside with its place and reason while the rest load") {
    const Folder folder;
    folder.write("1.yml", rule_text("1", "one"));
    const fs::path bad = folder.write(
        "2.yml", "title: x\nlogsource: {product: aws}\ndetection: {s: {a|foo: b}, condition: s}\n");
    const fs::path worse = folder.write("3.yml", "{[");
    const rule::RuleSet set = load({.added = {folder.path()}});
    CHECK(set.loaded == 1);
    CHECK(set.quarantined_count == 2);
    REQUIRE(set.quarantined.size() == 2);
    CHECK(to_string(set.quarantined[0]) == bad.string() + ":3:19: error: unknown modifier 'foo'");
    CHECK(set.quarantined[1].file == worse.string());
}

TEST_CASE("an empty list is a Falco file of which nothing is left") {
    const Folder folder;
    folder.write("1.yml", rule_text("1", "one"));
    folder.write("2.yaml", "# nothing yet\n---\n[ ]  # soon\n");
    folder.write("3.yaml", "[]");
    const fs::path other = folder.write("4.yaml", "[a]\n");
    const rule::RuleSet set = load({.added = {folder.path()}});
    CHECK(set.loaded == 1);
    CHECK(set.quarantined_count == 1);
    REQUIRE(set.quarantined.size() == 1);
    CHECK(set.quarantined[0].file == other.string());
}

TEST_CASE("an added rule replaces the bundled one of the same id") {
    const Folder ours, theirs;
    ours.write("1.yml", rule_text("1", "one"));
    ours.write("2.yml", rule_text("2", "two"));
    theirs.write("x.yml", rule_text("1", "better"));
    const rule::RuleSet set = load({.bundled = {ours.path()}, .added = {theirs.path()}});
    CHECK(titles(set) == std::vector<std::string>{"T two", "T better"});
    CHECK(set.rules[0].info.bundled);
    CHECK(set.replaced == 1);
    CHECK(set.loaded == 2);
}

TEST_CASE(
    "of two different rules with one id the later is refused, naming both; the same rule twice is "
    "one") {
    const Folder folder;
    const fs::path first = folder.write("1.yml", rule_text("1", "one"));
    const fs::path second = folder.write("2.yml", rule_text("1", "two"));
    folder.write("3.yml", "# again\n" + rule_text("1", "one"));
    const rule::RuleSet set = load({.added = {folder.path()}});
    CHECK(set.loaded == 1);
    REQUIRE(set.quarantined.size() == 1);
    CHECK(to_string(set.quarantined[0]) == second.string() +
                                               ":1:1: error: id 1 is already taken by " +
                                               first.string() + ":1 [duplicate-id]");
    CHECK(set.repeated == 1);
}

TEST_CASE("a path named twice is read once, a missing one is an error") {
    const Folder folder;
    const fs::path file = folder.write("1.yml", rule_text("1", "one"));
    const rule::RuleSet set = load({.added = {folder.path(), file, folder.path() / "."}});
    CHECK(set.files == 1);
    CHECK(set.repeated == 0);
    CHECK_FALSE(rule::load_rules({.added = {folder.path() / "nowhere"}}).has_value());
    CHECK(load({.bundled = {folder.path() / "nowhere"}}).rules.empty());
}

TEST_CASE("the result does not depend on the number of threads") {
    const Folder folder;
    for (int i = 0; i < 100; ++i)
        folder.write(fmt::format("{:03}.yml", i),
                     rule_text(std::to_string(i % 90), "e" + std::to_string(i % 90)));
    const auto one = titles(load({.added = {folder.path()}, .threads = 1}));
    CHECK(one.size() == 90);
    CHECK(titles(load({.added = {folder.path()}, .threads = 4})) == one);
}

TEST_CASE("rules are chosen by the log source of a log type") {
    const Folder folder;
    folder.write(
        "1.yml",
        "title: any\nid: 1\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n");
    folder.write("2.yml",
                 "title: trail\nid: 2\nlogsource: {product: aws, service: cloudtrail}\ndetection: "
                 "{s: {a: b}, condition: s}\n");
    folder.write("3.yml",
                 "title: other\nid: 3\nlogsource: {product: windows}\ndetection: {s: {a: b}, "
                 "condition: s}\n");
    const rule::RuleSet set = load({.added = {folder.path()}});
    CHECK(set.select_for(*logtype::find("cloudtrail")).size() == 2);
    CHECK(set.select_for(*logtype::find("guardduty")).size() == 1);
}
