// `yagura rules` as a person runs it: what goes to standard output, and the exit code.
#include <algorithm>
#include <string>

#include "cli/program.h"

using namespace yagura;
using cli::Run;
using cli::Workshop;

namespace {

Run rules(const Workshop& shop, const std::string& words) {
    return shop.run("-q --lang en rules " + words);
}

std::string rule(std::string_view title,
                 std::string_view selection,
                 std::string_view condition = "s") {
    return fmt::format(
        "title: {}\nid: one\nlevel: high\nlogsource: {{product: aws, service: cloudtrail}}\n"
        "detection: {{s: {{{}}}, condition: {}}}\n",
        title,
        selection,
        condition);
}

constexpr std::string_view kSamples =
    R"({"match":[{"eventName":"A"}],"no_match":[{"eventName":"B"}]})";

}  // namespace

TEST_CASE("rules list prints one JSON object per rule, however many conditions it has") {
    const Workshop shop;
    shop.write("x.yml", rule("T", "a: b", "[s, not s]"));
    const Run outcome = rules(shop, "list --no-default-rules -f json -r .");
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out.starts_with(R"({"id":"one","title":"T","title_ja":"","level":"high",)"));
    CHECK(std::count(outcome.out.begin(), outcome.out.end(), '\n') == 1);
}

TEST_CASE("what a rule says reaches the terminal without control characters") {
    const Workshop shop;
    shop.write("x.yml", rule(R"("\e[31mred\u202e")", "a: b"));
    const Run outcome = rules(shop, "list --no-default-rules -r .");
    CHECK(outcome.out.find("\\x1b[31mred\\u202e") != std::string::npos);
    CHECK(outcome.out.find('\x1b') == std::string::npos);
}

TEST_CASE("rules lint fails on errors and passes with warnings") {
    const Workshop shop;
    shop.write("x.yml", rule("T", "eventName|foo: A"));
    const Run bad = rules(shop, "lint .");
    CHECK(bad.exit_code == 1);
    CHECK(bad.out.find("x.yml:5:27: error: unknown modifier 'foo'\n") != std::string::npos);
    shop.write("x.yml", rule("T", "eventName: A"));
    const Run good = rules(shop, "lint .");
    CHECK(good.exit_code == 0);
    const Run json = rules(shop, "lint -f json .");
    CHECK(json.out.find(R"("line":2,"column":5,"code":"odd-id","severity":"warning",)") !=
          std::string::npos);
    CHECK(json.out.find(R"("ja":"ランダムな UUID を使ってください（uuidgen -r）")") !=
          std::string::npos);
    CHECK(rules(shop, "lint --list").out.find("never-matches") != std::string::npos);
    CHECK(good.out.find("x.yml:2:5: warning: 'one' is not a UUID [odd-id]\n") != std::string::npos);
}

TEST_CASE("the sum of a lint comes after all it sums up, also where both streams are one") {
    const Workshop shop;
    std::string rules;
    for (int i = 0; i < 60; ++i)  // more than a buffer of output
        rules += fmt::format(
            "title: T{}\nlogsource: {{product: aws}}\ndetection: {{a: {{b: c}}, condition: "
            "a}}\n---\n",
            i);
    shop.write("r.yml", rules);
    const Run run =
        shop.shell(fmt::format("LC_ALL=C.UTF-8 '{}' rules lint r.yml 2>&1", YAGURA_PROGRAM));
    const size_t sum = run.out.find("rules: 60");
    REQUIRE(sum != std::string::npos);
    CHECK(run.out.find('\n', sum) == run.out.size() - 1);
}

TEST_CASE("output that a full disk does not take is an error, never an abort or a success") {
    const Workshop shop;
    for (const char* words :
         {"rules list", "rules modifiers", "version", "--help", "completion bash"}) {
        CAPTURE(words);
        const Run run = shop.run(std::string(words) + " >/dev/full");
        CHECK(run.exit_code == 1);
        CHECK(yagura::cli::has(
            run.err, "yagura: cannot write standard output: no space left on the disk\n"));
    }
}

TEST_CASE("rules test tells which event of which rule went wrong") {
    const Workshop shop;
    shop.write("x.test.json", kSamples);
    shop.write("x.yml", rule("T", "eventName: B"));
    const Run wrong = rules(shop, "test .");
    CHECK(wrong.exit_code == 1);
    CHECK(wrong.out ==
          "./x.yml: T: match event 1 must match and does not\n"
          "./x.yml: T: no_match event 1 must not match and does\n");
    shop.write("x.yml", rule("T", "eventName: A"));
    const Run right = rules(shop, "test .");
    CHECK(right.exit_code == 0);
    CHECK(right.out.empty());
}

TEST_CASE("a path that is not there is a usage error") {
    const Workshop shop;
    for (const char* command : {"lint", "test", "bench", "list -r"})
        CHECK(rules(shop, std::string(command) + " /nonexistent-rules").exit_code == 2);
}
