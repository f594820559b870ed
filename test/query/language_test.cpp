// The language, run: what each construct answers over a handful of events.
#include <algorithm>

#include "fixture.h"

namespace yagura::query {
namespace {

// Five CloudTrail events a minute apart; the newest is number 5.
void add_events(Bench& bench) {
    bench.add("cloudtrail",
              {{"2024-07-31 12:00:00",
                {{"event_action", "'ConsoleLogin'"},
                 {"source_ip", "'203.0.113.7'"},
                 {"cloud_account_id", "'111122223333'"},
                 {"read_only", "false"},
                 {"extra", R"('{"userIdentity.inScopeOf":{"source":"ec2"},"note":"200"}')"}}},
               {"2024-07-31 12:01:00",
                {{"event_action", "'GetObject'"},
                 {"source_ip", "'10.0.0.2'"},
                 {"read_only", "true"},
                 {"error_code", "'AccessDenied'"},
                 {"request_parameters",
                  R"('{"bucketName":"b1","size":9,"items":[{"id":"i-1"},{"id":"i-2"}]}')"}}},
               {"2024-07-31 12:02:00",
                {{"event_action", "'GetObject'"},
                 {"source_ip", "'10.0.0.10'"},
                 {"read_only", "true"},
                 {"request_parameters", R"('{"bucketName":"b2","size":10,"a.b":"dotted"}')"},
                 {"event_id", "'11111111-2222-3333-4444-555555555555'"}}},
               {"2024-07-31 12:06:00",
                {{"event_action", "'PutObject'"},
                 {"source_ip", "'2001:db8::1'"},
                 {"user_agent", "'aws-cli/2.0 \"quoted\"'"},
                 {"error_code", "'AccessDenied'"}}},
               {"2024-07-31 13:00:00",
                {{"event_action", "'DeleteTrail'"},
                 {"source_ip", "'cloudtrail.amazonaws.com'"},
                 {"request_parameters", R"('{"size":"100"}')"}}}});
}

struct Events : Bench {
    Events() { add_events(*this); }
};

}  // namespace

TEST_CASE_FIXTURE(Events, "rows come newest first unless sorted") {
    CHECK(ask("fields eventName") == "DeleteTrail; PutObject; GetObject; GetObject; ConsoleLogin");
    CHECK(ask("fields eventName | sort @timestamp asc | limit 2") == "ConsoleLogin; GetObject");
    CHECK(ask("fields eventName | limit 1") == "DeleteTrail");
}

TEST_CASE_FIXTURE(Events, "every name of a field works") {
    for (const char* name : {"sourceIPAddress", "source_ip", "source.ip", "src_endpoint.ip"}) {
        CHECK(ask("filter " + std::string(name) + " = '10.0.0.2' | fields eventName") ==
              "GetObject");
    }
}

TEST_CASE_FIXTURE(Events, "comparing with a missing field is neither true nor false") {
    CHECK(ask("filter errorCode = 'AccessDenied' | stats count(*)") == "2");
    CHECK(ask("filter errorCode != 'x' | stats count(*)") == "2");
    CHECK(ask("filter not errorCode = 'AccessDenied' | stats count(*)") == "0");
    CHECK(ask("filter errorCode not in ['x'] | stats count(*)") == "2");
    CHECK(ask("filter errorCode not like 'x' | stats count(*)") == "2");
    CHECK(ask("filter ispresent(errorCode) | stats count(*)") == "2");
    CHECK(ask("filter not ispresent(errorCode) | stats count(*)") == "3");
}

TEST_CASE_FIXTURE(Events, "a question splits the events into true, false and missing") {
    for (const char* p : {"errorCode = 'AccessDenied'",
                          "requestParameters.size > 9",
                          "sourceIPAddress like /^10/",
                          "readOnly",
                          "isIpInSubnet(sourceIPAddress, '10.0.0.0/29')"}) {
        const std::string q(p);
        const int yes = std::stoi(ask("filter " + q + " | stats count(*)"));
        const int no = std::stoi(ask("filter not (" + q + ") | stats count(*)"));
        const int missing = std::stoi(ask("filter not ispresent(" + q + ") | stats count(*)"));
        CHECK_MESSAGE(yes + no + missing == 5, q);
        CHECK_MESSAGE(yes > 0, q);
    }
}

TEST_CASE_FIXTURE(Events, "text and numbers compare as numbers when the text reads as one") {
    CHECK(ask("filter requestParameters.size > 9 | stats count(*)") == "2");
    CHECK(ask("filter requestParameters.size = '10' | stats count(*)") == "1");
    CHECK(ask("filter requestParameters.size >= '9' | stats count(*)") == "3");
    CHECK(ask("filter recipientAccountId = 111122223333 | stats count(*)") == "1");
    CHECK(ask("filter readOnly = 'true' | stats count(*)") == "2");
    CHECK(ask("filter readOnly = 1 | stats count(*)") == "2");
    CHECK(ask("filter readOnly = false | stats count(*)") == "1");
    CHECK(ask("filter eventName = 5 | stats count(*)") == "0");
}

TEST_CASE_FIXTURE(Events, "times compare with ISO texts and with milliseconds") {
    CHECK(ask("filter @timestamp >= '2024-07-31T12:06:00Z' | stats count(*)") == "2");
    CHECK(ask("filter @timestamp < 1722427260000 | stats count(*)") == "1");
    CHECK(ask("filter toMillis(@timestamp) >= (now() * 1000 - 1800000) | stats count(*)") == "1");
    CHECK(ask("filter eventTime = '2024-07-31T12:06:00Z' | fields eventName") == "PutObject");
    CHECK(ask("filter @timestamp > 'yesterday'").find("'yesterday' is not a time") !=
          std::string::npos);
}

TEST_CASE_FIXTURE(Events, "JSON is reached by dots, indexes and back-ticks") {
    CHECK(ask("filter requestParameters.items.0.id = 'i-1' | fields requestParameters.items.1.id, "
              "requestParameters.items[0].id") == "i-2|i-1");
    CHECK(ask("filter requestParameters.`a.b` = 'dotted' | fields eventName") == "GetObject");
    CHECK(ask("filter userIdentity.inScopeOf.source = 'ec2' | fields eventName, note") ==
          "ConsoleLogin|200");
    CHECK(ask("fields jsonParse('{\"a\":[1,{\"b\":2}]}') as js | display js.a[1].b, js.a.0, "
              "jsonParse('[7]')[0] | limit 1") == "2|1|7");
    CHECK(ask("filter requestParameters like 'bucketName' | stats count(*)") == "2");
    CHECK(ask("filter requestParameters = 'x' | stats count(*)") == "0");
}

TEST_CASE_FIXTURE(Events, "like finds parts, regular expressions search") {
    CHECK(ask("filter eventName like 'Object' | stats count(*)") == "3");
    CHECK(ask("filter eventName like 'object' | stats count(*)") == "0");
    CHECK(ask("filter eventName like /(?i)object/ | stats count(*)") == "3");
    CHECK(ask("filter eventName =~ /^Get|Trail$/ | stats count(*)") == "3");
    CHECK(ask("filter userAgent like '%' | stats count(*)") == "0");
    CHECK(ask("filter eventName like /(?<x>Put)/ | stats count(*)") == "1");
    CHECK(ask("filter eventName like /(?=a)/").find("is not valid (RE2)") != std::string::npos);
}

TEST_CASE_FIXTURE(Events, "stats groups, names its columns and can be repeated") {
    CHECK(ask("stats count(*) as n by eventName | sort n desc, eventName asc | limit 2") ==
          "GetObject|2; ConsoleLogin|1");
    CHECK(ask("stats count(*) by bin(5m)") ==
          "2024-07-31T12:00:00Z|3; 2024-07-31T12:05:00Z|1; 2024-07-31T13:00:00Z|1");
    CHECK(ask("stats count(*) as n by eventName | stats max(n), count(*) as kinds") == "2|4");
    CHECK(ask("stats sum(requestParameters.size) / 2 as half, half + 1 as more") == "59.5|60.5");
    CHECK(ask("stats min(requestParameters.size), max(requestParameters.size), "
              "avg(requestParameters.size)") == "9|100|39.666666666666664");
    CHECK(ask("stats count(errorCode), count_distinct(eventName), countDistinct(errorCode)") ==
          "2|4|1");
    CHECK(ask("stats earliest(eventName), latest(eventName), latest(errorCode)") ==
          "ConsoleLogin|DeleteTrail|AccessDenied");
    CHECK(ask("stats sortsFirst(sourceIPAddress), sortsLast(sourceIPAddress)") ==
          "10.0.0.2|cloudtrail.amazonaws.com");
    CHECK(ask("stats pct(requestParameters.size, 50)") == "10");
    CHECK(ask("stats values(eventName) as names") ==
          R"(["ConsoleLogin","DeleteTrail","GetObject","PutObject"])");
    CHECK(ask("stats count(*) as n by `eventName` | filter n > 1 | display eventName, n * 10") ==
          "GetObject|20");
}

TEST_CASE_FIXTURE(Events, "columns of stats can be called by their text") {
    CHECK(ask("stats count( * ) by eventName | filter `count(*)` > 1 | fields eventName") ==
          "GetObject");
    CHECK(ask("stats count(*) by eventName | sort `COUNT(*)` desc | limit 1") == "GetObject|2");
}

TEST_CASE_FIXTURE(Events, "after stats only its outputs exist") {
    CHECK(first_note("stats count(*) by eventName | stats max(strlen(@message))")
              .find("query:1:48: error: '@message' no longer exists") != std::string::npos);
    CHECK(first_note("stats count(*) as c by eventName | stats avg(c) by bin(5m)")
              .find("'@timestamp' no longer exists") != std::string::npos);
    CHECK(first_note("stats count(*), eventName").find("must stand in an aggregate") !=
          std::string::npos);
    CHECK(first_note("filter count(*) > 1").find("needs stats") != std::string::npos);
    CHECK(first_note("stats sum(count(*))").find("inside another aggregate") != std::string::npos);
    CHECK(first_note("stats count(*) as c by a, b | sort c desc | stats max(c) by a")
              .find("only come after the last stats") != std::string::npos);
    CHECK(first_note("dedup eventName | filter eventName = 'a'")
              .find("only limit may follow dedup") != std::string::npos);
}

TEST_CASE_FIXTURE(Events, "published quirks are understood, with a warning") {
    CHECK(ask("stats count(*) as n by eventName | filter errorCode = 'AccessDenied' | sort n desc, "
              "eventName") == "GetObject|1; PutObject|1");
    CHECK(first_note("stats count(*) as n by eventName | filter errorCode = 'x'")
              .find("warning: this condition") != std::string::npos);
    CHECK(ask("stats count(*) as n by eventName | filter errorCode = 'AccessDenied' and eventName "
              "like 'Put' and n > 0") == "PutObject|1");
    CHECK(ask("stats count(*) as n by bin(1h) | sort @timestamp desc") ==
          "2024-07-31T13:00:00Z|1; 2024-07-31T12:00:00Z|4");
    CHECK(ask("stats count(*) as n by eventName | sort nothing desc | limit 1") ==
          "ConsoleLogin|1");
    CHECK(ask("filter eventName == `GetObject` | stats count(*)") == "2");
    CHECK(first_note("stats count(*) by bin(300s)").find("(bin(5m))") != std::string::npos);
}

TEST_CASE_FIXTURE(Events, "dedup keeps the first of each combination and all rows that lack one") {
    CHECK(ask("fields eventName | dedup eventName") ==
          "DeleteTrail; PutObject; GetObject; ConsoleLogin");
    CHECK(ask("fields sourceIPAddress | sort @timestamp asc | filter eventName = 'GetObject' | "
              "dedup eventName")
              .find("only limit") == std::string::npos);
    CHECK(ask("fields eventName, errorCode | dedup errorCode") ==
          "DeleteTrail|-; PutObject|AccessDenied; GetObject|-; ConsoleLogin|-");
}

TEST_CASE_FIXTURE(Events, "parse makes fields and keeps events that do not match") {
    CHECK(ask("parse eventName '*Object' as verb | display verb") == "-; Put; Get; Get; -");
    CHECK(
        ask("parse sourceIPAddress /(?<a>\\d+)\\.(?<b>\\d+)/ | filter a > 9 | stats max(b) by a") ==
        "10|0; 203|0");
    CHECK(ask("parse @message 'record */* level=*' as o, n, rest | sort n asc | limit 1 | display "
              "o, n, rest") == "1|0|ERROR user=\"a b\"");
    CHECK(ask("parse @message logfmt as f | display f.level, f.user | limit 1") == "ERROR|a b");
    CHECK(ask("parse sourceIPAddress csv as a, b | display a, b | limit 1") ==
          "cloudtrail.amazonaws.com|-");
    CHECK(
        ask("parse eventName /(x)?(Get)/ as a, b | filter ispresent(b) | display a, b | limit 1") ==
        "-|Get");
}

TEST_CASE_FIXTURE(Events, "the text of records is read only where it is needed") {
    CHECK_FALSE(
        planned("fields @timestamp, @message | filter eventName = 'x'").plan->needs_message);
    CHECK(planned("filter @message like 'x'").plan->needs_message);
    CHECK(ask("filter @message like '1/4' | fields eventName, @message") == "DeleteTrail|@");
    CHECK(ask("fields @log, @logStream, @ingestionTime | sort @timestamp asc | limit 1") ==
          "111122223333:cloudtrail|object-1.json.gz|2023-11-14T22:13:20Z");
}

TEST_CASE_FIXTURE(Events, "arithmetic never overflows and never divides by zero") {
    CHECK(ask("fields 2 ^ 3 as p, 10 % 3 as m, 7 / 2 as q, 1 / 0 as z, -ordinal as n | sort "
              "@timestamp asc | limit 1") == "8|1|3.5|-|0");
    CHECK(ask("fields ordinal * 9223372036854775807 * 9223372036854775807 > 1e38 as big, ordinal % "
              "0 as m | limit 1") == "true|-");
    CHECK(ask("fields sqrt(ordinal - 9) as s, log(0 - ordinal) as l | limit 1") == "-|-");
}

TEST_CASE_FIXTURE(Events, "unknown names are told with a suggestion") {
    CHECK(first_note("filter evntName = 'x'") ==
          "query:1:8: warning: no log type here has a field 'evntName'; it is missing unless an "
          "event carries it (did you mean 'eventName'?)");
    CHECK(first_note("fields strlenn(eventName)") ==
          "query:1:8: error: there is no function 'strlenn' (did you mean 'strlen'?)");
    CHECK(
        first_note("fields strlen()").find("wrong number of arguments for strlen (strlen(text))") !=
        std::string::npos);
    CHECK(first_note("stats topk(3, eventName)").find("topk() is part of Logs Insights") !=
          std::string::npos);
}

TEST_CASE("several log types are one set of events") {
    Bench bench;
    add_events(bench);
    bench.add("vpc_flow",
              {{"2024-07-31 12:30:00",
                {{"source_ip", "'10.0.0.2'"},
                 {"bytes", "1500"},
                 {"event_action", "'REJECT'"},
                 {"flow_version", "2"}}},
               {"2024-07-31 12:31:00",
                {{"source_ip", "'10.0.0.3'"}, {"bytes", "500"}, {"event_action", "'ACCEPT'"}}}});
    CHECK(bench.ask("filter source.ip = '10.0.0.2' | fields @log, event.action") ==
          ":vpc_flow|REJECT; :cloudtrail|GetObject");
    CHECK(bench.ask("stats sum(bytes) as total by srcAddr | sort total desc | limit 2") ==
          "10.0.0.2|1500; 10.0.0.3|500");
    CHECK(bench.ask("stats count(*) by action") == "-|5; ACCEPT|1; REJECT|1");
    CHECK(bench.ask("stats count(*) as n by cloud.region") == "-|7");
}

TEST_CASE("any text can be asked for without harm") {
    Bench bench;
    const std::vector<std::string> texts = {"'; DROP TABLE cloudtrail; --",
                                            "\" OR 1=1",
                                            "{0}",
                                            "$1",
                                            "?",
                                            "\\",
                                            "%",
                                            "日本語 \xF0\x9F\x94\xA5",
                                            "a\nb",
                                            "')) UNION SELECT 1"};
    std::vector<Row> rows;
    for (const std::string& text : texts)
        rows.push_back({"2024-07-31 12:00:00", {{"user_agent", sql::quote_literal(text)}}});
    bench.add("cloudtrail", rows);
    for (const std::string& text : texts) {
        std::string quoted;
        for (const char c : text) {
            if (c == '"' || c == '\\') quoted += '\\';
            quoted += c;
        }
        CHECK_MESSAGE(
            bench.ask("filter userAgent = \"" + quoted + "\" | display userAgent") == text, text);
        CHECK_MESSAGE(bench.ask("filter userAgent like \"" + quoted + "\" | stats count(*)") != "0",
                      text);
        CHECK_MESSAGE(bench.ask("stats count(*) as `" + text + "`") == "10", text);
        CHECK_MESSAGE(bench.ask("fields requestParameters.`" + text + "` | limit 1") == "-", text);
        CHECK_MESSAGE(bench.last_sql.find(text == "?" || text == "%" || text == "\\" || text == "$1"
                                              ? "DROP"
                                              : text) == std::string::npos,
                      text);
    }
}

TEST_CASE_FIXTURE(Bench, "text that is no number of ours spoils no sum and fails no query") {
    add("cloudtrail",
        {{"2024-07-31 14:00:00",
          {{"request_parameters", R"('{"size":"NaN","n":"1e300","d":"-1e300"}')"}}},
         {"2024-07-31 14:01:00", {{"request_parameters", R"('{"size":"Infinity"}')"}}},
         {"2024-07-31 14:02:00", {{"request_parameters", R"('{"size":"1_000"}')"}}},
         {"2024-07-31 14:03:00", {{"request_parameters", R"('{"size":" +7 "}')"}}}});
    CHECK(ask("stats sum(requestParameters.size) as s, max(requestParameters.size) as m") == "7|7");
    CHECK(ask("filter requestParameters.size > 1000 | stats count(*) as n") == "0");
    CHECK(ask("filter isNumeric(requestParameters.size) | stats count(*) as n") == "1");
    CHECK(ask("filter ispresent(requestParameters.n) | fields "
              "substr('abc', requestParameters.n) as a, substr('abc', requestParameters.d) as b, "
              "substr('abc', 1.9, 1e30) as c, round(2.5, requestParameters.n) as d, "
              "substr('abc', requestParameters.none) as e, "
              "fromMillis(requestParameters.n) as f") == "|abc|bc|2.5|-|-");
    CHECK(ask("stats stddev(requestParameters.n) as s") == "-");
}

TEST_CASE_FIXTURE(Events, "booleans are text as they are shown, and text says what it says") {
    CHECK(ask("filter readOnly like 'tru' | stats count(*) as n") == "2");
    CHECK(ask("filter eventName = 'ConsoleLogin' | fields concat(readOnly, '!') as x") == "false!");
    CHECK(ask("filter requestParameters.size = true | stats count(*) as n") == "0");
    CHECK(ask("filter requestParameters.size != true | stats count(*) as n") == "3");
}

TEST_CASE_FIXTURE(Events, "an address may be written as the record has it") {
    for (const char* text : {"2001:db8::1", "2001:0DB8:0:0:0:0:0:1"}) {
        const std::string quoted = std::string("'") + text + "'";
        CHECK(ask("filter sourceIPAddress = " + quoted + " | fields eventName") == "PutObject");
        CHECK(ask("filter sourceIPAddress in ['x', " + quoted + "] | fields eventName") ==
              "PutObject");
        CHECK(ask("filter sourceIPAddress != " + quoted + " | stats count(*) as n") == "4");
    }
}

TEST_CASE_FIXTURE(Bench, "an id that is no UUID is asked for as any other") {
    add("cloudtrail",
        {{"2024-07-31 13:00:00",
          {{"event_action", "'GetObject'"},
           {"event_id", "'11111111-2222-3333-4444-555555555555'"}}},
         {"2024-07-31 14:00:00", {{"extra", R"('{"eventID":"EXAMPLE-1"}')"}}},
         {"2024-07-31 14:01:00",
          {{"extra", R"('{"eventID":"AAAAAAAA-2222-3333-4444-555555555555"}')"}}}});
    CHECK(ask("filter ispresent(eventID) | fields eventID") ==
          "AAAAAAAA-2222-3333-4444-555555555555; EXAMPLE-1; 11111111-2222-3333-4444-555555555555");
    CHECK(ask("filter eventID = 'EXAMPLE-1' | stats count(*) as n") == "1");
    CHECK(ask("filter eventID != 'EXAMPLE-1' | stats count(*) as n") == "2");
    CHECK(ask("filter eventID like /AMPLE/ | stats count(*) as n") == "1");
    CHECK(ask("filter eventID in ['EXAMPLE-1', '11111111-2222-3333-4444-555555555555'] | "
              "stats count(*) as n") == "2");
    CHECK(ask("filter eventID = 'AAAAAAAA-2222-3333-4444-555555555555' | stats count(*) as n") ==
          "1");
    CHECK(ask("filter eventID = '11111111-2222-3333-4444-555555555555' | fields eventName") ==
          "GetObject");
    CHECK(ask("stats count_distinct(eventID) as n") == "3");
}

TEST_CASE_FIXTURE(Events,
                  "regular expressions keep their brackets and replacements their backslashes") {
    CHECK(ask("filter eventName like /[(?<]/ | stats count(*) as n") == "0");
    CHECK(ask("filter 'aPb' like /a[](?<P]b/ | stats count(*) as n") == "5");
    CHECK(ask(R"(limit 1 | fields regexReplace('a.b', /[.]/, "\\x") as x)") == R"(a\xb)");
    CHECK(ask("limit 1 | fields regexReplace('a.b', /(.)b/, '$1$1') as x") == "a..");
    CHECK(ask("fields regexReplace('a', /a/, '$1') as x").find("group 1") != std::string::npos);
}

TEST_CASE_FIXTURE(Events,
                  "periods before 1970 and dates with a zone are right, others are errors") {
    CHECK(ask("limit 1 | fields datefloor(fromMillis(-1), 1h) as a, datefloor(fromMillis(0), 1w) "
              "as b") == "1969-12-31T23:00:00Z|1969-12-29T00:00:00Z");
    CHECK(ask("limit 1 | fields parseDate('31/Jul/2024:12:00:00 +0900', 'dd/MMM/yyyy:HH:mm:ss Z', "
              "'America/New_York') as a, parseDate('2024-07-31 12:00', 'yyyy-MM-dd HH:mm', "
              "'+09:00') as b, parseDate('13:00 PM', 'hh:mm a') as c, "
              "formatDate(fromMillis(0), '%H:%M', '-03:30') as d, "
              "formatDate(fromMillis(0), '%H', 'asia/tokyo') as e") ==
          "1722394800000|1722394800000|-|20:30|09");
    const std::pair<const char*, const char*> mistakes[] = {
        {"bin(1000000y)", "'1000000y'"},
        {"bin(-5m)", "'-5m'"},
        {"formatDate(@timestamp, '%H', 'Asia/Tokio')", "Asia/Tokyo"},
        {"formatDate(@timestamp, '%q')", "'%q'"},
        {"parseDate('x', 'yyyy-DDD')", "'DDD'"},
        {"parseDate('x', \"yyyy 'x\")", "''x'"}};
    for (const auto& [call, wanted] : mistakes)
        CHECK_MESSAGE(ask(std::string("fields ") + call).find(wanted) != std::string::npos, call);
}

}  // namespace yagura::query
