// Questions to a lake over the API: what there is, rows as they come, counts, single events.
#include <filesystem>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../query/lake_fixture.h"
#include "api/api.h"
#include "http/json.h"
#include "query/pool.h"
#include "support/folder.h"

using namespace yagura;
using http::Json;
using http::Method;

namespace {

constexpr std::string_view kOurs = "111122223333";

std::string cloudtrail(int number, bool theirs) {
    const char* account = theirs ? "222222222222" : "111122223333";
    return fmt::format(
        R"json({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","accountId":"{0}","userName":"{1}"}},)json"
        R"json("eventTime":"2024-07-31T{2:02}:00:00Z","eventSource":"{3}.amazonaws.com","eventName":"{4}",)json"
        R"json("awsRegion":"us-east-1","sourceIPAddress":"{5}","userAgent":"<script>alert({6})</script>","errorCode":"{7}",)json"
        R"json("requestID":"R{6}","eventID":"00000000-0000-0000-000{8}-{6:012}","eventType":"AwsApiCall",)json"
        R"json("recipientAccountId":"{0}","eventCategory":"Management"}})json",
        account,
        theirs ? "tenantb" : "alice",
        number % 24,
        theirs ? "tenantb" : "s3",
        theirs ? "Tenantb" : (number % 4 == 0 ? "PutObject" : "GetObject"),
        theirs ? fmt::format("198.51.100.{}", number % 99)
               : fmt::format("203.0.113.{}", number % 3),
        number,
        theirs ? "Tenantb" : (number % 2 == 0 ? "AccessDenied" : "Throttled"),
        theirs ? 2 : 1);
}

// A writer that keeps what it is given, and whose client can leave.
struct Kept final : http::BodyWriter {
    std::string text;
    size_t stays_for = SIZE_MAX;  // lines
    std::function<void()> left;

    bool write(std::string_view bytes) override {
        if (stays_for == 0) return false;
        --stays_for;
        text += bytes;
        if (stays_for == 0 && left) left();
        return stays_for > 0;
    }
    bool is_open() const override { return stays_for > 0; }
    void on_leave(std::function<void()> leave) override { left = std::move(leave); }
};

struct Told {
    int status = 0;
    Json json;
    std::string body;
    std::vector<Json> lines;  // of a stream

    const Json& operator[](std::string_view key) const {
        const Json* found = json.find(key);
        REQUIRE_MESSAGE(found, body);
        return *found;
    }
    std::string error() const {
        const Json* found = json.find("error");
        return found ? std::string(found->text("code")) : "";
    }
    // The last line of a stream, which is `key`.
    const Json& last(std::string_view key) const {
        REQUIRE_FALSE(lines.empty());
        const Json* found = lines.back().find(key);
        REQUIRE_MESSAGE(found, body);
        return *found;
    }
    std::vector<Json> rows() const {
        std::vector<Json> all;
        for (const Json& line : lines)
            for (const Json& row : line.list("rows")) all.push_back(row);
        return all;
    }
};

struct Console {
    test::Folder logs;
    std::unique_ptr<query::SampleLake> lake;
    std::unique_ptr<query::EnginePool> engines;
    auth::Principal who{"mika", auth::Role::viewer, AccountScope::all(), "", ""};
    api::Services services;
    api::Api api{services};

