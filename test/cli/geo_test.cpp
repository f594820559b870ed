// --geo as a person gives it.
#include "cli/program.h"
#include "enrich/mmdb_writer.h"

using namespace yagura::cli;
using yagura::enrich::MmdbWriter;

namespace {

// One call from 203.0.113.7 that meets a rule.
void write_scene(const Workshop& shop) {
    shop.write(
        "logs/a.json",
        R"({"Records":[{"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventID":"6b7e2f00-0000-4000-8000-000000000001","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","recipientAccountId":"111122223333","eventType":"AwsApiCall","userIdentity":{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333"}}]})");
    MmdbWriter writer;
    writer.add("203.0.113.0/24",
               yagura::enrich::place_record("NL", "Netherlands", "オランダ", "Utrecht"));
    shop.write("geo/city.mmdb", writer.bytes("Test-City"));
}

}  // namespace

TEST_CASE("a scan says where the addresses of its summary are, on the screen and on the page") {
    const Workshop shop;
    write_scene(shop);
    const Run run = shop.run("scan logs --geo geo -f html -o page.html");
    CHECK(run.exit_code == 0);
    CHECK(has(run.out, "Utrecht, Netherlands"));
    CHECK(has(shop.read("page.html"), "Utrecht, Netherlands"));
    CHECK(has(shop.run("--lang ja scan logs", "YAGURA_GEO=geo").out, "オランダ"));
    CHECK_FALSE(has(shop.run("scan logs").out, "Utrecht"));
}

TEST_CASE("what is no database of addresses is refused by its name before anything is read") {
    const Workshop shop;
    write_scene(shop);
    shop.write("broken.mmdb", shop.read("geo/city.mmdb").substr(0, 200));
    for (const char* name : {"broken.mmdb", "logs/a.json", "gone.mmdb"}) {
        const Run run = shop.run(std::string("scan logs --geo ") + name);
        CHECK(run.exit_code == 2);
        CHECK(has(run.err, name));
    }
}

TEST_CASE("finding an address says where it is") {
    const Workshop shop;
    write_scene(shop);
    REQUIRE(shop.run("ingest logs --lake lake").exit_code == 0);
    const Run run = shop.run("find 203.0.113.7 --lake lake --geo geo/city.mmdb");
    CHECK(run.exit_code == 0);
    CHECK(has(run.err, "203.0.113.7: "));
    CHECK(has(run.err, "Utrecht, Netherlands"));
}

TEST_CASE("the console does not begin with proxies that are none, or before there is somebody") {
    const Workshop shop;
    const Run wrong = shop.run("serve --lake lake --listen 127.0.0.1:0 --trusted-proxy 10.0.0.1/8");
    CHECK(wrong.exit_code == 2);
    CHECK(has(wrong.err, "10.0.0.1/8"));
    const Run early = shop.run("serve --lake lake --listen 127.0.0.1:0 --trusted-proxy 127.0.0.1");
    CHECK(early.exit_code == 2);
    CHECK(has(early.err, "user add"));
}
