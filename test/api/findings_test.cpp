// What the console tells and keeps about findings, to people who see all accounts or one.
#include "api/world.h"
#include "console/triage.h"

using namespace yagura;
using namespace yagura::api_test;

TEST_CASE(
    "the list shows all findings, their facets, and what can be told in the reader's language") {
    World world;
    const Answer answer = world.get("/findings");
    REQUIRE(answer.status == 200);
    CHECK(answer.json.integer("total") == 3);
    const http::Json& first = answer.items()[0];
    CHECK(first.text("status") == "new");
    CHECK(first.list("tactics")[0].as_text() == "TA0007");
    CHECK(first.list("techniques")[0].text("name") == "Cloud Infrastructure Discovery");
    CHECK(world.get("/findings?rule=rule-quiet").json.integer("total") == 1);
    CHECK(world.get("/findings?level=low").json.integer("total") == 0);
    CHECK(world.get("/findings?principal=alice,mallory&sort=count").items()[0].text("principal") ==
          "mallory");
    CHECK(world.get("/findings?sort=rarest").items()[0].text("rule_id") == "rule-quiet");
    CHECK(world.get("/findings?from=2026-11-21").json.integer("total") == 0);
    CHECK(world.get("/findings?sort=nonsense").status == 400);
    CHECK(world.get("/findings?limit=1&offset=2").items().size() == 1);
}

TEST_CASE("a finding comes with its evidence, and says what its events were") {
    World world;
    const Answer answer = world.get("/findings/" + world.alice());
    REQUIRE(answer.status == 200);
    const auto& events = answer.items("events");
    REQUIRE(events.size() == 3);
    CHECK_FALSE(events[0].text("object_id").empty());
    CHECK(events[0].text("event_name") == "GetObject");
    CHECK(events[0].text("error_code") == "AccessDenied");
    CHECK(events[0].text("region") == "eu-west-1");
    CHECK(answer.items("related").size() == 2);
    CHECK(world.get("/findings/000000000000000000000000").status == 404);
}

TEST_CASE("a finding says what it is about, and each resource finds its findings") {
    World world;
    const Answer answer = world.get("/findings/" + world.alice());
    const auto& resources = answer.items("resources");
    REQUIRE(resources.size() == 2);
    CHECK(resources[0].text("value") == "AWS::IAM::Role/111111111111/of-alice");
    CHECK(resources[0].text("account") == kAccountA);
    CHECK(resources[0].text("entity") == "role");
    CHECK(resources[0].find("arn") == nullptr);
    CHECK(resources[1].text("value") == "AWS::S3::Bucket/shared-bucket");
    CHECK(resources[1].text("kind") == "AWS::S3::Bucket");
    CHECK(resources[1].text("title") == "S3 bucket");
    CHECK(resources[1].text("name") == "shared-bucket");
    CHECK(resources[1].text("arn") == "arn:aws:s3:::shared-bucket");
    CHECK(resources[1].integer("count") == 6);
    CHECK(answer.json.integer("resource_count") == 2);
    CHECK(answer.json.integer("other_resources") == 0);
    const auto total = [&](std::string_view query) {
        return world.get("/findings?" + std::string(query)).json.integer("total");
    };
    CHECK(total("resource=AWS::S3::Bucket/shared-bucket") == 3);
    CHECK(total("resource=shared-bucket") == 3);
    CHECK(total("resource=arn:aws:s3:::shared-bucket") == 3);
    CHECK(total("resource=arn:aws:iam::222222222222:role/any/of-mallory") == 1);
    CHECK(total("resource=of-alice&resource=of-mallory") == 2);
    CHECK(total("resource=of-nobody") == 0);
    CHECK(total("text=of-mallory") == 1);
}

