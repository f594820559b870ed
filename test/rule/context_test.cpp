// Context files: exceptions, severity, throttles, and every way to write them wrongly.
#include "rule/context.h"

#include "rule/folder.h"
#include "rule/page.h"

using namespace yagura;
using namespace yagura::test;

namespace {

struct Told {
    rule::Context context;
    std::vector<std::string> mistakes;  // "line:column message"
};

Told read(std::string_view text, const rule::Lists& lists = {}) {
    Told told;
    rule::Problems problems("context.yml");
    rule::read_context(text, lists, told.context, problems);
    for (const Diagnostic& mistake : problems.take())
        told.mistakes.push_back(
            fmt::format("{}:{} {}", mistake.line, mistake.column, mistake.message));
    return told;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("an exception says who, why, what and until when") {
    const Told told = read(R"(
exceptions:
  - id: nightly-backup
    owner: platform@example.com
    reason: The backup job shares its snapshots.
    rules: [EBS snapshot was shared *, 11111111-2222-4333-8444-555555555555]
    tags: attack.t1537
    when:
      principal|endswith: backup-role
      source_ip|cidr: 10.0.0.0/8
    from: 2026-01-01
    to: '2027-01-01T06:00:00Z'
    expires: 2027-03-31
  - {id: trial, owner: me, reason: To see., mode: count}
)");
    CHECK(told.mistakes == Texts{});
    REQUIRE(told.context.policy.exceptions.size() == 2);
    const match::Exception& backup = told.context.policy.exceptions[0];
    CHECK(backup.owner == "platform@example.com");
    CHECK(backup.line == 3);
    CHECK(backup.scope.predicates.size() == 2);
    CHECK(backup.during.from == parse_iso8601("2026-01-01T00:00:00Z"));
    CHECK(backup.during.to == parse_iso8601("2027-01-01T06:00:00Z"));
    CHECK(backup.expires == parse_iso8601("2027-03-31T00:00:00Z"));
    CHECK_FALSE(backup.only_counts);
    match::RuleInfo rule;
    rule.title = "EBS Snapshot was shared with everyone";
    CHECK(backup.choice.covers(rule));
    rule.title = "Another";
    CHECK_FALSE(backup.choice.covers(rule));
    CHECK(told.context.policy.exceptions[1].only_counts);
}

TEST_CASE("severity takes a level or a change, throttles a key and a period") {
    const Told told = read(R"(
severity:
  - {when: {account: '111122223333'}, change: +1}
  - {rules: AssumeRole was refused, when: {'error_code|exists': true}, level: low}
throttle:
  - {rules: AssumeRole was refused, key: [principal, source_ip], period: 1h}
)");
    CHECK(told.mistakes == Texts{});
    const match::Policy& policy = told.context.policy;
    REQUIRE(policy.changes.size() == 2);
    CHECK(policy.changes[0].shift == 1);
    CHECK(policy.changes[1].set == match::Level::low);
    REQUIRE(policy.throttles.size() == 1);
    CHECK(policy.throttles[0].key == Texts{"principal", "source_ip"});
    CHECK(policy.throttles[0].period == 3'600'000'000);
}

TEST_CASE("every mistake is told with its place") {
    const Told told = read(R"(exceptoins: []
exceptions:
  - {id: a, owner: me}
  - {id: a, owner: me, reason: all}
  - {id: b, owner: me, reason: x, rules: r, expires: soon, mode: cuont}
  - {id: c, owner: me, reason: x, when: {'a|foo': 1}}
  - text
severity:
  - {rules: r}
  - {rules: r, level: hgih}
  - {rules: r, change: 9}
throttle:
  - {rules: r, period: 5}
  - {rules: r, period: 5m, key: principle}
)");
    CHECK(told.mistakes.size() == 14);
    for (const char* place :
         {"1:1 ", "3:5 ", "4:5 ", "5:", "6:", "7:5 ", "9:5 ", "10:", "11:", "13:", "14:"}) {
        CAPTURE(place);
        CHECK(std::any_of(told.mistakes.begin(), told.mistakes.end(), [&](const std::string& line) {
            return line.starts_with(place);
        }));
    }
}

TEST_CASE("files of a folder count together; any mistake fails the whole") {
    const Folder folder;
    folder.write("a.yml", "exceptions: [{id: a, owner: me, reason: x, rules: r}]\n");
    folder.write("b.yml", "exceptions: [{id: b, owner: me, reason: x, rules: r}]\n");
    const auto good = rule::load_context({folder.path()});
    REQUIRE(good.has_value());
    CHECK(good->policy.exceptions.size() == 2);
    folder.write("c.yml", "exceptions: [{id: a, owner: me, reason: x, rules: r}]\n");
    const auto bad = rule::load_context({folder.path()});
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().sentence().find("c.yml:1:") != std::string::npos);
    CHECK_FALSE(rule::load_context({folder.path() / "none"}).has_value());
}

TEST_CASE("the examples of the context page are right") {
    const auto found = examples(page("context.md"), "yaml");
    REQUIRE_FALSE(found.empty());
    const Folder folder;
    folder.write("lists.yml", "crown_jewel_accounts: ['1']\ntrusted_networks: [10.0.0.0/8]\n");
    std::vector<Diagnostic> problems;
    const rule::Lists lists = rule::load_lists({folder.path()}, problems).value();
    for (const std::string& text : found) {
        const Told told = read(text, lists);
        CHECK(told.mistakes == Texts{});
        CHECK_FALSE(told.context.policy.is_empty());
    }
}
