// Lists that a deployment supplies, and the values `expand` makes of them.
#include "rule/lists.h"

#include "rule/asking.h"
#include "rule/folder.h"

using namespace yagura;
using namespace yagura::test;
using rule::Lists;
using Lines = std::vector<std::string>;

namespace {

Lists read(std::string_view text, Lines expected_problems = {}) {
    Lists lists;
    std::vector<Diagnostic> problems;
    lists.read(text, "l.yml", problems);
    CHECK(lines_of(problems) == expected_problems);
    return lists;
}

Lines problems_of(std::string_view text) {
    Lists lists;
    std::vector<Diagnostic> problems;
    lists.read(text, "l.yml", problems);
    CHECK(lists.size() == 0);
    return lines_of(problems);
}

constexpr std::string_view kLists =
    "admins: [alice, 'svc-*']\n"
    "ports: [22, 3389]\n"
    "nets:\n    owner: network team\n    comment: from the office\n    values: [10.0.0.0/8, "
    "192.0.2.7]\n"
    "regions: [us, eu]\n";

// Whether a rule with the selection matches, given the lists above.
bool matches_with_lists(std::string_view items, std::string_view record) {
    const Lists lists = read(kLists);
    const auto reading =
        rule::sigma::read_rules(rule_with(selection(items)), "x.yml", {.lists = &lists});
    CHECK(lines_of(reading.diagnostics) == Lines{});
    REQUIRE(reading.rules.size() == 1);
    return matches_rules({&reading.rules[0]}, record);
}

Lines errors_with_lists(std::string_view items) {
    const Lists lists = read(kLists);
    return lines_of(rule::sigma::read_rules(rule_with(selection(items)), "x.yml", {.lists = &lists})
                        .diagnostics);
}

}  // namespace

TEST_CASE("a list holds texts, numbers and blocks, plainly or with an owner") {
    const Lists lists = read(kLists);
    CHECK(lists.names() == std::vector<std::string_view>{"admins", "ports", "nets", "regions"});
    const rule::List* nets = lists.find("nets");
    REQUIRE(nets);
    CHECK(nets->owner == "network team");
    CHECK(nets->comment == "from the office");
    CHECK(nets->file == "l.yml");
    CHECK(nets->at.line == 3);
    REQUIRE(nets->values.size() == 2);
    REQUIRE(nets->values[0].block);
    CHECK(nets->values[0].block->prefix == 8);
    CHECK(nets->values[1].block->prefix == 32);
    CHECK_FALSE(lists.find("admins")->values[0].block);
    CHECK(lists.find("ports")->values[1].is_number);
    CHECK(lists.find("ports")->values[1].number == 3389);
    CHECK(lists.find("Ports") == nullptr);
}

TEST_CASE("lists come from files and folders; a name belongs to the first that has it") {
    const Folder folder;
    folder.write("a/1.yml", "one: [x]\n");
    folder.write("a/2.yaml", "two: [y]\n---\nthree: [z]\n");
    const auto file = folder.write("b.yml", "one: [w]\nfour: [v]\n");
    std::vector<Diagnostic> problems;
    const auto lists = rule::load_lists({folder.path() / "a", file}, problems);
    REQUIRE(lists.has_value());
    CHECK(lists->names() == std::vector<std::string_view>{"one", "two", "three", "four"});
    CHECK(lists->find("one")->values[0].text == "x");
    CHECK(lines_of(problems) == Lines{"b.yml:1:1: the list 'one' is in " +
                                      (folder.path() / "a/1.yml").string() + ":1 already"});
    CHECK_FALSE(rule::load_lists({folder.path() / "nowhere"}, problems).has_value());
}

TEST_CASE("a slip in a list is named with its place, and the others load") {
    CHECK(read("good: [a]\nbad: []\n", {"l.yml:2:6: the list 'bad' holds nothing"}).size() == 1);
    CHECK(problems_of("- a\n") ==
          Lines{"l.yml:1:1: a file of lists is a map of names, not a list"});
    CHECK(problems_of("a: text\n") == Lines{"l.yml:1:4: a list of values is expected, not text"});
    CHECK(problems_of("a: {vales: [x]}\n") ==
          Lines{"l.yml:1:5: unknown key 'vales' (did you mean 'values'?)",
                "l.yml:1:4: 'values' is missing"});
    CHECK(problems_of("a: [[x]]\n") ==
          Lines{"l.yml:1:5: a list holds texts and numbers, not a list"});
    CHECK(problems_of("a: [2026-01-01, no, ~, '', .nan]\n").size() == 5);
    CHECK(problems_of("a%b: [x]\n") == Lines{"l.yml:1:1: 'a%b' cannot be the name of a list"});
    CHECK(problems_of("a: [x\n").size() == 1);
}

TEST_CASE("a placeholder is any value of its list, wildcards working as in a rule") {
    const auto by = [](std::string_view name) {
        return matches_with_lists("userIdentity.userName|expand: '%admins%'",
                                  fmt::format(R"({{"userIdentity":{{"userName":"{}"}}}})", name));
    };
    CHECK(by("Alice"));
    CHECK(by("svc-deploy"));
    CHECK_FALSE(by("alice2"));
    CHECK_FALSE(by("%admins%"));
}

