#include <doctest/doctest.h>

#include "event/json_document.h"
#include "report/html_data.h"
#include "report/made_report.h"
#include "report/outputs.h"
#include "report/page_parts.h"

using namespace yagura;
using namespace yagura::report;

namespace {

std::string page() {
    MadeReport made;
    const ScanReport report = made.report();
    std::string text;
    Output out = Output::into(text);
    write_html(report, out);
    return text;
}

}  // namespace

TEST_CASE("the page is whole: no marker is left and every element closes once") {
    const std::string text = page();
    CHECK(text.find('@') == text.find("@media"));
    CHECK(count_of(text, "<script") == 2);
    CHECK(count_of(text, "</script>") == 2);
    CHECK(text.ends_with("</html>\n"));
}

TEST_CASE("the page loads nothing and allows only its own script and style") {
    const std::string text = page();
    const std::string policy =
        between(text, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(policy.find("http") == std::string::npos);
    CHECK(count_of(text, " src=") == count_of(between(text, "id=\"data\">", "</script>"), " src="));
    CHECK(text.find("<link") == std::string::npos);
}

TEST_CASE("hostile values stay inside the data and the data is JSON") {
    const std::string data = between(page(), "id=\"data\">", "</script>");
    CHECK(data.find('<') == std::string::npos);
    CHECK(data.find("\\u003c/script\\u003e") != std::string::npos);
    CHECK(data.find('\x1b') == std::string::npos);
    CHECK(data.find("\xE2\x80\xAE") == std::string::npos);
    event::JsonDocument document;
    const event::PaddedText padded(data);
    REQUIRE_FALSE(document.index(padded.view()));
    uint32_t at = 0;
    CHECK_FALSE(document.skip(at));
    CHECK(at == document.size());
}

TEST_CASE("what a rule says of itself is there in both languages") {
    const std::string data = between(page(), "id=\"data\">", "</script>");
    CHECK(data.find("\"description_ja\":\"証跡ログの停止\"") != std::string::npos);
    CHECK(data.find("\"false_positives_ja\":[\"計画された移行\"]") != std::string::npos);
}

TEST_CASE("every word the page's scripts ask for is in the data, in both languages") {
    CHECK(check_words(page()) > 40);
}

TEST_CASE("what a rule over several events counted is in its row, with the events it names") {
    match::RuleInfo rule;
    rule.id = "burst";
    rule.level = match::Level::high;
    finding::HitCollector hits(std::make_shared<finding::HitLimits>(match::Level::low));
    hits.add(
        rule,
        {.time = 10'000'000, .type = logtype::find("cloudtrail"), .object = "a.json", .parts = {}},
        {.group = {{"user", "</script>"}},
         .is_count = true,
         .measured = 12,
         .first = 1'000'000,
         .last = 10'000'000,
         .events = {"e-1"}},
        {});
    hits.finish();
    finding::ScanTotals totals;
    const std::string data = html_data(make_report(hits, totals), 10);
    CHECK(data.find(R"({"group":[["user","\u003c/script\u003e"]],"count":12,"first":1000,)"
                    R"("last":10000,"events":["e-1"]})") != std::string::npos);
}

TEST_CASE("exceptions and what could not be said are in the page, in both languages") {
    MadeReport made;
    made.totals.undecided = {3, 0};
    ScanReport report = made.report();
    match::Exception exception;
    exception.id = "known-backup";
    exception.owner = "platform";
    exception.reason = "<b>nightly</b>";
    exception.only_counts = true;
    report.exceptions.push_back({&exception, 5, false});
    report.throttled = 1'234;
    const std::string data = html_data(report, 10);
    CHECK(data.find(R"("id":"known-backup","owner":"platform","reason":"\u003cb\u003enightly)") !=
          std::string::npos);
    CHECK(data.find(R"("state":["only counted","計数のみ"],"count":5,"expires":null)") !=
          std::string::npos);
    CHECK(data.find("1,234 matches are counted but not listed") != std::string::npos);
    CHECK(data.find("直前に同種の一致を表示したため、1,234 件は") != std::string::npos);
    CHECK(data.find("3 windows of correlations were still open") != std::string::npos);
}

TEST_CASE("a page too small for all matches lists the gravest, in order of time") {
    MadeReport made;
    const ScanReport report = made.report();
    const std::string data = html_data(report, 3);
    const std::string rows = between(data, "\"rows\":[", "],\"strings\"");
    CHECK(count_of(rows, "[") == 3);
    CHECK(data.find("\"rows_total\":7") != std::string::npos);
    // Critical, the earlier medium, high.
    CHECK(rows.starts_with("[1700000100000,"));
    CHECK(rows.find("[1700000200000,") != std::string::npos);
    CHECK(rows.find("[1700090000000,") != std::string::npos);
}