    explicit Console(bool with_theirs = true) {
        std::string ours, theirs;
        for (int i = 0; i < 48; ++i) ours += (i > 0 ? "," : "") + cloudtrail(i, false);
        for (int i = 0; i < 100; ++i) theirs += (i > 0 ? "," : "") + cloudtrail(i, true);
        logs.write("a.json", R"json({"Records":[)json" + ours + "]}");
        if (with_theirs) logs.write("b.json", R"json({"Records":[)json" + theirs + "]}");
        lake = std::make_unique<query::SampleLake>(std::vector{logs.path()});
        engines = std::make_unique<query::EnginePool>(lake->folder(), query::PoolOptions{});
        services.now = [] { return from_micros(1'722'600'000'000'000); };
        services.lake = lake->folder();
        services.engines = engines.get();
        services.identify = [this](const http::Request&) {
            return Result<std::optional<auth::Principal>>(who);
        };
    }
    Told ask(Method method,
             std::string_view target,
             std::string body = "",
             size_t lines = SIZE_MAX) {
        http::Request request;
        request.method = method;
        REQUIRE(http::read_target(target, request));
        request.body = std::move(body);
        const http::Response response = api.answer(request).response;
        Told told;
        told.status = response.status;
        if (response.write) {
            Kept kept;
            kept.stays_for = lines;
            response.write(kept);
            told.body = kept.text;
            size_t at = 0;
            while (at < told.body.size()) {
                const size_t end = told.body.find('\n', at);
                REQUIRE(end != std::string::npos);
                auto line = Json::parse(std::string_view(told.body).substr(at, end - at));
                REQUIRE(line);
                told.lines.push_back(std::move(*line));
                at = end + 1;
            }
            return told;
        }
        told.body = response.body;
        auto json = Json::parse(response.body);
        REQUIRE(json);
        told.json = std::move(*json);
        return told;
    }
    Told post(std::string_view target, std::string body) {
        return ask(Method::post, std::string("/api/v1") + std::string(target), std::move(body));
    }
    Told get(std::string_view target) {
        return ask(Method::get, std::string("/api/v1") + std::string(target));
    }
};

}  // namespace

TEST_CASE("the lake tells what it holds") {
    Console console;
    const Told lake = console.get("/lake");
    CHECK(lake.status == 200);
    CHECK(lake["rows"].as_integer() == 148);
    const Json& type = lake["log_types"].as_list().at(0);
    CHECK(type.text("name") == "cloudtrail");
    CHECK(type.text("first") == "2024-07-31T00:00:00Z");
    CHECK(type.integer("bytes") > 0);
    CHECK(lake["accounts"].as_list().size() == 2);
}

TEST_CASE("where there is no lake yet, there is nothing in it") {
    Console console;
    query::EnginePool none("/nonexistent/lake", {});
    console.services.engines = &none;
    CHECK(console.get("/lake")["rows"].as_integer() == 0);
    console.services.engines = nullptr;
    CHECK(console.get("/lake")["rows"].as_integer() == 0);
    CHECK(console.post("/query", R"json({"query":"fields @message"})json").error() == "not_found");
}

TEST_CASE("fields and language come from their tables, in the reader's language") {
    Console console;
    const Told fields = console.get("/fields?types=cloudtrail");
    const Json* ip = nullptr;
    for (const Json& field : fields["items"].as_list())
        if (field.text("column") == "source_ip") ip = &field;
    REQUIRE(ip);
    CHECK(ip->text("name") == "sourceIPAddress");
    CHECK(ip->text("ecs") == "source.ip");
    CHECK(ip->texts("types") == std::vector<std::string>{"cloudtrail"});
    const Told all = console.get("/fields");
    for (const Json& field : all["items"].as_list())
        if (field.text("column") == "source_ip") CHECK(field.texts("types").size() > 1);
    const Told language = console.get("/language");
    CHECK(language["commands"].as_list().size() > 5);
    CHECK(language["functions"].as_list().size() > 50);
}

TEST_CASE("an answer comes in lines, the last one says how it went") {
    Console console;
    const Told told = console.post(
        "/query",
        R"json({"query":"fields @timestamp, eventName, ordinal, @ptr, userAgent | sort @timestamp asc | limit 3"})json");
    CHECK(told.status == 200);
    CHECK(told.lines.at(0).list("columns").size() == 5);
    CHECK(told.lines.at(0).list("columns")[0].text("type") == "time");
    const auto rows = told.rows();
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].as_list()[0].as_text() == "2024-07-31T00:00:00Z");
    CHECK(rows[0].as_list()[2].as_integer().has_value());
    CHECK(rows[0].as_list()[4].as_text()->find("<script>") == 0);
    CHECK(told.body.find("<script>") == std::string::npos);
    CHECK(told.last("done").integer("rows") == 3);
    CHECK(told.last("done").boolean("limited") == false);
    CHECK(told.last("done").integer("bytes_opened") > 0);
}

