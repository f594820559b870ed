// Falco rules in a scan: all that match or only the first, and the lines they print.
#include <filesystem>

#include <doctest/doctest.h>

#include "pipeline/scan.h"
#include "rule/loader.h"
#include "support/folder.h"

using namespace yagura;

namespace {

using test::Folder;

std::string rule_text(const std::string& name, const std::string& condition) {
    return "- rule: " + name + "\n  desc: d\n  condition: " + condition + "\n  output: " + name +
           " %ct.name by %ct.user\n  priority: WARNING\n" + "  source: aws_cloudtrail\n";
}

constexpr const char* kLog =
    R"({"Records":[{"eventTime":"2026-03-02T09:15:02Z","eventID":"e-2","eventName":"DeleteUser","eventSource":"iam.amazonaws.com"},{"eventTime":"2026-03-02T09:15:01Z","eventID":"e-1","eventName":"CreateUser","eventSource":"iam.amazonaws.com","userIdentity":{"type":"IAMUser","userName":"a\"b"}}]})";

std::vector<std::string> printed(bool first_wins, match::Level from, uint64_t& matches) {
    const Folder folder;
    folder.write("log.json", kLog);
    folder.write("rules/b.yaml", rule_text("Second", "ct.name endswith User"));
    folder.write("rules/a.yaml",
                 rule_text("Late", "ct.name = CreateUser") + rule_text("Later", "ct.id exists"));
    const auto set = rule::load_rules({.added = {folder / "rules"}});
    REQUIRE(set);
    REQUIRE(set->rules.size() == 3);
    pipeline::ScanOptions options;
    options.paths = {folder / "log.json"};
    options.print = true;
    options.falco_first_wins = first_wins;
    options.keep_from = from;
    const auto result = pipeline::scan(set->rules, options);
    REQUIRE(result);
    matches = result->hits.matches();
    std::vector<std::string> out;
    for (const finding::Printed& line : result->printed) out.push_back(line.text + line.fields);
    return out;
}

}  // namespace

TEST_CASE("every Falco rule that matches prints its line, by time") {
    uint64_t matches = 0;
    CHECK(printed(false, match::Level::informational, matches) ==
          std::vector<std::string>{
              R"(Late CreateUser by a"b{"ct.name":"CreateUser","ct.user":"a\"b"})",
              R"(Later CreateUser by a"b{"ct.name":"CreateUser","ct.user":"a\"b"})",
              R"(Second CreateUser by a"b{"ct.name":"CreateUser","ct.user":"a\"b"})",
              R"(Later DeleteUser by <NA>{"ct.name":"DeleteUser","ct.user":null})",
              R"(Second DeleteUser by <NA>{"ct.name":"DeleteUser","ct.user":null})"});
    CHECK(matches == 5);
}

TEST_CASE("where the first wins, only the first in the order of the files reports") {
    uint64_t matches = 0;
    CHECK(printed(true, match::Level::informational, matches) ==
          std::vector<std::string>{
              R"(Late CreateUser by a"b{"ct.name":"CreateUser","ct.user":"a\"b"})",
              R"(Later DeleteUser by <NA>{"ct.name":"DeleteUser","ct.user":null})"});
    CHECK(matches == 2);
}

TEST_CASE("rules below the wanted level print nothing") {
    uint64_t matches = 0;
    CHECK(printed(false, match::Level::high, matches).empty());
    CHECK(matches == 5);
}
