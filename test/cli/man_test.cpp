// The manual page and `yagura doctor`.
#include "cli/program.h"
#include "cli/version.h"

using namespace yagura::cli;

TEST_CASE("the manual is roff that renders without a warning, in both languages") {
    const Workshop shop;
    if (shop.shell("command -v groff").exit_code != 0) {
        MESSAGE("groff is not installed; skipped");
        return;
    }
    for (const char* words : {"man", "man --lang ja", "man rules lint", "man scan --lang ja"}) {
        shop.write("page", shop.run(words).out);
        const Run run = shop.shell("groff -man -Tutf8 -ww page");
        CAPTURE(words);
        CHECK(run.err.empty());
        CHECK(run.out.size() > 500);
    }
}

TEST_CASE("the manual names every command and option, exit codes and variables") {
    const Workshop shop;
    const std::string page = shop.run("man").out;
    for (const char* part : {".TH YAGURA 1",
                             ".SH NAME\nyagura \\- tell",
                             ".SS \\&rules lint",
                             "\\-\\-summary\\-json",
                             "\\fB\\&4\\fR",
                             "YAGURA_LAKE",
                             "config.yaml"}) {
        CAPTURE(part);
        CHECK(has(page, part));
    }
    CHECK(has(shop.run("man --lang ja").out, ".mso ja.tmac"));
    for (const char c : page) CHECK_UNARY(c == '\n' || (c >= ' ' && c <= '~'));
}

TEST_CASE("a manual page of a command that is not there names the nearest") {
    const Workshop shop;
    const Run run = shop.run("man rules lnt");
    CHECK(run.exit_code == 2);
    CHECK(run.err == "yagura: there is no command 'lnt' (did you mean 'lint'?)\n");
}

TEST_CASE("doctor is content with a good installation and says so in JSON") {
    const Workshop shop;
    const Run run = shop.run("doctor -f json");
    CHECK(run.exit_code == 0);
    for (const char* check : {"locale", "configuration", "rules", "engine", "clock"}) {
        CAPTURE(check);
        CHECK(has(run.out, fmt::format(R"({{"check":"{}","status":"ok",)", check)));
    }
    const char* const program = program_build() == "release" ? "ok" : "warn";
    CHECK(has(run.out, fmt::format(R"({{"check":"program","status":"{}",)", program)));
}

TEST_CASE("doctor names the trouble and the remedy") {
    const Workshop shop;
    const Run rules = shop.run("doctor", "YAGURA_RULES=/nonexistent");
    CHECK(rules.exit_code == 1);
    CHECK(has(rules.out, "YAGURA_RULES"));
    const Run locale = shop.run("doctor -f json", "LC_ALL=C");
    CHECK(locale.exit_code == 0);
    CHECK(has(locale.out, R"("check":"locale","status":"warn")"));
    const Run lake = shop.run("doctor --lake nowhere -f json");
    CHECK(lake.exit_code == 1);
    CHECK(has(lake.out, R"("check":"lake","status":"fail")"));
}

TEST_CASE("doctor looks into a lake: its rows, strays and room") {
    const Workshop shop;
    shop.write("logs/a.json",
               R"({"Records":[{"eventVersion":"1.08","eventTime":"2999-05-01T10:00:00Z",)"
               R"("eventID":"6b7e2f00-0000-4000-8000-000000000001","eventName":"StopLogging",)"
               R"("eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-west-1",)"
               R"("userIdentity":{"type":"Root"}}]})");
    REQUIRE(shop.run("ingest logs --lake lake").exit_code == 0);
    Run run = shop.run("doctor --lake lake -f json");
    CHECK(run.exit_code == 0);
    CHECK(has(run.out, R"("check":"orphans","status":"ok")"));
    CHECK(has(run.out, R"("check":"writer","status":"ok")"));
    CHECK(has(run.out, "1 segments, 1 rows"));
    CHECK(has(run.out, "the newest event is 2999-05-01"));
    shop.write("lake/cloudtrail/dt=2999-05-01/0000000000000099.parquet", "left over");
    run = shop.run("doctor --lake lake -f json");
    CHECK(has(run.out, R"("check":"orphans","status":"warn","detail":"1 files in no catalog")"));
}