TEST_CASE("the facet of resources counts findings, and choosing one keeps the others in sight") {
    World world;
    const Answer answer = world.get("/findings?resource=of-alice");
    CHECK(answer.json.integer("total") == 1);
    const auto& facet = answer.at("facets").list("resource");
    REQUIRE(facet.size() == 4);
    CHECK(facet[0].text("value") == "AWS::S3::Bucket/shared-bucket");
    CHECK(facet[0].text("label") == "shared-bucket · S3 bucket");
    CHECK(facet[0].integer("count") == 3);
}

TEST_CASE("the overview ranks resources, and every number of it opens as many findings") {
    World world;
    const Answer answer = world.get("/overview");
    const auto& resources = answer.items("top_resources");
    REQUIRE(resources.size() == 4);
    CHECK(resources[0].text("name") == "shared-bucket");
    CHECK(resources[0].integer("findings") == 3);
    CHECK(resources[0].integer("count") == 16);
    CHECK(resources[0].text("level") == "high");
    for (const http::Json& resource : resources) {
        const std::string value(resource.text("value"));
        const Answer list = world.get("/findings?resource=" + value);
        CHECK(list.json.integer("total") == resource.integer("findings"));
    }
}

TEST_CASE("triage is seen at once, told in the history, and undone by who did it") {
    World world;
    const std::string id = world.alice();
    const Answer done =
        world.done("/findings/triage", ids_body(id, R"("action":"close","comment":"a test <b>")"));
    CHECK(done.json.integer("changed") == 1);
    Answer shown = world.get("/findings/" + id);
    CHECK(shown.json.text("status") == "closed");
    CHECK(shown.items("comments")[0].text("text") == "a test <b>");
    CHECK(shown.items("history")[0].text("action") == "close");
    CHECK(world.get("/findings?status=open").json.integer("total") == 2);
    CHECK(world.get("/findings?status=closed").json.integer("total") == 1);
    const std::string undo = fmt::format(R"({{"undo_id":"{}"}})", done.json.text("undo_id"));
    world.be("someone else", auth::Role::admin, AccountScope::all());
    CHECK(world.post("/findings/undo", undo).status == 404);
    world.be("aki", auth::Role::admin, AccountScope::all());
    world.done("/findings/undo", undo);
    CHECK(world.get("/findings/" + id).json.text("status") == "new");
    CHECK(world.post("/findings/triage", ids_body(id, R"("action":"explode")")).status == 400);
}

TEST_CASE("a finding that grows after it was closed is open to look at again") {
    World world;
    world.done("/findings/triage", ids_body(world.alice(), R"("action":"close")"));
    ingest(world.folder.path(), world.loud, kAccountA, "alice", 9);
    const Answer shown = world.get("/findings/" + world.alice());
    CHECK(shown.json.text("status") == "closed");
    CHECK(shown.json.integer("grown") == 3);
    CHECK(world.get("/findings?status=open").json.integer("total") == 3);
}

TEST_CASE("suppressing tells first what it would hide, then hides it until it ends") {
    World world;
    const auto body = [&](std::string_view more) {
        return ids_body(world.alice(), std::string(kSuppressUntil) + std::string(more));
    };
    const Answer preview = world.done("/findings/suppress", body(R"(,"preview":true)"));
    CHECK(preview.json.integer("findings") == 1);
    CHECK(preview.json.integer("would_hide") == 6);
    CHECK(world.get("/exceptions").items().empty());
    const Answer made = world.done("/findings/suppress", body(""));
    const Answer shown = world.get("/findings/" + world.alice());
    CHECK(shown.json.text("status") == "suppressed");
    CHECK(shown.at("suppressed").text("reason") == "known");
    const Answer listed = world.get("/exceptions");
    REQUIRE(listed.items().size() == 1);
    CHECK(listed.items()[0].integer("hits") == 6);
    CHECK(listed.items()[0].text("owner") == "aki");
    CHECK(world.get("/overview").at("findings").integer("total") == 2);
    CHECK_FALSE(console::policy_files(world.folder.path()).empty());
    world.now = *parse_iso8601("2026-12-02T00:00:00Z");
    CHECK(world.get("/findings/" + world.alice()).json.text("status") == "new");
    CHECK(world.get("/exceptions").items()[0].boolean("expired"));
    const auto gone =
        world.ask(Method::del, "/exceptions/" + std::string(made.json.text("exception_id")));
    CHECK(gone.status == 200);
    CHECK(world.get("/exceptions").items().empty());
}

