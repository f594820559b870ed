// `yagura rules test --lake`, `convert` and `explain`, run as a person runs them.
#include <algorithm>

#include <doctest/doctest.h>

#include "cli/program.h"

using namespace yagura::cli;

namespace {

constexpr std::string_view kRules = R"(title: A user was made
id: 11111111-0000-4000-8000-000000000001
status: test
level: high
logsource: {product: aws, service: cloudtrail}
detection:
    selection:
        eventName: CreateUser
        requestParameters.userName|startswith: svc-
    condition: selection
---
title: Users were made in a row
id: 11111111-0000-4000-8000-000000000002
status: test
level: critical
correlation:
    type: event_count
    rules: [11111111-0000-4000-8000-000000000001]
    group-by: [recipientAccountId]
    timespan: 10m
    condition: {gte: 3}
    generate: true
---
title: Something about findings
id: 11111111-0000-4000-8000-000000000003
status: test
level: low
logsource: {product: aws, service: guardduty}
detection:
    selection:
        type|contains: Recon
    condition: selection
)";

std::string event(int minute, std::string_view name, std::string_view user) {
    return fmt::format(
        R"({{"eventVersion":"1.08","eventTime":"2024-07-31T12:{:02}:00Z","eventSource":"iam.amazonaws.com","eventName":"{}","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli","eventID":"00000000-0000-4000-8000-0000000000{:02}","eventType":"AwsApiCall","recipientAccountId":"123456789012","userIdentity":{{"type":"IAMUser","userName":"bob","arn":"arn:aws:iam::123456789012:user/bob"}},"requestParameters":{{"userName":"{}"}}}})",
        minute,
        name,
        minute,
        user);
}

void make_lake(const Workshop& shop) {
    std::string records;
    for (int minute = 10; minute < 16; ++minute) {
        if (!records.empty()) records += ',';
        records += event(minute, minute == 15 ? "DeleteUser" : "createuser", "Svc-1");
    }
    shop.write("logs/trail.json", R"({"Records":[)" + records + "]}");
    shop.write("rules/users.yml", kRules);
    REQUIRE(shop.run("ingest logs --lake lake --quiet").exit_code == 0);
}

}  // namespace

TEST_CASE("rules test --lake says what rules would have matched, correlations too") {
    const Workshop shop;
    make_lake(shop);
    const Run table = shop.run("rules test --lake lake rules");
    CAPTURE(table.err);
    CHECK(table.exit_code == 0);
    CHECK(has(table.out,
              "would have matched 5 times: findings 1, first 2024-07-31T12:10:00Z, last "
              "2024-07-31T12:14:00Z"));
    CHECK(has(table.out, "accounts: 123456789012 (5)"));
    CHECK(has(table.out, "principals: bob (5)"));
    CHECK(has(table.out, "addresses: 198.51.100.7 (5)"));
    CHECK(has(table.out, "logs/trail.json #0"));
    CHECK(has(table.out, "the lake has no logs this rule is about"));
    const Run json = shop.run("rules test --lake lake -f json rules");
    CHECK(has(
        json.out,
        R"("rule_id":"11111111-0000-4000-8000-000000000001","title":"A user was made","level":"high","matches":5,"findings":1)"));
    // The same correlation over the files: as often.
    const Run scan = shop.run(
        "scan logs --no-default-rules -r rules -f jsonl -o - --quiet --summary-json summary.json");
    CAPTURE(scan.err);
    const std::string summary = shop.read("summary.json");
    const std::string id = "11111111-0000-4000-8000-000000000002";
    const size_t at = json.out.find(id);
    REQUIRE(at != std::string::npos);
    const size_t matches = json.out.find(R"("matches":)", at) + 10;
    const std::string count = json.out.substr(matches, json.out.find(',', matches) - matches);
    CHECK(count != "0");
    CHECK(has(summary, "\"" + id + "\":" + count));
}

TEST_CASE("rules test --lake asks one rule, by id or title, for a range of time") {
    const Workshop shop;
    make_lake(shop);
    const Run run = shop.run(
        "rules test --lake lake -r rules --from 2024-07-31T12:12:00Z --to 2024-07-31T12:14:00Z "
        "'A user was made'");
    CHECK(run.exit_code == 0);
    CHECK(has(run.out, "would have matched 2 times"));
    const Run unknown = shop.run("rules test --lake lake -r rules 'A user was mad'");
    CHECK(unknown.exit_code == 2);
    CHECK(has(unknown.err, "A user was made"));
    CHECK(shop.run("rules test --lake nowhere rules").exit_code == 2);
    CHECK(shop.run("rules test --since 30d rules").exit_code == 2);
}