TEST_CASE("integers that JSON readers would round come as text") {
    Console console;
    const Told told = console.post(
        "/query",
        R"json({"sql":true,"query":"SELECT 9007199254740993, 9007199254740992, 1.5, NULL, TRUE, 'x', CAST('NaN' AS DOUBLE)"
})json");
    const auto rows = told.rows();
    REQUIRE(rows.size() == 1);
    const auto& cells = rows[0].as_list();
    CHECK(cells[0].as_text() == "9007199254740993");
    CHECK(cells[1].as_integer() == 9007199254740992);
    CHECK(cells[2].as_number() == 1.5);
    CHECK(cells[3].is_null());
    CHECK(cells[4].as_boolean() == true);
    CHECK(cells[5].as_text() == "x");
    CHECK(cells[6].is_null());
}

TEST_CASE("rows come in blocks, and a limit cuts and says so") {
    Console console;
    Told told =
        console.post("/query", R"json({"sql":true,"query":"SELECT * FROM range(1200)","limit":1100
})json");
    CHECK(told.rows().size() == 1100);
    size_t blocks = 0;
    for (const Json& line : told.lines) {
        if (line.find("rows") == nullptr) continue;
        ++blocks;
        CHECK(line.list("rows").size() <= 500);
    }
    CHECK(blocks == 3);
    CHECK(told.last("done").boolean("limited") == true);
    CHECK(console.post("/query", R"json({"query":"fields @message","limit":0})json").error() ==
          "invalid");
    CHECK(
        console.post("/query", R"json({"query":"fields @message","limit":1000001})json").error() ==
        "invalid");
    CHECK(console.post("/query", R"json({"query":""})json").error() == "invalid");
}

TEST_CASE("mistakes have a place") {
    Console console;
    const Told told =
        console.post("/query", R"json({"query":"fields eventName\n| filtr x = 1"})json");
    CHECK(told.status == 400);
    CHECK(told.error() == "invalid");
    const auto& notes = told["error"].list("diagnostics");
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].integer("line") == 2);
    CHECK(notes[0].integer("column") == 3);
    CHECK(notes[0].integer("end_column") == 8);
    // What only planning sees comes in the stream.
    const Told planned =
        console.post("/query", R"json({"query":"filter nosuch(eventName) = 1"})json");
    CHECK(planned.last("error").text("code") == "invalid");
    CHECK(planned.last("error").list("diagnostics").size() == 1);
    CHECK(console.post("/query", R"json({"query":"fields x","types":["cloudtrial"]})json")
              .last("error")
              .text("message")
              .find("cloudtrail") != std::string_view::npos);
    const Told check =
        console.post("/query/check", R"json({"query":"filter eventNmae = 'x'"})json");
    CHECK(check["notes"].as_list().at(0).text("severity") == "warning");
    CHECK(check["columns"].as_list().size() == 2);
    CHECK_FALSE(check["plan"].as_text()->empty());
    const Told sql = console.post(
        "/query/check", R"json({"sql":true,"query":"SELECT nosuch FROM cloudtrail"})json");
    CHECK(sql["notes"].as_list().at(0).text("severity") == "error");
}

TEST_CASE("an answer that nobody reads any more ends") {
    Console console;
    const Told told =
        console.ask(Method::post,
                    "/api/v1/query",
                    R"json({"sql":true,"query":"SELECT range FROM range(1000000000000)"})json",
                    3);
    CHECK(told.lines.size() == 3);
    CHECK(console.engines->load().running == 0);
    CHECK(console.ask(Method::del, "/api/v1/query/nothing").status == 200);
}

