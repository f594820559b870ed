#include <doctest/doctest.h>

#include "report/outputs.h"

using namespace yagura;
using namespace yagura::report;

TEST_CASE("JSON Lines say what a correlation counted, and for whom") {
    match::RuleInfo rule;
    rule.id = "burst";
    rule.level = match::Level::high;
    finding::HitCollector hits(std::make_shared<finding::HitLimits>(match::Level::low));
    const finding::ToldEvent event{.time = 10'000'000,
                                   .ordinal = 3,
                                   .type = logtype::find("cloudtrail"),
                                   .object = "a.json",
                                   .parts = {}};
    hits.add(rule,
             event,
             {.group = {{"user", "ana"}},
              .is_count = true,
              .measured = 12,
              .first = 1'000'000,
              .last = 10'000'000,
              .events = {"e-1", "e-2"}},
             {});
    hits.add(rule, event, {.group = {}, .is_count = false, .measured = 2.5, .events = {}}, {});
    hits.finish();
    finding::ScanTotals totals;
    totals.undecided = {3, 0};
    const ScanReport report = make_report(hits, totals);
    std::string text;
    Output out = Output::into(text);
    write_json_lines(report, out);
    CHECK(text.find(R"("correlation":{"group":{"user":"ana"},"count":12,)"
                    R"("first":"1970-01-01T00:00:01Z","last":"1970-01-01T00:00:10Z",)"
                    R"("events":["e-1","e-2"]}})") != std::string::npos);
    CHECK(text.find(R"("value":2.5)") != std::string::npos);
    text.clear();
    write_summary_json(report, out);
    CHECK(text.find(R"("windows_open":3)") != std::string::npos);
}