TEST_CASE("an exception for everything, without a reason or already over is refused") {
    World world;
    const auto status = [&](std::string body) {
        return world.post("/findings/suppress", std::move(body)).status;
    };
    const std::string until(kSuppressUntil);
    CHECK(status(R"({"match":{},)" + until + "}") == 400);
    CHECK(status(R"({"match":{"account":"111111111111"},)" + until + "}") == 400);
    CHECK(status(R"({"match":{"rule_id":"rule-loud"},"expires":"2026-12-01T00:00:00Z"})") == 400);
    CHECK(
        status(
            R"({"match":{"rule_id":"rule-loud"},"reason":"x","expires":"2020-01-01T00:00:00Z"})") ==
        400);
    CHECK(status(R"({"match":{"rule_id":"rule-loud"},"reason":"x"})") == 400);
    CHECK(status(R"({)" + until + "}") == 400);
}

TEST_CASE("each role may do what it is for and no more") {
    World world;
    const std::string triage = ids_body(world.alice(), R"("action":"close")");
    const std::string suppress = ids_body(world.alice(), kSuppressUntil);
    const std::string alias = R"({"items":[{"account":"111111111111","alias":"a"}]})";
    world.be("v", auth::Role::viewer, AccountScope::all());
    CHECK(world.get("/findings").status == 200);
    CHECK(world.post("/findings/triage", triage).status == 403);
    CHECK(world.post("/views", R"({"kind":"query","name":"x"})").status == 403);
    world.be("n", auth::Role::analyst, AccountScope::all());
    CHECK(world.post("/findings/triage", triage).status == 200);
    CHECK(world.post("/findings/suppress", suppress).status == 403);
    world.be("r", auth::Role::responder, AccountScope::all());
    CHECK(world.post("/findings/suppress", suppress).status == 200);
    CHECK(world.ask(Method::put, "/aliases", alias).status == 403);
    world.be("a", auth::Role::admin, AccountScope::all());
    CHECK(world.ask(Method::put, "/aliases", alias).status == 200);
}

TEST_CASE("every change stands in the audit log") {
    World world;
    world.done("/findings/triage", ids_body(world.alice(), R"("action":"close")"));
    world.done("/findings/suppress", ids_body(world.mallory(), kSuppressUntil));
    world.done("/views", R"({"kind":"query","name":"x"})");
    const auto page = must(world.gate->audit().page(100, 0));
    std::vector<std::string> actions;
    for (const auto& row : page.rows) actions.push_back(row.entry.action);
    for (const char* action : {"finding.close", "exception.add", "view.add"})
        CHECK(std::find(actions.begin(), actions.end(), action) != actions.end());
}

