#include <map>

#include <doctest/doctest.h>

#include "event/json_document.h"
#include "report/html_data.h"
#include "report/made_report.h"
#include "report/outputs.h"

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

size_t count_of(const std::string& text, std::string_view part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

std::string between(const std::string& text, std::string_view start, std::string_view end) {
    const size_t from = text.find(start) + start.size();
    return text.substr(from, text.find(end, from) - from);
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
    const std::string text = page();
    const std::string data = between(text, "id=\"data\">", "</script>");
    size_t asked = 0;
    for (const std::string_view start : {"t('", "data-t=\""}) {
        for (size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
            const size_t from = at + start.size();
            const bool is_word =
                at == 0 ||
                !(std::isalnum(static_cast<unsigned char>(text[at - 1])) || text[at - 1] == '.');
            const std::string key = text.substr(from, text.find_first_of("'\"", from) - from);
            if (!is_word || key.empty()) continue;
            ++asked;
            CHECK_MESSAGE(data.find("\"" + key + "\":[") != std::string::npos, key);
        }
    }
    CHECK(asked > 40);
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
