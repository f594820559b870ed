// Rules as the console shows and changes them.
#include "api/rule_world.h"
#include "desk/cost_book.h"

using namespace yagura;
using namespace yagura::rule_test;

TEST_CASE("rules are listed, found by text, narrowed and counted") {
    Console console;
    const Answer all = console.get("/rules");
    CHECK(all.status == 200);
    CHECK(ids(all) == Ids{"many", "create", "delete"});
    CHECK(all.json.integer("total") == 3);
    CHECK(facet(all, "level", "high") == 2);
    CHECK(facet(all, "kind", "correlation") == 1);
    CHECK(ids(console.get("/rules?text=rule%20DEL")) == Ids{"delete"});
    const Answer high = console.get("/rules?level=high&kind=single");
    CHECK(ids(high) == Ids{"create"});
    CHECK(facet(high, "level", "low") == 1);  // as if its own filter were not there
    CHECK(ids(console.get("/rules?sort=title&order=desc")) == Ids{"delete", "create", "many"});
    CHECK(ids(console.get("/rules?sort=title&limit=1&offset=1")) == Ids{"create"});
    CHECK(ids(console.get("/rules?log_type=vpc_flow")).empty());
    CHECK(console.get("/rules?sort=nonsense").status == 400);
}

TEST_CASE("hits are counted by period, and only those of one's own accounts") {
    Console console;
    constexpr int64_t kHour = 3600, kDay = 24 * kHour;
    console.ingest({record("CreateUser", "111111111111", kHour),
                    record("CreateUser", "222222222222", 2 * kHour),
                    record("CreateUser", "222222222222", 3 * kDay),
                    record("DeleteUser", "222222222222", 30 * kDay)});
    CHECK(console.hits_of("create", "hits_24h") == 2);
    CHECK(console.hits_of("create", "hits_7d") == 3);
    CHECK(console.hits_of("create", "hits_total") == 3);
    CHECK(console.hits_of("delete", "hits_7d") == 0);
    CHECK(console.hits_of("delete", "hits_total") == 1);
    console.ingest({record("DeleteUser", "111111111111", kHour)});  // only what is new is read
    CHECK(console.hits_of("delete", "hits_24h") == 1);
    CHECK(console.hits_of("delete", "hits_total") == 2);

    const Answer whole = console.get("/rules/create");
    CHECK(whole.json.list("line").size() == 30);
    CHECK(whole.json.list("line").back().as_integer() == 2);
    console.who.accounts = AccountScope::of({"111111111111"});
    CHECK(console.hits_of("create", "hits_total") == 1);
    CHECK(console.hits_of("delete", "hits_total") == 1);
    CHECK(console.get("/rules/create").json.list("line").back().as_integer() == 1);
    CHECK(facet(console.get("/rules"), "hits", "24h") == 2);
    console.who.accounts = AccountScope::of({"333333333333"});
    CHECK(console.hits_of("create", "hits_total") == 0);
    CHECK(console.hits_of("many", "hits_total") == 0);
    CHECK(facet(console.get("/rules"), "hits", "24h") == 0);
}

TEST_CASE("what a correlation found is counted where it can be told") {
    Console console;
    console.ingest({record("CreateUser", "111111111111", 600),
                    record("CreateUser", "111111111111", 500),
                    record("CreateUser", "222222222222", 40 * 24 * 3600),
                    record("CreateUser", "222222222222", 40 * 24 * 3600 - 60)});
    CHECK(console.hits_of("many", "hits_total") == 2);
    CHECK(console.hits_of("many", "hits_24h") == 1);
    console.who.accounts = AccountScope::of({"222222222222"});
    CHECK(console.hits_of("many", "hits_total") == 1);
    CHECK(console.hits_of("many", "hits_24h") == 0);
}

TEST_CASE("a rule is edited and a new finding follows; the version guards against overwriting") {
    Console console;
    const Answer before = console.get("/rules/create");
    const std::string version(before.json.text("version"));
    CHECK(before.json.text("text") == rule_text("create", "CreateUser", "high"));
    const std::string edited = rule_text("create", "CreateAccessKey", "critical");
    const Answer saved = console.put("create", edited, version);
    REQUIRE(saved.status == 200);
    CHECK(saved.json.text("level") == "critical");
    CHECK(saved.json.boolean("custom"));
    CHECK(saved.json.boolean("replaces"));
    CHECK(saved.json.text("file") == "rules/create.yml");
    console.ingest({record("CreateAccessKey", "111111111111", 60)});
    CHECK(console.hits_of("create", "hits_total") == 1);

    const Answer late = console.put("create", rule_text("create", "X", "low"), version);
    CHECK(late.status == 409);
    CHECK(late.error() == "conflict");
    const Answer detail = console.get("/rules/create");
    CHECK(detail.json.text("original_text") == rule_text("create", "CreateUser", "high"));
    CHECK(console.ask(Method::del, "/rules/create").status == 200);
    CHECK(console.get("/rules/create").json.text("level") == "high");
    CHECK(console.ask(Method::del, "/rules/create").status == 403);
    CHECK(console.ask(Method::post, "/rules/create/restore").json.text("level") == "critical");
    CHECK(console.get("/rules/create/versions").json.list("items").size() == 1);
}