TEST_CASE("a person of one account reads nothing of the other, wherever they look") {
    World world;
    world.done("/findings/triage",
               ids_body(world.mallory(), R"("action":"comment","comment":"mallory again")"));
    world.done(
        "/findings/suppress",
        R"({"match":{"principal":"bob-secret"},"reason":"bob-secret is known","expires":"2026-12-01T00:00:00Z"})");
    world.done("/views", R"({"kind":"query","name":"mallory","shared":true,"query":"filter x"})");
    world.done("/history", R"({"kind":"query","text":"filter user = 'mallory'"})");
    CHECK(
        world
            .ask(
                Method::put,
                "/aliases",
                R"({"items":[{"account":"222222222222","alias":"rule-quiet"},{"account":"111111111111","alias":"ours"}]})")
            .status == 200);
    const std::string mallory = world.mallory();
    world.be_tenant_a(auth::Role::admin);
    for (const std::string& target :
         std::vector<std::string>{"/findings",
                                  "/findings?status=all&sort=rarest",
                                  "/findings?text=mallory",
                                  "/findings?rule=rule-quiet",
                                  "/findings?resource=of-mallory",
                                  "/findings?resource=AWS::IAM::Role/222222222222/of-mallory",
                                  "/findings?resource=shared-bucket",
                                  "/findings/" + world.alice(),
                                  "/findings/" + mallory,
                                  "/overview",
                                  "/exceptions",
                                  "/views",
                                  "/history",
                                  "/aliases",
                                  "/entities/address/198.51.100.7",
                                  "/entities/bucket/shared-bucket",
                                  "/entities/user_agent/aws-cli%2F2.15"}) {
        CAPTURE(target);
        Answer answer = world.get(target);
        if (target.find("mallory") != std::string::npos ||
            target.find("quiet") != std::string::npos)
            CHECK(answer.json.integer("total").value_or(0) == 0);
        check_is_of_a(answer);
    }
    CHECK(world.get("/findings").json.integer("total") == 1);
    CHECK(world.get("/findings/" + mallory).status == 404);
    CHECK(world.get("/findings/" + world.alice()).items("related").empty());
    CHECK(world.get("/overview").at("ingest").integer("events_total") == 6);
    const Answer overview = world.get("/overview");
    for (const http::Json& resource : overview.items("top_resources")) {
        CHECK(resource.integer("findings") == 1);
        CHECK(resource.integer("count") == 6);
    }
    const Answer entity = world.get("/entities/address/198.51.100.7");
    CHECK(entity.json.integer("events") == 6);
    CHECK(entity.items("findings").size() == 1);
}

TEST_CASE("a person of one account changes nothing of the other") {
    World world;
    const std::string mallory = world.mallory();
    world.be_tenant_a(auth::Role::admin);
    CHECK(world.post("/findings/triage", ids_body(mallory, R"("action":"close")")).status == 404);
    CHECK(world.post("/findings/suppress", ids_body(mallory, kSuppressUntil)).status == 404);
    CHECK(
        world.ask(Method::put, "/aliases", R"({"items":[{"account":"222222222222","alias":"x"}]})")
            .status == 403);
    const std::string until(kSuppressUntil);
    CHECK(world
              .post("/findings/suppress",
                    R"({"match":{"rule_id":"rule-loud","account":"222222222222"},)" + until + "}")
              .status == 403);
    // One for a rule is one for the rule in their accounts.
    const Answer made =
        world.done("/findings/suppress", R"({"match":{"rule_id":"rule-loud"},)" + until + "}");
    CHECK(made.json.integer("findings") == 1);
    const std::string exception(made.json.text("exception_id"));
    world.be_tenant_b();
    CHECK(world.get("/findings/" + mallory).json.text("status") == "new");
    CHECK(world.get("/exceptions").items().empty());
    CHECK(world.ask(Method::del, "/exceptions/" + exception).status == 404);
    world.be_tenant_a();
    CHECK(world.get("/findings?status=suppressed").json.integer("total") == 1);
    CHECK(world.get("/exceptions").items().size() == 1);
}

TEST_CASE("who cannot know of an exception is only told that there is one") {
    World world;
    world.done(
        "/findings/suppress",
        R"({"match":{"rule_id":"rule-loud"},"reason":"mallory asked","expires":"2026-12-01T00:00:00Z"})");
    world.be_tenant_a();
    const Answer shown = world.get("/findings/" + world.alice());
    CHECK(shown.json.text("status") == "suppressed");
    CHECK_FALSE(shown.at("suppressed").text("reason").empty());
    CHECK(shown.at("suppressed").text("exception_id").empty());
    check_is_of_a(shown);
}

