// Lints that look at what a condition comes to, and their table.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "rule/asking.h"
#include "rule/lints.h"

using namespace yagura;
using rule::sigma::read_rules;

namespace {

// The codes of the lints on the meaning of a detection, and on its fields.
std::vector<std::string> lints_of(std::string_view detection,
                                  std::string_view source = "{product: aws, service: cloudtrail}") {
    const std::string text = fmt::format(
        "title: T\nid: 6b7e2f00-0000-4000-8000-0000000000aa\nlevel: low\nstatus: test\nauthor: A\n"
        "description: D\nfalsepositives: [x]\ntags: [attack.impact, attack.t1485]\nlogsource: {}\n"
        "detection:\n{}",
        source,
        detection);
    std::vector<std::string> codes;
    for (const Diagnostic& d : read_rules(text, "x.yml", {.warnings = true}).diagnostics)
        codes.emplace_back(d.code.empty() ? d.message : std::string(d.code));
    return codes;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("a condition whose parts exclude each other never matches") {
    for (const char* detection : {
             "  a: {eventName: A}\n  b: {eventName: B}\n  condition: a and b\n",
             "  a: {eventName: [A, B]}\n  f: {eventName|startswith: ['a', 'b']}\n  condition: a "
             "and not f\n",
             "  a: {eventName: A, userAgent: x}\n  condition: a and not a\n",
             "  a: {eventName: A, errorCode: null}\n  b: {errorCode: AccessDenied}\n  condition: a "
             "and b\n",
             "  a: {eventName: A}\n  b: {eventName: B, userAgent: x}\n  c: {eventName: C}\n"
             "  condition: a and (b or c)\n",
         }) {
        CAPTURE(detection);
        CHECK(lints_of(detection) == Codes{"never-matches"});
    }
}

TEST_CASE("what could not be read is an error, and has no meaning to warn of") {
    const auto of = [](std::string_view detection) { return lints_of(detection); };
    CHECK(of("  a: {eventName|contians: A}\n  condition: a\n") ==
          Codes{"unknown modifier 'contians'"});
    CHECK(of("  a: {}\n  condition: a\n") ==
          Codes{"an empty search identifier has nothing to match"});
    CHECK(of("  a: {eventName: A}\n  condition: 2 of a*\n") ==
          Codes{"'2 of' is not possible; use 1, any or all"});
}

TEST_CASE("what may hold is not called impossible") {
    for (const char* detection : {
             // requestParameters may hold lists, so a field below it may have both values.
             "  a: {requestParameters.x: A}\n  b: {requestParameters.x: B}\n  condition: a and b\n",
             "  a: {eventName: A}\n  f: {eventName|contains|cased: a}\n  condition: a and not f\n",
             "  a: {eventName: A}\n  b: {eventName|re: '^B'}\n  condition: a and b\n",
             "  a: {eventName|contains: A}\n  b: {eventName|contains: B}\n  condition: a and b\n",
             "  a: {eventName: A}\n  b: {eventName: B}\n  condition: a or b\n",
             "  a: {eventName: A}\n  f: {eventName: A, userAgent: x}\n  condition: a and not f\n",
         }) {
        CAPTURE(detection);
        CHECK(lints_of(detection).empty());
    }
    // No log type of ours: nothing is known of its fields.
    CHECK(lints_of("  a: {x: A}\n  b: {x: B}\n  condition: a and b\n", "{product: okta}").empty());
}

TEST_CASE("always true, a dead alternative, a dead value") {
    CHECK(lints_of("  a: {eventName: A}\n  condition: a or not a\n") == Codes{"always-matches"});
    CHECK(lints_of("  a: {eventName: A}\n  b: {eventName: B, userAgent: x}\n  c: {userAgent: y}\n"
                   "  condition: a and (b or c)\n") == Codes{"dead-alternative"});
    CHECK(lints_of("  a: {eventName: [A, B, C]}\n  f: {eventName: [a, c]}\n"
                   "  condition: a and not f\n") == Codes{"dead-value", "dead-value"});
}

TEST_CASE("a rule that asks for nothing telling is too broad") {
    for (const char* detection : {
             "  f: {eventName: A}\n  condition: not f\n",
             "  a: {errorCode: null}\n  condition: a\n",
             "  a: {errorCode|exists: yes}\n  condition: a\n",
             "  a: {eventName: A}\n  b: {errorCode: null}\n  condition: a or b\n",
         }) {
        CAPTURE(detection);
        CHECK(lints_of(detection) == Codes{"too-broad"});
    }
    CHECK(lints_of("  a: {eventSource: iam.amazonaws.com, errorCode: null}\n  condition: a\n") ==
          Codes{"only-source"});
    CHECK(lints_of("  a: {eventType: user.create}\n  condition: a\n", "{product: okta}").empty());
    CHECK(lints_of("  a: {userIdentity.type: Root}\n  condition: a\n").empty());
}

TEST_CASE("unknown fields are found at the top and as near misses below") {
    const auto with = [](std::string_view field) {
        return lints_of(fmt::format("  a: {{eventName: A, {}: x}}\n  condition: a\n", field));
    };
    CHECK(with("eventNam") == Codes{"unknown-field"});
    CHECK(with("userIdentity.typ") == Codes{"unknown-field"});
    CHECK(with("userIdentity.sessionContext.sessionIssuer.type").empty());
    CHECK(with("requestParameters.bucketNam").empty());
    CHECK(with("source.ip").empty());
}

TEST_CASE("tags must name a tactic and a technique of ATT&CK") {
    const auto with = [](std::string_view tags) {
        const std::string text = fmt::format(
            "title: T\nid: 6b7e2f00-0000-4000-8000-0000000000aa\nlevel: low\nstatus: test\nauthor: "
            "A\n"
            "description: D\nfalsepositives: [x]\ntags: {}\nlogsource: {{product: aws}}\n"
            "detection: {{a: {{eventName: A}}, condition: a}}\n",
            tags);
        Codes codes;
        for (const Diagnostic& d : read_rules(text, "x.yml", {.warnings = true}).diagnostics)
            codes.emplace_back(d.code);
        return codes;
    };
    CHECK(with("[attack.impact, attack.t1485]").empty());
    CHECK(with("[attack.impact]") == Codes{"missing-attack-tag"});
    CHECK(with("[attack.t1078.004]") == Codes{"missing-attack-tag"});
    CHECK(with("[cve.2024-1]") == Codes{"missing-attack-tag"});
}

TEST_CASE("every lint has a code of its own, and the Sigma page lists it") {
    std::ifstream stream(std::string(YAGURA_SOURCE_DIR) + "/docs/sigma.md");
    const std::string page{std::istreambuf_iterator<char>(stream), {}};
    for (const rule::LintRow& row : rule::lints()) {
        CAPTURE(row.code);
        CHECK(rule::find_lint(row.code) == &row);
        CHECK(page.find(fmt::format("| `{}` | {} | {} | {} | {} | {} |",
                                    row.code,
                                    rule::severity_name(row.severity),
                                    row.sentence.english,
                                    row.remedy.english,
                                    row.sentence.japanese,
                                    row.remedy.japanese)) != std::string::npos);
    }
    CHECK(rule::find_lint("nonsense") == nullptr);
}