TEST_CASE("rules test --lake with a context answers what a scan with it says") {
    const Workshop shop;
    make_lake(shop);
    shop.write("context.yml", R"(exceptions:
  - id: early-users
    owner: platform@example.com
    reason: The first two were made by the pipeline.
    expires: 2099-01-01
    rules: [A user was made]
    when:
        eventTime|minute|lte: 11
  - id: watching
    owner: platform@example.com
    reason: Would this hide much?
    expires: 2099-01-01
    mode: count
    rules: [A user was made]
    when:
        eventTime|minute|gte: 14
severity:
  - reason: The account that matters.
    when: {account: ['123456789012']}
    rules: [A user was made]
    change: +1
throttle:
  - rules: [A user was made]
    key: [principal]
    period: 2m
)");
    const Run table = shop.run("rules test --lake lake --context context.yml rules");
    CAPTURE(table.out);
    CAPTURE(table.err);
    CHECK(table.exit_code == 0);
    CHECK(has(table.out, "would have matched 3 times: findings 1, first 2024-07-31T12:12:00Z"));
    CHECK(has(table.out, "more were held back by exceptions: early-users (2)"));
    CHECK(has(table.out, "levels here: 3 critical"));
    CHECK(has(table.out, "1 of them would only have been counted (throttle)"));
    CHECK(has(table.err, "exception early-users held back: 2 (owner platform@example.com)"));
    CHECK(has(table.err, "exception watching only counted: 1 (owner platform@example.com)"));
    const Run json = shop.run("rules test --lake lake --context context.yml -f json rules");
    CHECK(has(json.out,
              R"("matches":3,"findings":1,"hidden":[{"exception":"early-users","matches":2}],)"
              R"("levels":{"critical":3},"throttled":1)"));
    // The correlation sees what is left, as in a scan.
    CHECK(shop.run("scan logs --no-default-rules -r rules --context context.yml -f jsonl -o "
                   "hits.jsonl --quiet --summary-json summary.json")
              .exit_code == 0);
    const std::string summary = shop.read("summary.json");
    CAPTURE(summary);
    CHECK(has(summary, R"("11111111-0000-4000-8000-000000000001":3)"));
    for (const std::string_view id :
         {"11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"}) {
        const size_t at = json.out.find(id);
        REQUIRE(at != std::string::npos);
        const size_t from = json.out.find(R"("matches":)", at) + 10;
        const std::string count = json.out.substr(from, json.out.find(',', from) - from);
        CHECK(has(summary, "\"" + std::string(id) + "\":" + count));
    }
}

TEST_CASE("a first-seen rule is asked as what it is, not as the rule it looks at") {
    const Workshop shop;
    make_lake(shop);
    shop.write("rules/users.yml", R"(title: A user nobody made before
id: 11111111-0000-4000-8000-000000000004
status: test
level: medium
logsource: {product: aws, service: cloudtrail}
detection:
    selection:
        eventSource: iam.amazonaws.com
    condition: selection
x-yagura:
    first_seen:
        fields: [eventName]
        history: 14d
        learning: 1m
)");
    const Run run = shop.run("rules test --lake lake --no-default-rules rules");
    CAPTURE(run.err);
    CHECK(run.exit_code == 0);
    CHECK(has(run.out, "A user nobody made before"));
    CHECK(has(run.err, "1 of 1 rules would have matched, of 6 events"));
    const Run later = shop.run(
        "rules test --lake lake --no-default-rules --from 2024-07-31T12:12:00Z rules -f json");
    // CreateUser was seen before that, DeleteUser was not.
    CHECK(has(later.out, R"("matches":1,)"));
    CHECK(has(later.out, R"("first":"2024-07-31T12:15:00Z")"));
}

TEST_CASE("SQL that convert prints finds the events in the lake") {
    const Workshop shop;
    make_lake(shop);
    const Run sql =
        shop.run("rules convert --to sql -r rules 11111111-0000-4000-8000-000000000001");
    CHECK(sql.exit_code == 0);
    CHECK(has(sql.out, "WHERE lower(event_action) = 'createuser'\n"));
    shop.write("rule.sql", sql.out);
    const Run rows = shop.shell(fmt::format(
        "'{}' query --lake lake --quiet --sql \"$(cat rule.sql)\" -f jsonl", YAGURA_PROGRAM));
    CAPTURE(rows.err);
    CHECK(rows.exit_code == 0);
    CHECK(std::count(rows.out.begin(), rows.out.end(), '\n') == 5);
}

TEST_CASE("explain tells why a rule matched, or what failed first") {
    const Workshop shop;
    make_lake(shop);
    shop.write("event.json", event(1, "CreateUser", "alice"));
    const Run no = shop.run("rules explain -r rules 'A user was made' event.json");
    CAPTURE(no.err);
    CHECK(no.exit_code == 0);
    CHECK(has(no.out, "does not match record 0 of event.json (cloudtrail)"));
    CHECK(has(no.out, "<- fails first"));
    CHECK(has(no.out, "found: \"alice\""));
    const Run yes = shop.run(
        "rules explain -r rules 'A user was made' --lake lake --event "
        "00000000-0000-4000-8000-000000000013");
    CAPTURE(yes.err);
    CHECK(has(yes.out, "A user was made: matches record 3 of "));
    CHECK(has(yes.out, "logs/trail.json (cloudtrail)"));
    CHECK(has(yes.out, "found: \"createuser\""));
    const Run japanese = shop.run("--lang ja rules explain -r rules 'A user was made' event.json");
    CHECK(has(japanese.out, "最初に成立しない条件"));
    const Run json = shop.run("rules explain -f json -r rules 'A user was made' event.json");
    CHECK(has(json.out, R"("matches":false)"));
    CHECK(has(json.out, R"("outcome":"differs","values":["alice"])"));
    CHECK(shop.run("rules explain -r rules 'A user was made'").exit_code == 2);
}