TEST_CASE("the overview adds up, and says what is new since the last visit") {
    World world;
    Answer answer = world.get("/overview");
    REQUIRE(answer.status == 200);
    CHECK(answer.at("findings").integer("open") == 3);
    CHECK(answer.at("findings").find("by_level")->integer("high") == 3);
    CHECK(answer.items("top_rules")[0].text("rule_id") == "rule-loud");
    CHECK(answer.items("rarest")[0].text("rule_id") == "rule-quiet");
    CHECK(answer.at("ingest").integer("events_total") == 16);
    uint64_t hours = 0;
    for (const http::Json& hour : answer.at("ingest").list("events_24h_spark"))
        hours += static_cast<uint64_t>(hour.as_integer().value_or(0));
    CHECK(hours == 16);
    uint64_t began = 0;
    for (const http::Json& level : answer.at("over_time").list("series"))
        for (const http::Json& count : level.list("counts"))
            began += static_cast<uint64_t>(count.as_integer().value_or(0));
    CHECK(began == 3);
    CHECK(answer.at("changes").text("since").empty());
    ingest(world.folder.path(), rule_of("rule-new"), kAccountA, "carol", 4);
    world.now += std::chrono::hours(2);
    answer = world.get("/overview");
    CHECK(answer.at("changes").integer("new_findings") == 1);
    CHECK(answer.at("changes").integer("new_rules_hit") == 1);
    CHECK(answer.at("changes").integer("new_principals") == 1);
    CHECK(answer.at("changes").integer("new_events") == 4);
    answer = world.get("/findings?new=1");
    CHECK(answer.json.integer("total") == 1);
    CHECK(answer.items()[0].text("principal") == "carol");
    CHECK(world.get("/findings?new=maybe").status == 400);
}

TEST_CASE("what is new since the last visit is counted and listed alike") {
    World world;
    REQUIRE(world.get("/overview").status == 200);
    // A new principal of a rule known before, and one of a rule never hit until now.
    ingest(world.folder.path(), rule_of("rule-loud"), kAccountA, "carol", 4);
    ingest(world.folder.path(), rule_of("rule-new"), kAccountA, "mallory", 2);
    world.now += std::chrono::hours(2);
    const Answer overview = world.get("/overview");
    CHECK(overview.at("changes").integer("new_findings") == 2);
    CHECK(overview.at("changes").integer("new_rules_hit") == 1);
    CHECK(overview.at("changes").integer("new_principals") == 1);

    const std::string counted = "/findings?status=new,acknowledged,closed&new=";
    CHECK(world.get(counted + "1").json.integer("total") == 2);
    const Answer rules = world.get(counted + "rule");
    CHECK(rules.json.integer("total") == 1);
    CHECK(rules.items()[0].text("rule_id") == "rule-new");
    const Answer principals = world.get(counted + "principal");
    CHECK(principals.json.integer("total") == 1);
    CHECK(principals.items()[0].text("principal") == "carol");

    // Neither counts what is suppressed, nor what is of other accounts.
    CHECK(world.get(fmt::format("/overview?account={}", kAccountB))
              .at("changes")
              .integer("new_findings") == 0);
    world.done(
        "/findings/suppress",
        R"({"match":{"rule_id":"rule-new"},"reason":"known","expires":"2026-12-01T00:00:00Z"})");
    CHECK(world.get("/overview").at("changes").integer("new_rules_hit") == 0);
    CHECK(world.get(counted + "rule").json.integer("total") == 0);
}

TEST_CASE("the overview can be of some accounts only") {
    World world;
    int64_t total = 0, events = 0;
    for (const std::string_view account : {kAccountA, kAccountB}) {
        const Answer answer = world.get(fmt::format("/overview?account={}", account));
        REQUIRE(answer.items("top_accounts").size() == 1);
        CHECK(answer.items("top_accounts")[0].text("account") == account);
        total += *answer.at("findings").integer("total");
        events += *answer.at("ingest").integer("events_total");
    }
    CHECK(total == 3);
    CHECK(events == 16);
    world.now += std::chrono::hours(2);
    CHECK(world.get("/overview").at("changes").integer("new_events") == 0);
}

