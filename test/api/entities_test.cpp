// What the console tells about one address, principal, key, …
#include <fstream>

#include "api/entity_question.h"
#include "api/world.h"
#include "enrich/geo_book.h"
#include "enrich/mmdb_writer.h"

using namespace yagura;
using namespace yagura::api_test;

TEST_CASE("an entity says what it did, where, and how that went over time") {
    World world;
    const Answer address = world.get("/entities/address/198.51.100.7");
    REQUIRE(address.status == 200);
    CHECK(address.json.integer("events") == 16);
    CHECK_FALSE(address.json.boolean("is_private", true));
    CHECK(address.items("principals").size() == 3);
    CHECK(address.items("principals")[0].text("value") == "mallory");
    CHECK(address.items("errors")[0].integer("count") == 3);
    CHECK(address.items("findings").size() == 3);
    int64_t in_line = 0, failed = 0;
    for (const http::Json& count : address.at("line").list("counts"))
        in_line += count.as_integer().value_or(0);
    for (const http::Json& count : address.at("line").list("failed"))
        failed += count.as_integer().value_or(0);
    CHECK(in_line == 16);
    CHECK(failed == 3);
    CHECK(world.get("/entities/principal/alice").json.integer("events") == 6);
    CHECK(world.get("/entities/principal/arn:aws:iam::111111111111:user%2Falice")
              .items("findings")
              .size() == 1);
    CHECK(world.get("/entities/key/AKIA111111111111XXXX").items("findings").size() == 1);
    CHECK(world.get("/entities/bucket/shared-bucket").json.integer("events") == 16);
    CHECK(world.get("/entities/account/222222222222").json.integer("events") == 10);
    CHECK(world.get("/entities/address/10.0.0.1").json.boolean("is_private"));
    CHECK(world.get("/entities/address/10.0.0.1").json.integer("events") == 0);
    CHECK(world.get("/entities/planet/x").status == 404);
    CHECK(
        world
            .get("/entities/address/198.51.100.7?from=2026-11-20T10:00:00Z&to=2026-11-20T10:01:00Z")
            .json.integer("events") == 3);
}

TEST_CASE("an entity comes in the parts that are asked for, which say the same as the whole") {
    World world;
    const std::string path = "/entities/address/198.51.100.7";
    const Answer whole = world.get(path);
    const Answer card = world.get(path + "?parts=card");
    CHECK(card.json.integer("events") == whole.json.integer("events"));
    CHECK(card.json.text("last") == whole.json.text("last"));
    CHECK(card.items("findings").size() == whole.items("findings").size());
    CHECK_FALSE(card.json.find("apis"));
    CHECK_FALSE(card.json.find("line"));
    const Answer deeds = world.get(path + "?parts=mix,line");
    CHECK_FALSE(deeds.json.find("findings"));
    CHECK(deeds.items("apis").size() == whole.items("apis").size());
    const Answer line = world.get(path + "?parts=line");
    for (const Answer* answer : {&deeds, &line}) {
        CHECK(answer->at("line").list("starts").size() == whole.at("line").list("starts").size());
        CHECK(answer->at("line").list("starts")[0].as_text() ==
              whole.at("line").list("starts")[0].as_text());
    }
    CHECK(world.get(path + "?parts=legs").status == 400);
}

TEST_CASE("an address says where it is once there is a database") {
    World world;
    const std::string path = "/entities/address/198.51.100.7?parts=card";
    Answer card = world.get(path);
    CHECK(card.at("place").text("network") == "documentation");
    CHECK_FALSE(card.json.boolean("has_places", true));
    const Answer bare = world.get("/places?address=10.0.0.1,nonsense,169.254.169.254");
    REQUIRE(bare.items().size() == 2);
    CHECK(bare.items()[0].find("place")->text("network") == "private");
    CHECK(bare.items()[1].find("place")->text("network") == "aws_internal");
    CHECK(bare.items("sources").empty());

    enrich::MmdbWriter writer;
    const std::string country = enrich::map(
        {{"iso_code", enrich::text("JP")},
         {"names", enrich::map({{"en", enrich::text("Japan")}, {"ja", enrich::text("日本")}})}});
    writer.add("198.51.100.0/24",
               enrich::map({{"country", country},
                            {"autonomous_system_number", enrich::uint32(64500)},
                            {"autonomous_system_organization", enrich::text("Example")}}));
    const auto file = world.folder.path() / "places.mmdb";
    std::ofstream(file, std::ios::binary) << writer.bytes("Test-City");
    auto book = enrich::GeoBook::open({file});
    REQUIRE(book);
    world.services.geo = book->get();
    card = world.get(path);
    CHECK(card.at("place").text("country") == "JP");
    CHECK(card.at("place").integer("asn") == 64500);
    CHECK(card.at("place").text("organisation") == "Example");
    CHECK(card.json.boolean("has_places"));
    const Answer places = world.get("/places?address=198.51.100.7");
    CHECK(places.items()[0].find("place")->text("country_name") == "Japan");
    REQUIRE(places.items("sources").size() == 1);
    CHECK(places.items("sources")[0].text("title") == "Test-City");
    std::string many = "/places?address=10.0.0.1";
    for (int i = 0; i < 200; ++i) many += ",10.0.0.1";
    CHECK(world.get(many).status == 400);
}

TEST_CASE("an instance is also the sessions that are named after it") {
    World world;
    ingest(world.folder.path(), world.loud, kAccountA, "web-role/i-0123456789abcdef0", 4);
    const Answer instance = world.get("/entities/instance/i-0123456789abcdef0");
    CHECK(instance.json.integer("events") == 4);
    CHECK(instance.items("findings").size() == 1);
    world.be_tenant_b();
    CHECK(world.get("/entities/instance/i-0123456789abcdef0").json.integer("events") == 0);
}

TEST_CASE("whatever stands in an entity is a constant of the question") {
    World world;
    for (const std::string_view value :
         {"%22%20or%20%22%22%3D%22", "a%5C", "x%27%20or%201%3D1", "%7C%20limit%201"}) {
        CAPTURE(value);
        const Answer answer = world.get(fmt::format("/entities/user_agent/{}", value));
        CHECK(answer.status == 200);
        CHECK(answer.json.integer("events") == 0);
    }
    CHECK(api::query_quote("a\"b\\") == R"("a\"b\\")");
}
