#include "report/outputs.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "base/json_text.h"
#include "base/text.h"
#include "report/console.h"
#include "report/golden.h"
#include "report/made_report.h"
#include "report/notices.h"

using namespace yagura;
using namespace yagura::report;

namespace {

template <class Write>
std::string written(Write&& write) {
    MadeReport made;
    const ScanReport report = made.report();
    std::string text;
    Output out = Output::into(text);
    write(report, out);
    return text;
}

std::string csv(std::string_view profile, bool mark = false) {
    return written([&](const ScanReport& report, Output& out) {
        write_csv(report, {find_profile(profile), mark}, out);
    });
}

// No control character but the line feed, and no mark that turns the direction of text.
bool is_tame(const std::string& text) {
    std::string lines = text;
    std::erase(lines, '\n');
    return printable(lines) == lines;
}

size_t count_lines(const std::string& text) {
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("CSV of every profile is as kept in the samples") {
    for (const std::string profile : {"standard", "suzaku", "verbose"})
        check_golden("hostile/" + profile + ".csv", csv(profile));
}

TEST_CASE("JSON Lines, Timesketch and the summary are as kept in the samples") {
    check_golden("hostile/lines.jsonl",
                 written([](auto& report, auto& out) { write_json_lines(report, out); }));
    check_golden("hostile/timesketch.jsonl",
                 written([](auto& report, auto& out) { write_timesketch(report, out); }));
    check_golden("hostile/summary.json",
                 written([](auto& report, auto& out) { write_summary_json(report, out); }));
}

TEST_CASE("Suzaku's columns stand in Suzaku's order") {
    const std::string text = csv("suzaku");
    CHECK(text.substr(0, text.find('\n')) ==
          "Timestamp,RuleTitle,RuleAuthor,Level,EventName,ErrorCode,ErrorMessage,EventSource,AWS-"
          "Region,SrcIP,UserAgent,"
          "UserName,UserType,UserAccountID,UserARN,UserPrincipalID,UserAccessKeyID,EventID,Tags,"
          "RuleID");
}

TEST_CASE("a cell that would run as a formula is made text") {
    CHECK(csv_cell("=1+1") == "'=1+1");
    CHECK(csv_cell("+1") == "'+1");
    CHECK(csv_cell("-1") == "'-1");
    CHECK(csv_cell("@SUM(A1)") == "'@SUM(A1)");
    CHECK(csv_cell("\t=1") == "'\\t=1");
    CHECK(csv_cell("\r=1") == "'\\x0d=1");
    CHECK(csv_cell("＝1") == "'＝1");
    CHECK(csv_cell("a=1") == "a=1");
    CHECK(csv_cell("=1,\"2\"") == "\"'=1,\"\"2\"\"\"");
    CHECK(csv_cell("") == "");
}

TEST_CASE("the byte order mark comes first and only when asked for") {
    CHECK(csv("standard", true) == "\xEF\xBB\xBF" + csv("standard"));
}

TEST_CASE("no output lets a control character or a bidi mark through, and each match is one line") {
    CHECK(is_tame(csv("verbose")));
    CHECK(count_lines(csv("verbose")) == 8);
    const std::string lines =
        written([](auto& report, auto& out) { write_json_lines(report, out); });
    CHECK(is_tame(lines));
    CHECK(count_lines(lines) == 7);
    CHECK(is_tame(written([](auto& report, auto& out) { write_timesketch(report, out); })));
}

TEST_CASE("JSON text is safe inside a script element") {
    std::string out;
    append_json(out, "</script><!--\xE2\x80\xA8\x9f");
    CHECK(out == "\"\\u003c/script\\u003e\\u003c!--\\u2028\xEF\xBF\xBD\"");
}

TEST_CASE("the console summary is as kept in the samples, in both languages, and fits") {
    MadeReport made;
    const ScanReport report = made.report();
    for (const auto& [language, name] :
         {std::pair(Language::english, "en"), std::pair(Language::japanese, "ja")}) {
        set_language(language);
        for (const size_t width : {80u, 120u}) {
            const std::string text = console_summary(report, {width, false}, {{"out.csv"}});
            CHECK(is_tame(text));
            for (const std::string_view line : split(text, '\n')) {
                const bool is_command =
                    line.starts_with("  yagura ");  // to be copied, never broken
                CHECK_MESSAGE((is_command || display_width(line) <= width), line);
            }
            if (width == 120) check_golden(std::string("hostile/console.") + name + ".txt", text);
        }
    }
    set_language(Language::english);
}

TEST_CASE("what is told of busy days fits a narrow terminal, and nothing of it is cut off") {
    finding::MadeHits made;
    finding::HitCollector hits(std::make_shared<finding::HitLimits>(finding::Level::informational));
    finding::ScanTotals totals;
    for (const auto level : {finding::Level::low, finding::Level::medium, finding::Level::high}) {
        const auto& rule = made.rule(fmt::format("0{}", static_cast<int>(level)), level);
        for (int i = 0; i < 4'000; ++i) {
            const finding::MadeEvent event{
                .seconds = 1'700'000'000 + i * 100,
                .name = "GetPasswordData",
                .principal = fmt::format("stratus-red-team-password-role/aws-sdk-{}", i % 5),
                .error_code = "AccessDenied"};
            made.add(hits, rule, event);
            totals.count_event(made.fill(event), made.type());
        }
    }
    totals.records = 12'000;
    hits.finish();
    const std::string text = console_summary(make_report(hits, totals), {80, false});
    for (const std::string_view line : split(text, '\n'))
        CHECK_MESSAGE((line.starts_with("  yagura ") || display_width(line) <= 80), line);
    for (const std::string_view whole : {"2023-11-14 22:13:20 → 2023-11-19 13:11:40 UTC",
                                         "2,400 matches",
                                         "2,400 failed",
                                         "111122223333                12,000"})
        CHECK_MESSAGE(text.find(whole) != std::string::npos, whole);
}

TEST_CASE("the next question is one that the logs can answer") {
    MadeReport made;
    CHECK(console_summary(made.report(), {100, false}).find("filter sourceIPAddress = ") !=
          std::string::npos);
    ++made.totals.by_log_type["vpc_flow"];
    CHECK(console_summary(made.report(), {100, false}).find("filter source_ip = ") !=
          std::string::npos);
    made.totals.records_outside_range = made.totals.records;
    CHECK(console_summary(made.report(), {100, false}).find("No record lies between --from") !=
          std::string::npos);
    made.totals.records = 0;
    CHECK(console_summary(made.report(), {100, false}).find("yagura query") == std::string::npos);
}

TEST_CASE("an event without a time is of no date") {
    finding::MadeHits made;
    finding::HitCollector hits(std::make_shared<finding::HitLimits>(finding::Level::informational));
    finding::ScanTotals totals;
    const auto& rule = made.rule("0a", finding::Level::high);
    made.add(hits, rule, {.seconds = 0, .principal = "nobody"});
    made.add(hits, rule, {.seconds = 0, .principal = "alice"});
    made.add(hits, rule, {.seconds = 1'700'000'000, .principal = "alice"});
    totals.records = 3;
    hits.finish();
    const ScanReport report = make_report(hits, totals);
    const std::string text = console_summary(report, {100, false});
    CHECK(text.find("1970") == std::string::npos);
    CHECK(text.find("time unknown · 1 match") != std::string::npos);
    CHECK(text.find("… → 2023-11-14 22:13:20 UTC · 2 matches") != std::string::npos);
    std::string lines;
    Output out = Output::into(lines);
    write_json_lines(report, out);
    CHECK(lines.starts_with("{\"time\":null,"));
}

TEST_CASE("colours are used only when asked for, and levels are words all the same") {
    MadeReport made;
    const ScanReport report = made.report();
    const std::string plain = console_summary(report, {100, false});
    const std::string coloured = console_summary(report, {100, true});
    CHECK(plain.find('\x1b') == std::string::npos);
    CHECK(coloured.find("\x1b[1;31mcritical") != std::string::npos);
    CHECK(plain.find("critical") != std::string::npos);
}

TEST_CASE("a file output appears whole on close, and not at all without it") {
    const auto folder = std::filesystem::temp_directory_path() / "yagura_output_test";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const std::string path = (folder / "x.csv").string();
    {
        auto out = Output::open(path);
        REQUIRE(out);
        out->write("half");
    }
    CHECK(std::filesystem::is_empty(folder));
    auto out = Output::open(path);
    REQUIRE(out);
    out->write("whole");
    CHECK_FALSE(std::filesystem::exists(path));
    REQUIRE(out->close());
    CHECK(std::filesystem::file_size(path) == 5);
    CHECK_FALSE(Output::open((folder / "none" / "x").string()));
    std::filesystem::remove_all(folder);
}

TEST_CASE("lists of names are cut between names and say how many are left") {
    CHECK(listed({"one", "two", "three"}, 40) == "one, two, three");
    CHECK(listed({"one", "two", "three"}, 14) == "one (+2)");
    CHECK(listed({"名前の長いプリンシパル"}, 8) == "名前の…");
}

TEST_CASE("a path becomes one shell word") {
    CHECK(shell_word("logs/a.json") == "logs/a.json");
    CHECK(shell_word("a b; rm -rf '~'") == "'a b; rm -rf '\\''~'\\'''");
    CHECK(shell_word("") == "''");
}

TEST_CASE("why something could not be used begins with its place and ends with its number") {
    const finding::QuarantinedPart many{"a", FaultCode::bad_json, 1'429, 2, false, {}};
    CHECK(place_and_reason(many, Language::english) == "at byte 1,429: not valid JSON, 2 times");
    CHECK(place_and_reason(many, Language::japanese) ==
          "1,429 バイト目: JSON として正しくありません（2 回）");
    const finding::QuarantinedPart locked{"a", FaultCode::unreadable, 0, 1, true, "locked"};
    CHECK(place_and_reason(locked, Language::english) == "cannot be read: locked");
}