TEST_CASE("a mistake is refused with line, column and what to write instead") {
    Console console;
    std::string text = rule_text("create", "CreateUser", "high");
    text.replace(text.find("eventName"), 9, "eventName|containz");
    const Answer refused = console.put("create", text);
    CHECK(refused.status == 400);
    const auto& notes = refused.error_part().list("diagnostics");
    const auto error = std::find_if(notes.begin(), notes.end(), [](const http::Json& note) {
        return note.text("severity") == "error";
    });
    REQUIRE(error != notes.end());
    const http::Json& note = *error;
    CHECK(refused.error_part().text("message") == note.text("message"));
    CHECK(note.integer("line") == 9);
    CHECK(note.integer("column") == 19);
    CHECK(note.integer("end_column") == 27);
    CHECK(note.text("hint").find("contains") != std::string::npos);
    CHECK_FALSE(note.find("file"));
    const Answer lint = console.post("/rules/lint", "text", text);
    CHECK(lint.json.list("notes").size() == notes.size());
    CHECK(console.post("/rules", "text", rule_text("create", "X", "low")).status == 409);
    CHECK(console.post("/rules", "text", "").status == 400);
    CHECK(console.post("/rules", "text", "- a\n- b").status == 400);
    CHECK(console.ask(Method::post, "/rules", "{}").status == 400);
}

TEST_CASE("ids that look like paths stay ids") {
    Console console;
    for (const char* id : {"..%2F..%2Fetc%2Fpasswd", "%2e%2e", ".hidden", "x%00"}) {
        CAPTURE(id);
        http::Request request;
        if (!http::read_target(fmt::format("/api/v1/rules/{}", id), request)) continue;
        CHECK(console.get(fmt::format("/rules/{}", id)).status == 404);
        CHECK(console.put(id, rule_text("other", "X", "low")).status == 400);
        CHECK(console.get(fmt::format("/rules/{}/versions", id)).json.list("items").empty());
        CHECK(console
                  .ask(Method::post,
                       fmt::format("/rules/{}/restore", id),
                       R"({"version":"../../shipped/create"})")
                  .status == 404);
    }
    CHECK(ids(console.get("/rules")).size() == 3);
}

TEST_CASE("who may read may not test, who may test may not change") {
    Console console;
    console.who.role = auth::Role::viewer;
    CHECK(console.get("/rules").status == 200);
    CHECK(console.post("/rules/lint", "text", "x").status == 403);
    console.who.role = auth::Role::analyst;
    CHECK(console.post("/rules/lint", "text", "x").status == 200);
    CHECK(console.put("create", "x").status == 403);
    CHECK(console.ask(Method::post, "/rules/create/disable").status == 403);
    CHECK(console.ask(Method::del, "/rules/create").status == 403);
    CHECK(console.ask(Method::post, "/rules/create/restore").status == 403);
}

TEST_CASE("a disabled rule says who, why, and which correlation goes on using it") {
    Console console;
    const Answer off = console.post("/rules/create/disable", "reason", "known <script>");
    REQUIRE(off.status == 200);
    CHECK_FALSE(off.json.boolean("enabled", true));
    CHECK(off.json.find("disabled")->text("who") == "alice");
    CHECK(off.json.find("disabled")->text("reason") == "known <script>");
    REQUIRE(off.json.list("needed_by").size() == 1);
    CHECK(off.json.list("needed_by")[0].text("id") == "many");
    CHECK(ids(console.get("/rules?enabled=false")) == Ids{"create"});
    console.ingest(
        {record("CreateUser", "111111111111", 600), record("CreateUser", "111111111111", 500)});
    CHECK(console.hits_of("many", "hits_total") == 1);
    CHECK(console.ask(Method::post, "/rules/create/enable").json.boolean("enabled"));
    CHECK(console.ask(Method::post, "/rules/nobody/disable").status == 404);
}

TEST_CASE("a draft is made of an event's fields, and loads") {
    Console console;
    std::string body;
    JsonObject object(body);
    object.text("event", record("Create*User\\\\", "111111111111", 0));
    object.raw("fields", R"(["eventName","sourceIPAddress","nothing"])");
    object.close();
    const Answer draft = console.ask(Method::post, "/rules/draft", body);
    REQUIRE(draft.status == 200);
    const std::string text(draft.json.text("text"));
    CAPTURE(text);
    CHECK(text.find("sourceIPAddress: 198.51.100.7") != std::string::npos);
    CHECK(text.find("nothing") == std::string::npos);
    const Answer added = console.post("/rules", "text", text);
    CHECK(added.status == 200);
    std::string try_it;
    JsonObject test(try_it);
    test.text("text", text);
    test.text("event", record("Create*User\\\\", "111111111111", 0));
    test.close();
    CHECK(console.ask(Method::post, "/rules/test", try_it).json.integer("matches") == 1);
    const Answer given = console.ask(
        Method::post,
        "/rules/draft",
        R"({"log_type":"vpc_flow","fields":[{"name":"dstport","values":["22","3389"]},{"name":"action","value":"no"}]})");
    CHECK(given.json.text("text").find("- \"22\"") != std::string::npos);
    CHECK(console.post("/rules", "text", given.json.text("text")).status == 200);
    CHECK(console.ask(Method::post, "/rules/draft", R"({"log_type":"nope","fields":[]})").status ==
          400);
}