TEST_CASE("on the first visit no finding is new") {
    World world;
    CHECK(world.get("/findings?new=1").json.integer("total") == 0);
}

TEST_CASE("views, history and aliases come back as they were kept") {
    World world;
    const Answer view = world.done("/views", R"({"kind":"discover","name":"mine","state":"?a=b"})");
    const std::string at = "/views/" + std::string(view.json.text("id"));
    CHECK(
        world.ask(Method::put, at, R"({"kind":"discover","name":"other","shared":true})").status ==
        200);
    CHECK(world.get("/views").items()[0].text("name") == "other");
    world.be("b", auth::Role::analyst, AccountScope::all());
    CHECK(world.get("/views").items().size() == 1);
    CHECK(world.ask(Method::del, at).status == 404);
    world.be("aki", auth::Role::analyst, AccountScope::all());
    CHECK(world.ask(Method::del, at).status == 200);
    CHECK(world.get("/views").items().empty());
    CHECK(world.ask(Method::del, "/views/999999999999999999999").status == 404);
    world.done("/history", R"({"kind":"query","text":"limit 5","rows":5,"elapsed_ms":12})");
    CHECK(world.get("/history").items()[0].integer("rows") == 5);
}

TEST_CASE("an entity says how many findings it has and how to list them all") {
    World world;
    const Answer entity = world.get("/entities/address/198.51.100.7");
    CHECK(entity.json.integer("findings_total") == 3);
    REQUIRE(entity.items("findings_lists").size() == 1);
    const http::Json& list = entity.items("findings_lists")[0];
    CHECK(list.text("relation") == "by");
    CHECK(list.integer("total") == 3);
    CHECK(list.find("filter")->texts("source_ip").size() == 1);
    CHECK(world.get("/findings?status=all&source_ip=198.51.100.7").json.integer("total") == 3);
    CHECK(world.get("/entities/user_agent/nobody").json.integer("findings_total") == 0);
}

TEST_CASE(
    "buckets wait for a collector: kept, changed and removed by administrators of everything") {
    World world;
    CHECK(world.get("/buckets").items().empty());
    const std::string asked =
        R"({"bucket":"s3://org-trail/AWSLogs","region":"eu-west-1","role_arn":"arn:aws:iam::111122223333:role/reader"})";
    const Answer kept = world.done("/buckets", asked);
    REQUIRE(kept.items().size() == 1);
    CHECK(kept.items()[0].text("bucket") == "org-trail");
    CHECK(kept.items()[0].text("prefix") == "AWSLogs");
    CHECK(kept.items()[0].text("state") == "waiting");
    CHECK(kept.items()[0].text("added_by") == "aki");
    CHECK(world.ask(http::Method::post, "/buckets", asked).status == 409);
    CHECK(world.ask(http::Method::post, "/buckets", R"({"bucket":"Org","region":"eu-west-1"})")
              .status == 400);
    const std::string path = "/buckets/" + std::string(kept.items()[0].text("id"));
    CHECK(world.ask(http::Method::put, path, R"({"bucket":"org-trail","region":"us-east-1"})")
              .items()[0]
              .text("region") == "us-east-1");

    world.be("ren", auth::Role::responder, AccountScope::all());
    CHECK(world.ask(http::Method::del, path, "").status == 403);
    CHECK(world.get("/buckets").items().size() == 1);
    world.be("ten", auth::Role::admin, AccountScope::of({std::string(kAccountA)}));
    CHECK(world.ask(http::Method::del, path, "").status == 403);
    CHECK(world.get("/buckets").items().empty());
    world.be("aki", auth::Role::admin, AccountScope::all());
    CHECK(world.ask(http::Method::del, path, "").items().empty());
    CHECK(world.ask(http::Method::del, path, "").status == 404);
}
