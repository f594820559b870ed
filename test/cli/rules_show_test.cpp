// `yagura rules list|show|coverage|bench`: what a person and a program are told about rules.
#include <algorithm>

#include "cli/program.h"

using namespace yagura::cli;

namespace {

constexpr std::string_view kTrail = R"(title: Trail was stopped
id: 6b7e2f00-0000-4000-8000-0000000000aa
author: Somebody
level: high
description: It stops the trail.
tags: [attack.defense-evasion, attack.persistence, attack.t1562.008, attack.t1098]
logsource: {product: aws, service: cloudtrail}
detection:
    stop: {eventName: [StopLogging, DeleteTrail], userAgent|contains|cased: Terra}
    routine: {sourceIPAddress|cidr: 10.0.0.0/8}
    condition: stop and not routine
falsepositives: [Migrations]
x-yagura: {title_ja: 証跡が停止された, description_ja: 証跡の停止。, falsepositives_ja: [移行作業]}
)";
constexpr std::string_view kFlow = R"(title: Odd flow
id: 6b7e2f00-0000-4000-8000-0000000000bb
level: low
tags: [attack.exfiltration, attack.t1048]
logsource: {product: aws, service: vpcflow}
detection: {s: {dstport: 4444}, condition: s}
)";
constexpr std::string_view kSamples =
    R"({"match":[{"eventName": "StopLogging",  "note":"a  b"}],"no_match":[{"eventName":"Other"}]})";

struct Rules : Workshop {
    Rules() {
        write("r/trail.yml", kTrail);
        write("r/trail.test.json", kSamples);
        write("r/flow.yml", kFlow);
    }
    Run rules(const std::string& words) const {
        return run("-q rules " + words + " --no-default-rules -r r");
    }
};

size_t lines(const std::string& text) {
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("rules list narrows by level, tactic, log type and text") {
    const Rules shop;
    CHECK(lines(shop.rules("list -f json").out) == 2);
    for (const char* filter : {"-m medium",
                               "--tactic persistence",
                               "--tactic TA0005",
                               "--type cloudtrail",
                               "--text 停止",
                               "--text TRAIL"}) {
        CAPTURE(filter);
        const std::string out = shop.rules(std::string("list -f json ") + filter).out;
        CHECK(lines(out) == 1);
        CHECK(has(out, R"("title":"Trail was stopped")"));
    }
    CHECK(lines(shop.rules("list -f json --tactic impact").out) == 0);
    CHECK(shop.rules("list --tactic nonsense").exit_code == 2);
    CHECK(shop.rules("list --type nonsense").exit_code == 2);
}

TEST_CASE("rules show tells everything in both languages, the condition as compiled, the events") {
    const Rules shop;
    const Run run = shop.rules("show 6B7E2F00-0000-4000-8000-0000000000AA");
    CHECK(run.exit_code == 0);
    for (const char* part : {"Trail was stopped",
                             "証跡が停止された",
                             "It stops the trail.",
                             "証跡の停止。",
                             "Migrations",
                             "移行作業",
                             "TA0005 Defense Evasion",
                             "r/trail.yml:1",
                             R"({"eventName":"StopLogging","note":"a  b"})"}) {
        CAPTURE(part);
        CHECK(has(run.out, part));
    }
    CHECK(has(run.out,
              "  all of\n"
              "      all of\n"
              "          eventName is one of \"StopLogging\", \"DeleteTrail\"\n"
              "          userAgent contains \"Terra\" (case matters)\n"
              "      not\n"
              "          sourceIPAddress is an address in \"10.0.0.0/8\"\n"));
    CHECK(has(shop.rules("--lang ja show 'Trail was stopped'").out,
              "eventName が \"StopLogging\", \"DeleteTrail\" のいずれか"));
    const std::string json = shop.rules("show 'odd FLOW' -f json").out;
    CHECK(has(json, R"("conditions":["dstport is 4444\n"],"match":[],"no_match":[]})"));
}

TEST_CASE("a rule is found by the start of its id; what is ambiguous or nothing is said to be") {
    const Rules shop;
    const Run both = shop.rules("show 6b7e2f00");
    CHECK(both.exit_code == 1);
    CHECK(has(both.err, "could be 2 rules"));
    CHECK(has(both.err, "0000000000bb  Odd flow"));
    CHECK(shop.rules("show flow").exit_code == 0);
    CHECK(has(shop.rules("show nothing").err, "there is no rule 'nothing'"));
}

TEST_CASE("a correlation is listed and shown beside the rules it refers to") {
    const Rules shop;
    shop.write("r/burst.yml", R"(title: Burst of flows
id: 6b7e2f00-0000-4000-8000-0000000000cc
level: medium
tags: [attack.exfiltration]
correlation:
    type: value_count
    rules: [6b7e2f00-0000-4000-8000-0000000000bb]
    group-by: [srcaddr]
    timespan: 15m
    condition: {field: dstaddr, gte: 10, lt: 20}
)");
    CHECK(lines(shop.rules("list -f json").out) == 3);
    const Run run = shop.rules("show 'Burst of flows'");
    CHECK(run.exit_code == 0);
    CHECK(has(run.out,
              "  number of different values of dstaddr\n"
              "  must be < 20, >= 10\n"
              "  of the rules 6b7e2f00-0000-4000-8000-0000000000bb\n"
              "  for each srcaddr\n"
              "  within any 15 min\n"));
}

TEST_CASE("coverage counts a technique under the tactics that ATT&CK gives it") {
    const Rules shop;
    const Run layer = shop.rules("coverage -f navigator --name Mine");
    CHECK(layer.exit_code == 0);
    for (
        const char* part :
        {R"("name": "Mine")",
         R"("layer": "4.5")",
         R"("domain": "enterprise-attack")",
         R"({"techniqueID": "T1562.008", "tactic": "defense-evasion", "score": 1, "comment": "Trail was stopped", "enabled": true)",
         R"({"techniqueID": "T1098", "tactic": "persistence", "score": 1)"}) {
        CAPTURE(part);
        CHECK(has(layer.out, part));
    }
    // T1098 is no defense evasion, T1562.008 no persistence, though the rule is tagged with both.
    CHECK_FALSE(has(layer.out, R"("T1098", "tactic": "defense-evasion")"));
    CHECK_FALSE(has(layer.out, R"("T1562.008", "tactic": "persistence")"));
    const Run table = shop.rules("coverage");
    CHECK(has(table.out, "T1562.008 1"));
    CHECK(lines(table.out) == 15);
}

TEST_CASE("rules bench tells loading, compiling and matching") {
    const Workshop shop;
    const Run run = shop.run("rules bench");
    CHECK(run.exit_code == 0);
    CHECK(has(run.out, "ms to load "));
    CHECK(has(run.out, "cloudtrail: "));
    CHECK(has(run.out, " events/s read and matched"));
}

namespace {

constexpr std::string_view kNew = R"(title: New region
id: 6b7e2f00-0000-4000-8000-0000000000cc
level: low
tags: [attack.initial-access, attack.t1078]
logsource: {product: aws, service: cloudtrail}
detection: {s: {readOnly: false}, condition: s}
x-yagura:
    first_seen: {fields: [userIdentity.arn, awsRegion], history: 30d, learning: 12h, entity: recipientAccountId, entity_age: 1d}
)";
constexpr std::string_view kFilter = R"(title: Not the deployer
id: 6b7e2f00-0000-4000-8000-0000000000dd
logsource: {product: aws, service: cloudtrail}
filter: {rules: any, s: {userIdentity.userName: deployer}, condition: not s}
)";

