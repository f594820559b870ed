// Rules tried on pasted events and on the lake.
#include "api/rule_world.h"
#include "pipeline/live.h"

using namespace yagura;
using namespace yagura::rule_test;

TEST_CASE("a rule is tried on a pasted event, and says why it does not match") {
    Console console;
    std::string body;
    JsonObject object(body);
    object.text("text", rule_text("create", "CreateUser", "high"));
    object.text("event", record("createuzer", "111111111111", 0));
    object.close();
    const Answer no = console.ask(Method::post, "/rules/test", body);
    REQUIRE(no.status == 200);
    CHECK(no.json.integer("matches") == 0);
    CHECK(no.json.integer("events") == 1);
    CHECK(no.json.text("log_type") == "cloudtrail");
    const http::Json* why = no.json.find("explain");
    REQUIRE(why);
    CHECK_FALSE(why->boolean("ok", true));
    CHECK(no.body.find("\"nearest\":\"CreateUser\"") != std::string::npos);

    body.clear();
    JsonObject yes(body);
    yes.text("id", "create");
    yes.text("event",
             fmt::format(R"({{"Records":[{},{}]}})",
                         record("ListUsers", "111111111111", 9),
                         record("CreateUser", "111111111111", 5)));
    yes.close();
    const Answer matched = console.ask(Method::post, "/rules/test", body);
    CHECK(matched.json.integer("matches") == 1);
    CHECK(matched.json.integer("events") == 2);
    CHECK(matched.json.find("explain")->boolean("ok"));

    for (const char* hostile : {"", "\\u0000", "{", "[[[[[[[", "not a log"}) {
        CAPTURE(hostile);
        CHECK(console
                  .ask(Method::post,
                       "/rules/test",
                       fmt::format(R"({{"id":"create","event":"{}"}})",
                                   hostile == std::string("{") ? "{" : hostile))
                  .status == 400);
    }
    CHECK(console.ask(Method::post, "/rules/test", R"({"id":"nobody","event":"x"})").status == 404);
    CHECK(console.ask(Method::post, "/rules/test", R"({"text":"title: [","event":"x"})").status ==
          400);
}

TEST_CASE("a correlation is tried on pasted events as on a little log") {
    Console console;
    std::string body;
    JsonObject object(body);
    object.text("id", "many");
    object.text("event",
                fmt::format(R"({{"Records":[{},{}]}})",
                            record("CreateUser", "111111111111", 9),
                            record("CreateUser", "111111111111", 5)));
    object.close();
    CHECK(console.ask(Method::post, "/rules/test", body).json.integer("matches") == 1);
}

TEST_CASE("a text log's line is tried like any other event") {
    Console console;
    std::string body;
    JsonObject object(body);
    object.text("text",
                "title: Rejected\nid: r\nlogsource:\n    product: aws\n    service: vpcflow\n"
                "detection:\n    s:\n        action: REJECT\n    condition: s\n");
    object.text("event",
                "2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 "
                "1418530010 1418530070 REJECT OK");
    object.close();
    const Answer answer = console.ask(Method::post, "/rules/test", body);
    CAPTURE(answer.body);
    CHECK(answer.json.text("log_type") == "vpc_flow");
    CHECK(answer.json.find("explain"));
}

TEST_CASE("a rule is tried on the lake, within one's accounts") {
    Console console;
    console.ingest({record("CreateUser", "111111111111", 60),
                    record("CreateUser", "222222222222", 120),
                    record("CreateUser", "222222222222", 3 * 24 * 3600)});
    const std::string day = R"({"id":"create","since":"24h"})";
    const Answer all = console.ask(Method::post, "/rules/test", day);
    REQUIRE(all.status == 200);
    CHECK(all.json.integer("matches") == 2);
    REQUIRE(all.json.list("examples").size() == 2);
    CHECK(all.json.list("examples")[0].text("account") == "111111111111");  // latest first
    CHECK(all.json.list("examples")[0].text("event_name") == "CreateUser");
    CHECK_FALSE(all.json.list("examples")[0].text("ptr").empty());
    CHECK(console.ask(Method::post, "/rules/test", R"({"id":"create","since":"7d","limit":1})")
              .json.list("examples")
              .size() == 1);
    console.who.accounts = AccountScope::of({"222222222222"});
    const Answer own = console.ask(Method::post, "/rules/test", day);
    CHECK(own.json.integer("matches") == 1);
    CHECK(own.json.integer("events").value_or(9) <= 1);
    CHECK(own.body.find("111111111111") == std::string::npos);
    CHECK(console.ask(Method::post, "/rules/test", R"({"id":"create","since":"soon"})").status ==
          400);
}

TEST_CASE("a test on the lake counts what exceptions hold back apart") {
    Console console;
    console.ingest({record("CreateUser", "111111111111", 60),
                    record("CreateUser", "222222222222", 120),
                    record("CreateUser", "222222222222", 180)});
    console.write("exceptions.yml",
                  "exceptions:\n  - id: known\n    owner: aki\n    reason: a drill\n    expires: "
                  "2030-01-01\n    rules: [create]\n    when: {account: ['222222222222']}\n");
    pipeline::LiveOptions options;
    options.lake = console.folder / "lake";
    options.rules.bundled = {console.folder / "shipped"};
    options.context = {console.folder / "exceptions.yml"};
    const auto live = pipeline::LiveIngest::start(options);
    REQUIRE(live.has_value());
    console.services.live = live->get();
    const Answer answer =
        console.ask(Method::post, "/rules/test", R"({"id":"create","since":"24h"})");
    CAPTURE(answer.body);
    CHECK(answer.json.integer("matches") == 1);
    CHECK(answer.json.integer("held_back") == 2);
    REQUIRE(answer.json.list("examples").size() == 1);
    CHECK(answer.json.list("examples")[0].text("account") == "111111111111");
}

TEST_CASE("a test over the lake tells how far it is, and ends with its result") {
    Console console;
    console.ingest({record("CreateUser", "111111111111", 600)});
    http::Request request;
    request.method = Method::post;
    REQUIRE(http::read_target("/api/v1/rules/test", request));
    request.body = R"({"id":"create","since":"24h","stream":true})";
    const http::Response response = console.api.answer(request).response;
    REQUIRE(response.write);
    CHECK(response.content_type == "application/x-ndjson");
    struct Kept final : http::BodyWriter {
        std::string text;
        bool write(std::string_view bytes) override {
            text += bytes;
            return true;
        }
        bool is_open() const override { return true; }
        void on_leave(std::function<void()>) override {}
    } kept;
    response.write(kept);
    const std::string_view last =
        std::string_view(kept.text).substr(kept.text.rfind("\n", kept.text.size() - 2) + 1);
    const auto line = http::Json::parse(last);
    REQUIRE(line);
    REQUIRE(line->find("result"));
    CHECK(line->find("result")->integer("matches") == 1);
    CHECK(line->find("result")->list("examples").size() == 1);
}

TEST_CASE("a test over the lake stops when the client has left") {
    Console console;
    console.ingest({record("CreateUser", "111111111111", 600)});
    http::Request request;
    request.method = Method::post;
    REQUIRE(http::read_target("/api/v1/rules/test", request));
    request.body = R"({"id":"create","since":"24h"})";
    request.left = std::make_shared<std::atomic<bool>>(true);
    CHECK(console.api.answer(request).response.body.find("\"cancelled\"") != std::string::npos);
}