TEST_CASE("facets count exactly, in one order") {
    Console console;
    const Told told = console.post(
        "/facets",
        R"json({"fields":["event.action","source_ip","userIdentity.nosuch","readOnly","log_type"],"filter":"cloud_account_id = '111122223333'"})json");
    CHECK(told.status == 200);
    CHECK(told["total"].as_integer() == 48);
    const auto& items = told["items"].as_list();
    REQUIRE(items.size() == 5);
    CHECK(items[0].text("field") == "event.action");
    CHECK(items[0].integer("distinct") == 2);
    CHECK(items[0].list("values")[0].text("value") == "GetObject");
    CHECK(items[0].list("values")[0].integer("count") == 36);
    CHECK(items[1].list("values").size() == 3);
    CHECK(items[1].list("values")[0].text("value") == "203.0.113.0");
    CHECK(items[2].integer("distinct") == 0);
    CHECK(items[2].integer("missing") == 48);
    CHECK(items[4].list("values")[0].text("value") == "cloudtrail");
    CHECK(console.post("/facets", R"json({"fields":[]})json").error() == "invalid");
    CHECK(console.post("/facets", R"json({"fields":["a` | limit 1"]})json").status == 400);
    CHECK(console.post("/facets", R"json({"fields":["x"],"size":100000})json").status == 400);
}

TEST_CASE("a filter is a condition, and what is wrong with it is told in its own columns") {
    Console console;
    const Told more = console.post(
        "/facets", R"json({"fields":["eventName"],"filter":"eventName = 'x' | limit 1"})json");
    CHECK(more.status == 400);
    const Told wrong = console.post("/histogram", R"json({"filter":"eventName == = 'x'"})json");
    CHECK(wrong.status == 400);
    CHECK(wrong["error"].list("diagnostics").at(0).integer("column") == 14);
    const Told unknown = console.post("/histogram", R"json({"filter":"nosuch(eventName)"
})json");
    CHECK(unknown.status == 400);
    CHECK(unknown["error"].list("diagnostics").at(0).integer("column") == 1);
    // A comment at the end takes nothing of what follows.
    CHECK(
        console.post("/histogram", R"json({"filter":"eventName = 'PutObject' # put"})json")["total"]
            .as_integer() == 12);
}

TEST_CASE("a histogram has all its buckets and every event in one") {
    Console console;
    const Told all = console.post("/histogram", R"json({"by":"log_type"})json");
    CHECK(all["total"].as_integer() == 148);
    CHECK(all["bucket_seconds"].as_integer() == 1800);
    CHECK(all["series"].as_list().at(0).text("key") == "cloudtrail");
    const size_t buckets = all["starts"].as_list().size();
    CHECK(buckets == 47);
    CHECK(all["series"].as_list()[0].list("counts").size() == buckets);
    const Told day = console.post(
        "/histogram",
        R"json({"from":"2024-07-31T06:00:00Z","to":"2024-07-31T12:00:00Z","buckets":6,"by":"event.action","filter":"cloud_account_id = '111122223333'"})json");
    CHECK(day["bucket_seconds"].as_integer() == 3600);
    CHECK(day["starts"].as_list().size() == 6);
    CHECK(day["total"].as_integer() == 12);
    int64_t sum = 0;
    for (const Json& series : day["series"].as_list())
        for (const Json& count : series.list("counts")) sum += *count.as_integer();
    CHECK(sum == 12);
    const Told empty =
        console.post("/histogram", R"json({"from":"2030-01-01","to":"2030-01-02"})json");
    CHECK(empty["total"].as_integer() == 0);
    CHECK(empty["starts"].as_list().size() == 48);
    CHECK(console.post("/histogram", R"json({"buckets":0})json").status == 400);
    CHECK(console.post("/histogram", R"json({"by":"a` | limit 1"})json").status == 400);
}

