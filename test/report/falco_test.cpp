// The lines of Falco rules and their JSON form.
#include <doctest/doctest.h>

#include "report/outputs.h"

using namespace yagura;

namespace {

std::string written(void (*write)(std::span<const finding::Printed>, report::Output&)) {
    match::RuleInfo rule;
    rule.title = "A \"rule\"";
    rule.priority = "Warning";
    rule.source = "aws_cloudtrail";
    rule.tags = {"cloud"};
    finding::Printed line{&rule,
                          from_micros(1'722'468'556'000'120),
                          "log.json",
                          0,
                          "it was \x1b[31m<NA>",
                          "{\"ct.user\":\"a\u202E\"}"};
    std::string text;
    report::Output out = report::Output::into(text);
    write({&line, 1}, out);
    return text;
}

}  // namespace

TEST_CASE("a Falco line is time, priority and the filled output, safe for a terminal") {
    CHECK(written(report::write_falco) == "23:29:16.000120000: Warning it was \\x1b[31m<NA>\n");
}

TEST_CASE("Falco's JSON holds the line, the fields and the rule") {
    const std::string text = written(report::write_falco_json);
    CHECK(text.starts_with(R"({"output":"23:29:16.000120000: Warning it was )"));
    CHECK(text.ends_with(
        R"("output_fields":{"ct.user":"a\u202e"},"priority":"Warning","rule":"A \"rule\"","source":"aws_cloudtrail","tags":["cloud"],"time":"2024-07-31T23:29:16.000120000Z"})"
        "\n"));
}