TEST_CASE("problems are told in the language of who asks") {
    Console console;
    console.write("shipped/bad.yml", "title: x\ndetection: 1\n");
    REQUIRE(console.desk->reload().has_value());
    const Answer english = console.get("/rules/problems");
    REQUIRE(english.json.list("notes").size() > 0);
    CHECK(english.json.list("notes")[0].text("file").ends_with("bad.yml"));
    const Answer japanese =
        console.ask(Method::get, "/rules/problems", {}, {{"x-yagura-language", "ja"}});
    CHECK(japanese.json.list("notes")[0].text("message") !=
          english.json.list("notes")[0].text("message"));
    CHECK(console.get("/rules").json.integer("problems").value_or(0) > 0);
}

TEST_CASE("the language for completion names modifiers, keys and fields") {
    Console console;
    const Answer language = console.get("/rules/language");
    CHECK(language.body.find("\"endswith\"") != std::string::npos);
    CHECK(language.body.find("\"sourceIPAddress\"") != std::string::npos);
    CHECK(language.json.list("log_sources").size() == logtype::all().size());
    CHECK_FALSE(language.json.texts("keys").empty());
}

TEST_CASE("building blocks stand aside when they are to, and are counted") {
    Console console;
    console.write("shipped/few.yml",
                  "title: Few\nid: few\ncorrelation:\n    type: event_count\n    rules: [delete]\n"
                  "    group-by: [recipientAccountId]\n    timespan: 1h\n    condition: {gte: 2}\n"
                  "level: high\n");
    REQUIRE(console.desk->reload().has_value());
    const Answer all = console.get("/rules?sort=title");
    CHECK(ids(all) == Ids{"few", "many", "create", "delete"});
    CHECK(all.json.integer("blocks") == 1);
    const Answer without = console.get("/rules?sort=title&blocks=hide");
    CHECK(ids(without) == Ids{"few", "many", "create"});
    CHECK(without.json.integer("blocks") == 1);
    CHECK(ids(console.get("/rules?blocks=only")) == Ids{"delete"});
    CHECK(console.get("/rules?blocks=hide&text=create").json.integer("blocks") == 0);
}

TEST_CASE("what rules cost is told and sorted by, but only to who sees all accounts") {
    Console console;
    desk::CostBook book(console.folder / "lake" / "console");
    console.services.costs = &book;
    book.add({{"create", {1, 1000, 250'000}}, {"delete", {1, 1000, 750'000}}});
    const Answer all = console.get("/rules?sort=cost");
    CHECK(ids(all) == Ids{"delete", "create", "many"});
    const http::Json first = all.json.list("items")[0];
    REQUIRE(first.find("cost_ns"));
    CHECK(first.find("cost_ns")->as_number() == 750);
    CHECK(first.integer("cost_events") == 1000);
    CHECK_FALSE(all.json.list("items")[2].find("cost_ns"));
    console.who.accounts = AccountScope::of({"111111111111"});
    const Answer scoped = console.get("/rules");
    for (const http::Json& item : scoped.json.list("items")) CHECK_FALSE(item.find("cost_ns"));
    console.who.accounts = AccountScope::all();
    CHECK(console.put("create", rule_text("create", "CreateRole", "high")).status == 200);
    CHECK_FALSE(console.get("/rules/create").json.find("cost_ns"));
}

TEST_CASE("a level is changed and given back over the API, by a responder") {
    Console console;
    const auto tune = [&](std::string_view body) {
        return console.ask(Method::post, "/rules/create/level", std::string(body));
    };
    const Answer tuned = tune(R"({"level":"low","reason":"daily work here"})");
    CHECK(tuned.status == 200);
    CHECK(tuned.json.text("level") == "low");
    CHECK(tuned.json.text("own_level") == "high");
    CHECK(tuned.json.find("tuned")->text("reason") == "daily work here");
    CHECK(ids(console.get("/rules?tuned=true")) == Ids{"create"});
    CHECK(facet(console.get("/rules"), "level", "low") == 2);
    CHECK(tune(R"({"level":"loud"})").status == 400);
    CHECK(tune(R"({"level":null})").json.text("level") == "high");
    console.who.role = auth::Role::analyst;
    CHECK(tune(R"({"level":"low"})").status == 403);
}
