#include "base/time.h"

#include <string>

#include <doctest/doctest.h>

using namespace yagura;

namespace {

// What a text means, printed back; "refused" when it is no time.
std::string iso(std::string_view text) {
    const auto time = parse_iso8601(text);
    return time ? format_iso8601(*time) : "refused";
}

std::string epoch(std::string_view text) {
    const auto time = parse_epoch(text);
    return time ? format_iso8601(*time) : "refused";
}

int64_t duration_seconds(std::string_view text) {
    const auto duration = parse_duration(text);
    return duration ? duration->count() / 1'000'000 : -1;
}

std::string expression(std::string_view text) {
    const auto time = parse_time_expression(text, *parse_iso8601("2024-07-31T12:00:00Z"));
    return time ? format_iso8601(*time) : "refused";
}

}  // namespace

TEST_CASE("times are read as AWS writes them") {
    CHECK(iso("2024-07-31T12:29:16Z") == "2024-07-31T12:29:16Z");
    CHECK(iso("2024-07-31T12:29:16.123Z") == "2024-07-31T12:29:16.123Z");
    CHECK(iso("2024-07-31T12:29:16.123456Z") == "2024-07-31T12:29:16.123456Z");
    CHECK(iso("2024-07-31 12:29:16") == "2024-07-31T12:29:16Z");
    CHECK(iso("2024-07-31 12:29:16 UTC") == "2024-07-31T12:29:16Z");
    CHECK(iso("2024-07-31T12:29") == "2024-07-31T12:29:00Z");
    CHECK(iso("2024-07-31") == "2024-07-31T00:00:00Z");
}

TEST_CASE("digits of a fraction beyond microseconds are dropped") {
    CHECK(iso("2024-07-31T12:29:16.123456789Z") == "2024-07-31T12:29:16.123456Z");
    CHECK(iso("2024-07-31T12:29:16,5Z") == "2024-07-31T12:29:16.500Z");
}

TEST_CASE("offsets move the time to UTC") {
    CHECK(iso("2024-07-31T12:29:16+09:00") == "2024-07-31T03:29:16Z");
    CHECK(iso("2024-07-31T12:29:16+0900") == "2024-07-31T03:29:16Z");
    CHECK(iso("2024-07-31T23:29:16-02") == "2024-08-01T01:29:16Z");
}

TEST_CASE("a leap second counts as the next minute") {
    CHECK(iso("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00Z");
}

TEST_CASE("texts that are no time are refused") {
    for (const char* text : {"",
                             "2024",
                             "2024-07",
                             "2024-13-01",
                             "2023-02-29",
                             "2024-07-31T",
                             "2024-07-31T24:00:00Z",
                             "2024-07-31T12:60:00Z",
                             "2024-07-31T12:29:61Z",
                             "2024-07-31T12:29:16.Z",
                             "2024-07-31T12:29:16Zulu",
                             "2024-07-31T12:29:16+15:00",
                             "2024-07-31T12:29:16+09:",
                             " 2024-07-31",
                             "1969-12-31T23:59:59Z",
                             "1970-01-01T00:00:00+01:00"}) {
        CAPTURE(std::string_view(text));
        CHECK(iso(text) == "refused");
    }
}

TEST_CASE("the year 9999 is the last, also after the offset") {
    CHECK(iso("9999-12-31T23:59:59.999999Z") == "9999-12-31T23:59:59.999999Z");
    CHECK(iso("9999-12-31T23:59:59-01:00") == "refused");
}

TEST_CASE("epochs are told apart by magnitude") {
    CHECK(epoch("1722428956") == "2024-07-31T12:29:16Z");
    CHECK(epoch("1722428956.25") == "2024-07-31T12:29:16.250Z");
    CHECK(epoch("1722428956123") == "2024-07-31T12:29:16.123Z");
    CHECK(epoch("1722428956123456") == "2024-07-31T12:29:16.123456Z");
    CHECK(epoch("0") == "1970-01-01T00:00:00Z");
}

TEST_CASE("epochs that are none are refused") {
    for (const char* text :
         {"", "-1", "1722428956x", "inf", "nan", "0x10", "999999999999999999999"}) {
        CAPTURE(std::string_view(text));
        CHECK(epoch(text) == "refused");
    }
}

TEST_CASE("durations add up") {
    CHECK(duration_seconds("90s") == 90);
    CHECK(duration_seconds("15m") == 900);
    CHECK(duration_seconds("1d12h") == 129'600);
    CHECK(duration_seconds("2w") == 1'209'600);
    CHECK(parse_duration("250ms") == std::chrono::milliseconds(250));
}

TEST_CASE("durations without number, unit or bound are refused") {
    std::string endless;
    for (int i = 0; i < 100; ++i) endless += "18000y";
    for (const std::string& text : {std::string(),
                                    std::string("m"),
                                    std::string("15"),
                                    std::string("15x"),
                                    std::string("-15m"),
                                    std::string("999999999y"),
                                    endless}) {
        CAPTURE(std::string_view(text));
        CHECK(duration_seconds(text) == -1);
    }
}

TEST_CASE("time expressions are times, epochs or distances back from now") {
    CHECK(expression("now") == "2024-07-31T12:00:00Z");
    CHECK(expression("30d") == "2024-07-01T12:00:00Z");
    CHECK(expression("-3h") == "2024-07-31T09:00:00Z");
    CHECK(expression(" 2024-07-30 ") == "2024-07-30T00:00:00Z");
    CHECK(expression("1722428956") == "2024-07-31T12:29:16Z");
    CHECK(expression("yesterday") == "refused");
    CHECK(expression("") == "refused");
}

TEST_CASE("a distance back beyond 1970 means 1970") {
    CHECK(expression("100y") == "1970-01-01T00:00:00Z");
}

TEST_CASE("a time range holds its start and not its end") {
    const Timestamp noon = *parse_iso8601("2024-07-31T12:00:00Z");
    const TimeRange range{noon, noon + std::chrono::hours(1)};
    CHECK(range.contains(noon));
    CHECK(!range.contains(noon + std::chrono::hours(1)));
    CHECK(!range.contains(noon - std::chrono::microseconds(1)));
    CHECK(TimeRange{}.is_open());
    CHECK(TimeRange{}.contains(noon));
}

TEST_CASE("a range reads both ends and leaves an empty one open") {
    const Timestamp now = *parse_iso8601("2026-03-02T12:00:00Z");
    const auto range = parse_time_range("3h", "", now);
    REQUIRE(range);
    CHECK(range->from == parse_iso8601("2026-03-02T09:00:00Z"));
    CHECK_FALSE(range->to);
    CHECK_FALSE(parse_time_range("", "yesterday-ish", now));
    CHECK(parse_time_range("2024-07-31", "2024-07-31", now));
    const auto backward = parse_time_range("2024-08-01", "2024-07-31", now);
    REQUIRE_FALSE(backward);
    CHECK(backward.error().sentence() ==
          "the time range ends (2024-07-31) before it begins (2024-08-01)");
}