struct Narrowed : Rules {
    Narrowed() {
        write("r/new.yml", kNew);
        write("r/filter.yml", kFilter);
    }
    // Not quiet.
    Run told(const std::string& words, const std::string& before = "") const {
        return run(before + "rules " + words + " --no-default-rules -r r");
    }
};

}  // namespace

TEST_CASE("rules list says how many rules each filter narrows") {
    const Narrowed shop;
    CHECK(has(shop.told("list").err, "filter 'Not the deployer' (r/filter.yml:1) narrows 2 rules"));
    CHECK(has(shop.told("list", "--lang ja ").err,
              "フィルター「Not the deployer」（r/filter.yml:1）がルール 2 件を絞り込みます"));
    CHECK(has(shop.told("list -f json --text flow").out, R"("filters":[])"));
    CHECK(has(
        shop.told("list -f json --text trail").out,
        R"("filters":[{"id":"6b7e2f00-0000-4000-8000-0000000000dd","title":"Not the deployer")"));
}

TEST_CASE("rules show tells what a first-seen rule remembers and which filters narrow a rule") {
    const Narrowed shop;
    const std::string english = shop.told("show 6b7e2f00-0000-4000-8000-0000000000cc").out;
    CHECK(has(english, "a combination of userIdentity.arn, awsRegion that is new"));
    CHECK(has(english, "not seen for 30 d"));
    CHECK(has(english, "only learns for 12 h from the first match\n"));
    CHECK(has(english, "only learns for 1 d from the first match of each recipientAccountId"));
    CHECK(has(english, "Not the deployer (r/filter.yml:1)"));
    const std::string japanese =
        shop.told("show 6b7e2f00-0000-4000-8000-0000000000cc", "--lang ja ").out;
    CHECK(has(japanese, "userIdentity.arn, awsRegion の組み合わせが初出"));
    CHECK(has(japanese, "適用されるフィルター"));
    const std::string json = shop.told("show -f json 6b7e2f00-0000-4000-8000-0000000000cc").out;
    CHECK(has(
        json,
        R"("first_seen":{"fields":["userIdentity.arn","awsRegion"],"history":2592000,"learning":43200,"entity":["recipientAccountId"],"entity_age":86400})"));
    CHECK_FALSE(has(shop.told("show -f json Odd").out, "first_seen"));
    CHECK_FALSE(has(shop.told("show Odd").out, "Narrowed by"));
}