TEST_CASE("an event tells its fields, its bytes and where they are") {
    Console console;
    const auto rows =
        console
            .post(
                "/query",
                R"json({"query":"filter requestID = 'R7' and cloud_account_id = '111122223333' | fields @ptr"})json")
            .rows();
    REQUIRE(rows.size() == 1);
    const std::string key(*rows[0].as_list()[0].as_text());
    const Told event = console.get("/events/" + key);
    CHECK(event.status == 200);
    CHECK(event["log_type"].as_text() == "cloudtrail");
    CHECK(event["time"].as_text() == "2024-07-31T07:00:00Z");
    CHECK(event["raw"].as_text() == cloudtrail(7, false));
    CHECK(event["raw_rebuilt"].as_boolean() == false);
    CHECK(event["object"].boolean("available"));
    std::set<std::string> columns;
    for (const Json& field : event["fields"].as_list()) columns.emplace(field.text("column"));
    CHECK(columns.count("source_ip") == 1);
    CHECK(columns.count("object_id") == 0);
    CHECK(console.get("/events/1/99999").status == 404);
    CHECK(console.get("/events/x/1").status == 400);
    CHECK(console.get("/events/-1/1").status == 400);
    std::filesystem::remove(console.logs / "a.json");
    CHECK(console.get("/events/" + key)["raw_rebuilt"].as_boolean() == true);
}

TEST_CASE(
    "two tenants: whatever one asks over the API, the answer is that of a lake without the other") {
    Console both;
    Console alone(false);
    both.who.accounts = alone.who.accounts = AccountScope::of({std::string(kOurs)});
    const auto told =
        [](Console& console, Method method, const std::string& target, const std::string& body) {
            Told answer = console.ask(method, "/api/v1" + target, body);
            std::string text = fmt::format("{} {}", answer.status, answer.body);
            // Time spent is nobody's data.
            for (size_t at = 0; (at = text.find("\"elapsed_ms\":", at)) != std::string::npos;
                 ++at) {
                const size_t digits = at + 13;
                text.erase(digits, text.find_first_not_of("0123456789", digits) - digits);
            }
            return text;
        };
    struct Question {
        Method method;
        std::string target, body;
    };
    const Question questions[] = {
        {Method::get, "/lake", ""},
        {Method::get, "/fields", ""},
        {Method::post,
         "/query",
         R"json({"query":"fields @timestamp, @message, @ptr, @logStream"})json"},
        {Method::post, "/query", R"json({"query":"filter eventName = 'Tenantb'"})json"},
        {Method::post,
         "/query",
         R"json({"query":"stats count(*), min(@timestamp) by eventName, @log"})json"},
        {Method::post, "/query", R"json({"query":"fields nosuchname"})json"},
        {Method::post, "/query", R"json({"query":"SELECT * FROM cloudtrail","sql":true})json"},
        {Method::post, "/query", R"json({"query":"SELECT count(*) FROM vpc_flow","sql":true})json"},
        {Method::post,
         "/query",
         R"json({"query":"SELECT CAST(event_action AS INT) FROM cloudtrail","sql":true})json"},
        {Method::post, "/query/check", R"json({"query":"filter eventName = 'Tenantb'"})json"},
        {Method::post,
         "/query/check",
         R"json({"query":"SELECT * FROM cloudtrail","sql":true})json"},
        {Method::post,
         "/facets",
         R"json({"fields":["eventName","source_ip","userName","log_type","@logStream","cloud_account_id"],"size":100})json"},
        {Method::post,
         "/facets",
         R"json({"fields":["eventName"],"filter":"eventName like 'enant'"})json"},
        {Method::post, "/facets", R"json({"fields":["eventNmae"]})json"},
        {Method::post, "/histogram", R"json({"by":"eventName"})json"},
        {Method::post,
         "/histogram",
         R"json({"by":"log_type","filter":"source_ip like '198'"})json"},
        {Method::post, "/histogram", R"json({"by":"level"})json"},
        {Method::get, "/events/1/3", ""},
        {Method::get, "/events/2/3", ""},
        {Method::get, "/events/2/99999", ""},
    };
    for (const Question& question : questions) {
        CAPTURE(question.target);
        CAPTURE(question.body);
        const std::string mixed = told(both, question.method, question.target, question.body);
        CHECK(mixed == told(alone, question.method, question.target, question.body));
        CHECK(mixed.find("222222222222") == std::string::npos);
        CHECK(mixed.find("198.51.100") == std::string::npos);
    }
}
