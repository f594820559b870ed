// `yagura lake` and `yagura query`, as typed: numbers too large to mean, ranges the wrong way
// round.
#include "program.h"

namespace yagura::cli {

TEST_CASE("however many days are to be kept, no number of them drops what is younger") {
    const Workshop shop;
    shop.write("log.json",
               R"({"eventTime":"2024-07-31T12:00:00Z","eventName":"GetUser","eventSource":)"
               R"("iam.amazonaws.com","eventID":"11111111-2222-3333-4444-555555555555"})"
               "\n");
    REQUIRE(shop.run("ingest log.json --lake lake -q").exit_code == 0);
    for (const char* days : {"14610000", "99999999", "4294967295", "30000"}) {
        REQUIRE(shop.run(fmt::format("lake retain --lake lake --days {} -q", days)).exit_code == 0);
        CHECK(shop.run("query --lake lake 'stats count(*)' -f csv -q").out == "count(*)\n1\n");
    }
    REQUIRE(shop.run("lake retain --lake lake --days 1 -q").exit_code == 0);
    CHECK(shop.run("query --lake lake 'stats count(*)' -f csv -q").out == "count(*)\n0\n");
}

TEST_CASE("a time range that ends before it begins is an error in either language") {
    const Workshop shop;
    shop.write("log.json", "{}\n");
    shop.run("ingest log.json --lake lake -q");
    const std::string words =
        "query --lake lake 'stats count(*)' --from 2024-07-05 --to 2024-07-01";
    const Run run = shop.run(words);
    CHECK(run.exit_code == 2);
    CHECK(has(run.err, "before it begins (2024-07-05)"));
    CHECK(has(shop.run("--lang ja " + words).err, "期間の終わり"));
}

TEST_CASE("a mistake in SQL is shown line by line, with the engine's mark under it") {
    const Workshop shop;
    shop.write("log.json", "{}\n");
    shop.run("ingest log.json --lake lake -q");
    const Run run = shop.run("query --lake lake --sql 'SELECT nosuch FROM cloudtrail'");
    CHECK(run.exit_code == 2);
    CHECK(has(run.err, "\nLINE 1: SELECT nosuch FROM cloudtrail\n"));
    CHECK(!has(run.err, "\\n"));
}

}  // namespace yagura::cli
