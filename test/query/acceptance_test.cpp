// The queries AWS publishes (user guides, console samples): those that need only the commands of
// this version must run, those that need more must be refused naming what is missing.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "fixture.h"
#include "query/commands.h"

namespace yagura::query {
namespace {

struct Block {
    std::string id, language, log, expectation, text;
};

std::filesystem::path shared_folder() {
    if (const char* folder = std::getenv("YAGURA_SHARED")) return folder;
    return std::filesystem::path(YAGURA_SOURCE_DIR) / ".." / "shared";
}

std::vector<Block> read_blocks(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::vector<Block> blocks;
    std::string line;
    while (std::getline(in, line)) {
        if (line.starts_with("#! ")) {
            const auto parts = split(std::string_view(line).substr(3), '|');
            if (parts.size() < 4) continue;
            blocks.push_back({std::string(trim(parts[0])),
                              std::string(trim(parts[1])),
                              std::string(trim(parts[2])),
                              std::string(trim(parts[3])),
                              ""});
        } else if (line != "----" && !blocks.empty()) {
            blocks.back().text += line + "\n";
        }
    }
    return blocks;
}

// What of a later version a block needs, as its notes say; "" when nothing.
std::string later_feature(const Planned& planned) {
    for (const Diagnostic& note : planned.notes) {
        if (note.grade == Grade::error && note.message.find("cannot run") != std::string::npos)
            return note.message;
    }
    return "";
}

}  // namespace

TEST_CASE("published queries run, or are refused by name") {
    const auto file = shared_folder() / "reference" / "logs-insights-queries.txt";
    if (!std::filesystem::exists(file)) {
        DOCTEST_MESSAGE("skipped: no " << file.string());
        return;
    }
    Bench bench;
    bench.add(
        "cloudtrail",
        {{"2024-07-31 12:00:00",
          {{"event_action", "'CreateUser'"}, {"extra", R"('{"status":"200","latency":5}')"}}}});
    bench.add("vpc_flow",
              {{"2024-07-31 12:00:01", {{"source_ip", "'192.0.2.4'"}, {"bytes", "10"}}}});
    bench.add("guardduty", {});
    size_t ran = 0, later = 0;
    std::map<std::string, std::vector<std::string>> waiting;
    for (const Block& block : read_blocks(file)) {
        if (block.language != "cwli") continue;
        const Planned planned = bench.planned(block.text);
        const std::string missing = later_feature(planned);
        if (!missing.empty()) {
            waiting[missing].push_back(block.id);
            ++later;
            continue;
        }
        if (block.expectation == "error") {
            CHECK_MESSAGE(!planned.plan, block.id);
            ++ran;
            continue;
        }
        REQUIRE_MESSAGE(
            planned.plan,
            block.id << ": "
                     << to_string(planned.notes.empty() ? Diagnostic{} : planned.notes.back()));
        if (block.expectation == "quirk") CHECK_MESSAGE(!planned.notes.empty(), block.id);
        const std::string answer = bench.ask(block.text);
        CHECK_MESSAGE(answer.find("Error") == std::string::npos, block.id << ": " << answer);
        CHECK_MESSAGE(answer.find("s1 AS NOT MATERIALIZED") == std::string::npos,
                      block.id << ": " << answer);
        ++ran;
    }
    CHECK(ran >= 160);
    std::ostringstream list;
    for (const auto& [missing, ids] : waiting) {
        list << "\n  " << missing << ":";
        for (const std::string& id : ids) list << " " << id;
    }
    DOCTEST_MESSAGE(ran << " run, " << later << " wait for:" << list.str());
}

TEST_CASE_FIXTURE(Bench, "documented results of functions hold") {
    add("cloudtrail", {{"2024-07-31 12:00:00", {{"source_ip", "'192.0.2.4'"}}}});
    CHECK(
        ask(R"(fields ltrim("xyZxyfooxyZ","xyZ") as a, rtrim("xyZfooxyxyZ","xyZ") as b, trim("xyZxyfooxyxyZ","xyZ") as c, substr("xyZfooxyZ",3, 3) as d)") ==
        "fooxyZ|xyZfoo|foo|foo");
    CHECK(
        ask(R"(fields 2 ^ 3 as p, 10 % 3 as m, case(1 = 2, "x", 1 = 1, "y", "z") as c, if(1 > 2, "t", "f") as i)") ==
        "8|1|y|f");
    CHECK(
        ask(R"(fields hexToAscii("48656c6c6f") as text, hexToDec("0xff") as dec, decToHex(255) as hex)") ==
        "Hello|255|ff");
    CHECK(
        ask(R"(fields formatDate(@timestamp, "%Y-%m-%d", "UTC") as date, strftime(@timestamp, "%H", "Asia/Tokyo") as hour)") ==
        "2024-07-31|21");
    CHECK(
        ask(R"(fields parseDate("31/Jul/2024:12:29:16 +0900", "dd/MMM/yyyy:HH:mm:ss Z") as a, parseDate("2024-07-31", "yyyy-MM-dd", "Asia/Tokyo") as b, parseDate("x", "yyyy") as c)") ==
        "1722396556000|1722351600000|-");
    CHECK(
        ask(R"(fields isValidIp("1.2.3.4") as a, isValidIpV6("::1") as b, isValidIpV4("::1") as c, isPrivateIP("10.1.2.3") as d, isPublicIP("8.8.8.8") as e, isReservedIP("127.0.0.1") as f, ipv4ToNumber("0.0.1.2") as g)") ==
        "true|true|false|true|true|true|258");
    CHECK(
        ask(R"(fields isIpv4InSubnet(sourceIPAddress, "192.0.2.0/24") as a, isIpv6InSubnet(sourceIPAddress, "::/0") as b, isIpInSubnet("2001:db8::1", "2001:db8::/32") as c)") ==
        "true|false|true");
    CHECK(
        ask(R"(fields isempty("") as a, isempty(errorCode) as b, isblank(" \t") as c, strcontains("aXb", "x", true) as d, startsWith("ab", "a") as e, endsWith("ab", "a") as f)") ==
        "1|1|1|1|1|0");
    CHECK(
        ask(R"(fields urlencode("a b/日") as a, urldecode("a%20b") as b, base64encode("日") as c, base64decode("5pel") as d, base64decode("!") as e)") ==
        "a%20b%2F%E6%97%A5|a b|5pel|日|-");
    CHECK(
        ask(R"~(fields replace("aba", "a", "x") as a, regexReplace("ab12", "(\d)", "<$1>") as b, toupper("é") as c, strlen("日本") as d, split("a,b", ",") as e, concat("a", errorCode, 1) as f)~") ==
        R"(xbx|ab<1><2>|É|2|["a","b"]|a1)");
    CHECK(
        ask(R"(fields md5("") as a, substr(sha256(""), 0, 8) as b, greatest(1, 3, 2) as c, least(4, 2) as d, round(2.567, 1) as e, floor(-1.5) as f, abs(-2) as g)") ==
        "d41d8cd98f00b204e9800998ecf8427e|e3b0c442|3|2|2.6|-2|2");
    CHECK(
        ask(R"(fields jsonArraySize("[1,2]") as a, jsonArrayContains("[\"x\",\"y\"]", "y") as b, jsonParse("{\"a\":{\"b\":\"c\"}}").a.b as c, jsonStringify(jsonParse("[1]")) as d, toupper(jsonParse("{}")) as e, jsonParse("{") as f)") ==
        "2|true|c|[1]|-|-");
    CHECK(
        ask(R"(fields round(haversine(35.68, 139.77, 34.69, 135.50), 0) as km, toInt("42.9") as a, toNumber("x") as b, isNumeric("1e3") as c, coalesce(errorCode, "none") as d)") ==
        "403|42|-|true|none");
    CHECK(
        ask(R"(fields dateceil(@timestamp, 1d) as a, datefloor(@timestamp, 1mo) as b, datefloor(@timestamp, 1w) as c, fromMillis(0) as d, toMillis(@timestamp) as e, bin(1q) as f)") ==
        "2024-08-01T00:00:00Z|2024-07-01T00:00:00Z|2024-07-29T00:00:00Z|1970-01-01T00:00:00Z|"
        "1722427200000|2024-07-01T00:00:00Z");
}

TEST_CASE("every function has sentences and a usage, and what its row promises is callable") {
    for (const auto rows : {scalar_functions(), aggregate_functions()}) {
        for (const FunctionRow& row : rows) {
            CHECK_MESSAGE(!row.sentence.english.empty(), row.name);
            CHECK_MESSAGE(!row.sentence.japanese.empty(), row.name);
            CHECK_MESSAGE(!row.usage.empty(), row.name);
            CHECK_MESSAGE((row.build != nullptr || !row.sql.empty()), row.name);
            CHECK(find_function(row.name) == &row);
        }
    }
}

}  // namespace yagura::query
