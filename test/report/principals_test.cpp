#include "report/principals.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "finding/made_hits.h"
#include "report/golden.h"
#include "report/page_parts.h"

using namespace yagura;
using namespace yagura::report;

namespace {

finding::PrincipalSummary made_summary() {
    finding::MadeHits made;
    finding::PrincipalSummary summary;
    const auto add =
        [&](finding::MadeEvent event, const std::string& source, const std::string& key) {
            auto& filled = made.fill(event);
            filled.set(static_cast<event::SlotId>(made.type().roles.event_source),
                       event::ValueView::of_string(source));
            filled.set(static_cast<event::SlotId>(made.type().roles.access_key),
                       event::ValueView::of_string(key));
            summary.add(filled, made.type());
        };
    for (int i = 0; i < 5; ++i)
        add({.seconds = 1'700'000'000 + i, .name = "DescribeThings"},
            "things.amazonaws.com",
            "AKIAEXAMPLE");
    add({.seconds = 1'700'000'600, .name = "CreateAccessKey"},
        "iam.amazonaws.com",
        "ASIATEMPORARY");
    add({.seconds = 1'700'090'000, .name = "StopLogging", .error_code = "AccessDenied"},
        "cloudtrail.amazonaws.com",
        "AKIAEXAMPLE");
    add({.name = "=1+1",
         .principal = "\x1b[2J</b>\xE2\x80\xAE",
         .source_ip = "@x",
         .user_agent = "a\r\nb, \"c\""},
        "",
        "");
    return summary;
}

template <class Write>
std::string written(Write&& write) {
    const finding::PrincipalSummary summary = made_summary();
    std::string text;
    Output out = Output::into(text);
    write(summary, out);
    return text;
}

}  // namespace

TEST_CASE("the summary per principal is as kept in the samples") {
    const finding::PrincipalSummary summary = made_summary();
    check_golden("principals/table.en.txt", principal_table(summary, {}, {100, false}));
    set_language(Language::japanese);
    check_golden("principals/table.ja.txt", principal_table(summary, {}, {100, false}));
    set_language(Language::english);
    check_golden("principals/rows.csv",
                 written([](auto& made, auto& out) { write_principal_csv(made, {}, out); }));
    check_golden("principals/rows.jsonl",
                 written([](auto& made, auto& out) { write_principal_json_lines(made, {}, out); }));
}

TEST_CASE(
    "the page per principal is whole, asks for no unknown word, and holds hostile values as data") {
    finding::ScanTotals totals;
    totals.objects = 2;
    totals.quarantine.add_object("bad</script>.gz", {FaultCode::bad_compression, 17});
    const std::string page = written([&](auto& made, auto& out) {
        write_principal_html({made, totals, {"logs; <rm>"}, true}, {}, out);
    });
    CHECK(count_of(page, "<script") == 2);
    CHECK(count_of(page, "</script>") == 2);
    CHECK(page.find("@MAIN@") == std::string::npos);
    CHECK(check_words(page) > 15);
    const std::string data = between(page, "id=\"data\">", "</script>");
    CHECK(data.find('<') == std::string::npos);
    check_golden("principals/page.json", data);
}

TEST_CASE("a page lists so many principals as asked, and counts the others") {
    finding::ScanTotals totals;
    PrincipalOptions options;
    options.principals = 1;
    const std::string page = written([&](auto& made, auto& out) {
        write_principal_html({made, totals, {}, false}, options, out);
    });
    CHECK(page.find("\"principals_total\":2") != std::string::npos);
    CHECK(page.find("\"name\":\"alice\"") != std::string::npos);
    CHECK(page.find("2J") == std::string::npos);
}

TEST_CASE("security-relevant calls come first, however rare") {
    const std::string text = principal_table(made_summary(), {}, {100, false});
    CHECK(text.find("iam:CreateAccessKey") < text.find("things:DescribeThings"));
}

TEST_CASE("temporary keys are hidden unless asked for") {
    CHECK(principal_table(made_summary(), {}, {100, false}).find("ASIATEMPORARY") ==
          std::string::npos);
    PrincipalOptions options;
    options.temporary_keys = true;
    CHECK(principal_table(made_summary(), options, {100, false}).find("ASIATEMPORARY") !=
          std::string::npos);
}

TEST_CASE("principals are chosen by a part of their name, in any case") {
    PrincipalOptions options;
    options.only = "ALI";
    const std::string text = principal_table(made_summary(), options, {100, false});
    CHECK(text.find("alice") != std::string::npos);
    CHECK(text.find("2J") == std::string::npos);
}

TEST_CASE("nothing of a log reaches the screen raw") {
    std::string text = principal_table(made_summary(), {}, {100, false});
    std::erase(text, '\n');
    CHECK(printable(text) == text);
}