TEST_CASE("numbers of a list are numbers, also for comparisons") {
    CHECK(matches_with_lists("port|expand: '%ports%'", R"({"port":22})"));
    CHECK(matches_with_lists("port|expand: '%ports%'", R"({"port":"3389.0"})"));
    CHECK(matches_with_lists("port|expand|gt: '%ports%'", R"({"port":23})"));
    CHECK_FALSE(matches_with_lists("port|expand|gt: '%ports%'", R"({"port":22})"));
}

TEST_CASE("placeholders stand inside text, several of them, and percent signs are escaped") {
    const std::string_view item = "awsRegion|expand: '%regions%-*-%ports%\\%'";
    CHECK(matches_with_lists(item, R"({"awsRegion":"eu-west-22%"})"));
    CHECK(matches_with_lists(item, R"({"awsRegion":"us-gov-east-3389%"})"));
    CHECK_FALSE(matches_with_lists(item, R"({"awsRegion":"ap-west-22%"})"));
    CHECK_FALSE(matches_with_lists(item, R"({"awsRegion":"eu-west-22"})"));
    CHECK(matches_with_lists("x|expand: '%%, 100'", R"({"x":"%%, 100"})"));
}

TEST_CASE("other modifiers apply to what the list gives, blocks included") {
    CHECK(matches_with_lists("sourceIPAddress|expand|cidr: '%nets%'",
                             R"({"sourceIPAddress":"10.2.3.4"})"));
    CHECK(matches_with_lists("sourceIPAddress|expand|cidr: '%nets%'",
                             R"({"sourceIPAddress":"192.0.2.7"})"));
    CHECK_FALSE(matches_with_lists("sourceIPAddress|expand|cidr: '%nets%'",
                                   R"({"sourceIPAddress":"192.0.2.8"})"));
    CHECK(matches_with_lists("arn|contains|expand: ':%admins%'", R"({"arn":"user:alice/x"})"));
    CHECK(matches_with_lists("arn|expand|contains: ':%admins%'", R"({"arn":"user:svc-x/y"})"));
    CHECK(errors_with_lists("sourceIPAddress|expand|cidr: '%admins%'").size() == 2);
    CHECK(errors_with_lists("sourceIPAddress|contains|cidr: '%nets%'") ==
          Lines{"x.yml:8:34: modifier 'cidr' must come first"});
}

TEST_CASE("under all, one value of the list is enough for its placeholder") {
    const std::string_view item = "arn|expand|contains|all: ['%regions%', '%admins%']";
    CHECK(matches_with_lists(item, R"({"arn":"eu/alice"})"));
    CHECK_FALSE(matches_with_lists(item, R"({"arn":"eu/us"})"));
}

TEST_CASE("a rule whose list is missing is refused with the list to supply") {
    CHECK(errors_with_lists("a|expand: '%admin%'") ==
          Lines{"x.yml:8:19: placeholder %admin% has no values: there is no list 'admin' (did you "
                "mean 'admins'?)"});
    CHECK(detection_errors(selection("a|expand: '%crown_jewels%'")) ==
          Lines{"8:19: placeholder %crown_jewels% has no values: there is no list 'crown_jewels' "
                "(give the list with --lists)"});
}

TEST_CASE("the loader takes lists for rules and filters, and tells of bad ones") {
    const Folder folder;
    const auto lists = folder.write("lists/l.yml", "people: [bob]\nnone: []\n");
    folder.write("rules/1.yml", rule_with(selection("userName|expand: '%people%'")));
    folder.write("rules/2.yml",
                 "title: F\nlogsource: {product: aws}\nfilter: {rules: any, s: {x|expand: "
                 "'%people%'}, condition: not s}\n");
    const auto set = load({.added = {folder.path() / "rules"}, .lists = {lists.parent_path()}});
    CHECK(lines_of(set.quarantined) == Lines{"l.yml:2:7: the list 'none' holds nothing"});
    CHECK(set.quarantined_count == 0);
    REQUIRE(set.rules.size() == 1);
    REQUIRE(set.rules[0].predicates.size() == 2);
    CHECK(set.rules[0].predicates[0].operands[0].text == "bob");
    CHECK(set.rules[0].predicates[1].operands[0].text == "bob");
    CHECK(load({.added = {folder.path() / "rules"}}).quarantined_count == 2);
}

TEST_CASE("lists that multiply beyond all bounds refuse the rule") {
    std::string text = "a: [";
    for (int i = 0; i < 1000; ++i) text += fmt::format("{}v{}", i ? "," : "", i);
    const Lists lists = read(text + "]\n");
    const auto reading = rule::sigma::read_rules(
        rule_with(selection("x|expand: '%a%-%a%'")), "x.yml", {.lists = &lists});
    CHECK(lines_of(reading.diagnostics) ==
          Lines{"x.yml:8:19: the rule grows too large when expanded"});
}
