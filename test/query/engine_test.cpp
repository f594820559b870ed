// Questions to a real lake.
#include "query/engine.h"

#include <algorithm>

#include "lake_fixture.h"

namespace yagura::query {
namespace {

struct Sample {
    SampleLake lake{{sample_folder()}};
    std::unique_ptr<Engine> engine = must(Engine::open(lake.folder(), {.threads = 1}));

    std::string one(std::string_view query) {
        const Told told = ask_lake(*engine, query);
        return told.rows.empty() ? told.text : told.rows[0];
    }
};

}  // namespace

TEST_CASE_FIXTURE(Sample, "every record of the sample is in the lake and can be asked for") {
    CHECK(lake.rows == 35);
    CHECK(one("stats count(*)") == "35");
    CHECK(ask_lake(*engine, "stats count(*) by @log").rows.size() == 3);
}

TEST_CASE_FIXTURE(Sample, "@message is the record's exact bytes") {
    std::ifstream file(sample_folder() / "cloudtrail.json");
    const std::string raw(std::istreambuf_iterator<char>(file), {});
    const Told told =
        ask_lake(*engine, "fields @message | sort @timestamp asc", {}, {"cloudtrail"});
    REQUIRE(told.rows.size() == 22);
    size_t found = 0;
    for (const std::string& row : told.rows) found += raw.find(row) != std::string::npos ? 1 : 0;
    CHECK(found == 22);
    CHECK(told.answer.rebuilt == 0);
    CHECK(one("filter @message like /futureField/ | fields eventName") == "GetCallerIdentity");
    CHECK(
        one("parse @message '\"futureField\":*,' as f | filter ispresent(f) | display eventName") ==
        "GetCallerIdentity");
    CHECK(one("stats sum(strlen(@message)) > 10000 as long") == "true");
}

TEST_CASE("a damaged or missing segment is named, whichever way the lake is asked") {
    const SampleLake lake{{sample_folder() / "cloudtrail.json"}};
    std::filesystem::path segment;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(lake.folder())) {
        if (entry.path().extension() == ".parquet") segment = entry.path();
    }
    const auto size = std::filesystem::file_size(segment);
    for (const bool is_gone : {false, true}) {
        is_gone ? static_cast<void>(std::filesystem::remove(segment))
                : std::filesystem::resize_file(segment, size / 2);
        auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
        Question question;
        const RowSink nowhere{[](const auto&) {}, [](auto) { return true; }};
        for (const bool is_sql : {false, true}) {
            question.text = is_sql ? "SELECT max(extra) FROM cloudtrail" : "fields @timestamp";
            const auto answer =
                is_sql ? engine->ask_sql(question, nowhere) : engine->ask(question, nowhere);
            REQUIRE_FALSE(answer);
            CHECK(answer.error().code() == Code::corrupt);
            CHECK(answer.error().sentence().find(segment.string()) != std::string::npos);
        }
        question.text = "fields @timestamp";
        question.scope = AccountScope::of({"123456789012"});
        const auto answer = engine->ask(question, nowhere);
        CHECK((answer || answer.error().sentence().find(segment.string()) == std::string::npos));
    }
}

TEST_CASE("a damaged or missing segment is named to whoever counts, or opens an event") {
    const SampleLake lake{{sample_folder() / "cloudtrail.json"}};
    std::filesystem::path segment;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(lake.folder())) {
        if (entry.path().extension() == ".parquet") segment = entry.path();
    }
    const std::string fields[] = {"eventName"};
    const CountSets sets{{"eventName"}, {{0}}};
    for (const bool is_gone : {false, true}) {
        is_gone ? static_cast<void>(std::filesystem::remove(segment))
                : std::filesystem::resize_file(segment, std::filesystem::file_size(segment) / 2);
        for (const AccountScope& scope :
             {AccountScope::all(), AccountScope::of({"111122223333"})}) {
            auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
            Question question;
            question.scope = scope;
            std::vector<Facet> facets;
            std::vector<std::vector<Group>> grouped;
            std::vector<Error> told;
            const auto fails = [&](const auto& answer) {
                REQUIRE_FALSE(answer);
                told.push_back(answer.error());
            };
            fails(engine->facets(question, fields, {}, facets));
            fails(engine->count_sets(question, sets, grouped));
            fails(engine->event(question, {1, 0}, {}));
            question.text = "stats count(*) as n by eventName";
            std::vector<Group> groups;
            fails(engine->count(question, groups));
            for (const Error& error : told) {
                CHECK(error.code() == Code::corrupt);
                const bool is_named = error.sentence().find(segment.string()) != std::string::npos;
                CHECK(is_named == scope.is_all());
            }
        }
    }
}

TEST_CASE("a record whose object is gone is rebuilt from its columns") {
    const auto copy = std::filesystem::temp_directory_path() /
                      ("yagura_gone_" + std::to_string(getpid()) + ".json");
    std::filesystem::copy_file(sample_folder() / "cloudtrail.json",
                               copy,
                               std::filesystem::copy_options::overwrite_existing);
    const SampleLake lake{{copy}};
    std::filesystem::remove(copy);
    auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
    const Told told = ask_lake(*engine, "filter eventName = 'DeleteTrail' | fields @message");
    REQUIRE(told.rows.size() == 1);
    CHECK(told.answer.rebuilt == 1);
    CHECK(told.rows[0].starts_with(R"({"@rebuilt":true,)"));
    CHECK(told.rows[0].find(R"("eventName":"DeleteTrail")") != std::string::npos);
    CHECK(told.rows[0].find(R"("@timestamp":"2024-07-31T11:41:00Z")") != std::string::npos);
    CHECK(told.rows[0].find(R"("sourceIPAddress":"2001:db8::66")") != std::string::npos);
}

TEST_CASE("a record whose object is gone or rewritten comes from the copy the lake keeps") {
    const auto copy = std::filesystem::temp_directory_path() /
                      ("yagura_kept_" + std::to_string(getpid()) + ".json");
    std::filesystem::copy_file(sample_folder() / "cloudtrail.json",
                               copy,
                               std::filesystem::copy_options::overwrite_existing);
    const SampleLake lake({copy}, true);
    for (const char* now : {"", "{}"}) {
        std::filesystem::remove(copy);
        if (*now != '\0') std::ofstream(copy) << now;
        auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
        const Told told = ask_lake(*engine, "filter eventName = 'DeleteTrail' | fields @message");
        REQUIRE(told.rows.size() == 1);
        CHECK(told.answer.rebuilt == 0);
        CHECK(told.rows[0].find(R"("eventName":"DeleteTrail")") != std::string::npos);
        CHECK(told.rows[0].find("@rebuilt") == std::string::npos);
    }
    std::filesystem::remove(copy);
}

TEST_CASE_FIXTURE(Sample, "the range asked for is half open and narrows the segments") {
    const auto day = *parse_iso8601("2024-08-01");
    const Told second = ask_lake(*engine, "stats count(*)", {day, std::nullopt});
    const Told first = ask_lake(*engine, "stats count(*)", {std::nullopt, day});
    CHECK(std::stoi(first.rows[0]) + std::stoi(second.rows[0]) == 35);
    CHECK(second.answer.segments_opened < second.answer.segments_total);
    CHECK(ask_lake(*engine, "filter @timestamp < '2024-08-01T00:00:00Z' | stats count(*)")
              .answer.segments_opened == first.answer.segments_opened);
}

TEST_CASE_FIXTURE(Sample, "a text that occurs nowhere opens nothing") {
    const Told none = ask_lake(*engine, "filter sourceIPAddress = '192.0.2.250' | fields @message");
    CHECK(none.rows.empty());
    CHECK(none.answer.segments_opened == 0);
    const Told either = ask_lake(
        *engine,
        "filter eventName = 'NoSuchThingAnywhere' or eventName = 'DeleteTrail' | stats count(*)");
    CHECK(either.rows[0] == "1");
    CHECK(either.answer.segments_opened == 1);
    CHECK(one("filter requestParameters.userName = 'svc-日本' | stats count(*)") == "2");
    CHECK(one("filter eventID = '00000000-0000-0000-0000-000000001012' | fields eventName") ==
          "DeleteTrail");
    CHECK(one("filter eventID = 'not-a-uuid' | stats count(*)") == "0");
}

TEST_CASE_FIXTURE(Sample, "an id of several log types is looked for in each one's own column") {
    // A UUID in CloudTrail's column of this name, a text in GuardDuty's.
    const Told one_event = ask_lake(
        *engine, "filter event_id = '00000000-0000-0000-0000-000000001012' | fields eventName");
    REQUIRE(one_event.rows.size() == 1);
    CHECK(one_event.rows[0] == "DeleteTrail");
    CHECK(one_event.answer.segments_opened == 1);
    const Told none = ask_lake(
        *engine, "filter event_id in ['99999999-0000-0000-0000-000000001012'] | fields eventName");
    CHECK(none.rows.empty());
    CHECK(none.answer.segments_opened == 0);
    CHECK(one("filter event_id = 'not-a-uuid' | stats count(*)") == "0");
}

TEST_CASE("an id that fits no column of UUIDs is found, and opens nothing where it is not") {
    test::Folder folder;
    folder.write(
        "a.json",
        R"({"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventSource":"a.b","eventName":"One","eventID":"EXAMPLE-1"})");
    SampleLake lake{{folder.path()}};
    const auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
    for (const std::string name : {"eventID", "event_id"}) {
        const Told told = ask_lake(*engine, "filter " + name + " = 'EXAMPLE-1' | fields eventName");
        REQUIRE(told.rows.size() == 1);
        CHECK(told.rows[0] == "One");
        const Told none = ask_lake(*engine, "filter " + name + " = 'EXAMPLE-2' | fields eventName");
        CHECK(none.rows.empty());
        CHECK(none.answer.segments_opened == 0);
    }
}

TEST_CASE_FIXTURE(Sample, "rows walked day by day are those of one big sort") {
    const Told walked = ask_lake(*engine, "fields @timestamp, @log, eventName | limit 100");
    const Told sorted = ask_lake(
        *engine, "fields @timestamp, @log, eventName | sort toMillis(@timestamp) desc | limit 100");
    CHECK(walked.rows.size() == 35);
    CHECK(walked.rows == sorted.rows);
    const Told oldest = ask_lake(*engine, "fields @timestamp | sort @timestamp asc | limit 3");
    CHECK(oldest.rows == std::vector<std::string>{"2024-07-31T08:00:00Z",
                                                  "2024-07-31T08:00:00Z",
                                                  "2024-07-31T08:01:10Z"});
    const Told few = ask_lake(*engine, "fields @timestamp | limit 1");
    CHECK(few.rows[0] == "2024-08-01T23:59:59Z");
}

TEST_CASE_FIXTURE(Sample, "SQL reads the lake and nothing else") {
    CHECK(ask_lake(*engine, "SELECT count(*) FROM cloudtrail", {}, {}, true).rows[0] == "22");
    CHECK(ask_lake(*engine,
                   "WITH a AS (SELECT event_action FROM cloudtrail) SELECT count(DISTINCT "
                   "event_action) FROM a",
                   {},
                   {},
                   true)
              .rows.size() == 1);
    const auto refused = [&](std::string_view text) {
        RowSink sink{[](const auto&) {}, [](auto) { return true; }};
        const auto answer = engine->ask_sql({text, {}, {}, {}}, sink);
        return !answer.has_value();
    };
    const std::string inside = (lake.folder() / "out.parquet").string();
    for (const std::string& text :
         std::vector<std::string>{"COPY cloudtrail TO '" + inside + "'",
                                  "ATTACH '" + inside + "'",
                                  "CREATE TABLE x AS SELECT 1",
                                  "DROP VIEW cloudtrail",
                                  "INSERT INTO cloudtrail VALUES (1)",
                                  "PRAGMA database_list",
                                  "SET threads = 1",
                                  "INSTALL httpfs",
                                  "LOAD httpfs",
                                  "CALL pragma_version()",
                                  "EXPORT DATABASE '" + inside + "'",
                                  "SELECT 1; SELECT 2",
                                  "SELECT * FROM read_text('/etc/passwd')",
                                  "SELECT * FROM read_csv('/etc/hosts')",
                                  "SELECT * FROM '/etc/passwd'",
                                  "SELECT * FROM glob('/etc/*')",
                                  "EXPLAIN ANALYZE SELECT 1",
                                  "VACUUM",
                                  "CHECKPOINT",
                                  "BEGIN",
                                  "UPDATE cloudtrail SET event_action = 'x'",
                                  "DELETE FROM cloudtrail",
                                  "SELECT FROM",
                                  ""}) {
        CHECK_MESSAGE(refused(text), text);
    }
    CHECK_FALSE(std::filesystem::exists(inside));
    CHECK(ask_lake(*engine, "SELECT count(*) FROM cloudtrail", {}, {}, true).rows[0] == "22");
}

TEST_CASE_FIXTURE(Sample, "SQL makes no text of gigabytes, and says so before it tries") {
    const RowSink nowhere{[](const auto&) {}, [](auto) { return true; }};
    for (const char* text :
         {"SELECT length(repeat('x', 2000000000))",
          "SELECT length(REPEAT(source_ip, 2000000)) FROM cloudtrail",
          "SELECT length(repeat(repeat('x', 100000), 100000))",
          "SELECT length(lpad('x', 2000000000, 'y'))",
          "SELECT length(rpad(source_ip, 100000, 'y')) FROM cloudtrail",
          "SELECT length(format('{:>2000000000}', 'a'))",
          "SELECT length(format('{:>{}}', 'a', 2000000000))",
          "SELECT length(printf('%2000000000d', 1))",
          "SELECT length(printf('%*d', 2000000000, 1))",
          "SELECT length(replace(repeat('a', 100000), 'a', repeat('b', 100000)))",
          "SELECT length(regexp_replace(repeat('a', 100000), 'a', repeat('b', 100000), 'g'))",
          "SELECT length(regexp_replace(repeat('a', 100000), 'a*', '\\0\\0\\0\\0', 'g'))",
          "SELECT max(length(s || s || s)) FROM (SELECT repeat('x', 100000) AS s FROM range(9))",
          "SELECT max(length(concat(s, s, s))) FROM (SELECT repeat('x', 100000) AS s)",
          "SELECT length(concat_ws(repeat('x', 100000), 1, 2, 3, 4))"}) {
        CAPTURE(text);
        const auto answer = engine->ask_sql({text, {}, {}, {}}, nowhere);
        REQUIRE_FALSE(answer);
        CHECK(answer.error().sentence().find("would make a text of more than") !=
              std::string::npos);
    }
    CHECK_FALSE(engine->ask_sql({"SELECT system.main.repeat('x', 3)", {}, {}, {}}, nowhere));
    const auto one_of = [&](const char* text) {
        const Told told = ask_lake(*engine, text, {}, {}, true);
        return told.rows.empty() ? told.text : told.rows[0];
    };
    CHECK(one_of("SELECT repeat('ab', 3)") == "ababab");
    CHECK(one_of("SELECT len(repeat([1, 2], 2))") == "4");
    CHECK(one_of("SELECT repeat(NULL, 3) IS NULL") == "true");
    CHECK(one_of("SELECT lpad('7', 3, '0') || rpad('7', 3, '0')") == "007700");
    CHECK(one_of("SELECT format('{{\"a\": {:>3}}} 123456 {}', 'x', 7)") == "{\"a\":   x} 123456 7");
    CHECK(one_of("SELECT printf('%5.1f * %d', 1.25, 123456)") == "  1.2 * 123456");
    CHECK(one_of("SELECT replace('aXa', 'X', 'bb')") == "abba");
    CHECK(one_of("SELECT replace('aXa', '', repeat('b', 100000))") == "aXa");
    // Long texts of long ones are no mischief.
    CHECK(one_of("SELECT length(replace(repeat('ab', 60000), 'a', 'xyz'))") == "240000");
    CHECK(one_of("SELECT length(regexp_replace(repeat('ab', 20000), '(a)b', '\\1-\\1', 'g'))") ==
          "60000");
    CHECK(one_of("SELECT regexp_replace('abcabc', 'B', '-', 'gi')") == "a-ca-c");
    CHECK(one_of("SELECT regexp_replace('abcabc', 'b', repeat('-', 3))") == "a---cabc");
    CHECK(one_of("SELECT regexp_replace(NULL, 'b', '-') IS NULL") == "true");
    CHECK(one_of("SELECT 'a' || 1 || NULL IS NULL") == "true");
    CHECK(one_of("SELECT 'a' || 1 || true || DATE '2024-07-31'") == "a1true2024-07-31");
    CHECK(one_of("SELECT len([1, 2] || [3])") == "3");
    CHECK(one_of("SELECT concat('a', NULL, 1) || concat_ws('-', 'b', NULL, 2)") == "a1b-2");
    CHECK(
        one_of("SELECT made FROM (SELECT x || y || x AS made FROM (SELECT 'v' AS x, 'w' AS y))") ==
        "vwv");
    std::string many = "SELECT length('a'";
    for (int i = 0; i < 40; ++i) many += " || 'bc'";
    CHECK(one_of((many + ")").c_str()) == "81");
}

TEST_CASE_FIXTURE(Sample, "a query that needs too much memory is told so in our words") {
    const RowSink nowhere{[](const auto&) {}, [](auto) { return true; }};
    Question question{"SELECT list(range) FROM range(1000000000)", {}, {}, {}};
    question.memory_limit_bytes = 64u << 20;
    const auto answer = engine->ask_sql(question, nowhere);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code() == Code::limit);
    CHECK(answer.error().sentence().find("64.0 MiB of memory that a query may take") !=
          std::string::npos);
}

TEST_CASE_FIXTURE(Sample, "a plan is explained with its SQL and nothing is run") {
    Engine::Explained out;
    const auto answer = engine->explain(
        {"filter eventName = 'DeleteTrail' | stats count(*) by bin(1h)", {}, {"cloudtrail"}, {}},
        out);
    REQUIRE(answer);
    CHECK(answer->segments_opened == 1);
    CHECK(out.plan.find("only segments with: DeleteTrail in c") != std::string::npos);
    CHECK(out.sql.find("$1 = 'DeleteTrail'") != std::string::npos);
    CHECK(out.sql.find("GROUP BY") != std::string::npos);
}

TEST_CASE_FIXTURE(Sample, "a text that only occurs in other columns opens no segment") {
    const auto opened = [&](const std::string& text) {
        Engine::Explained out;
        return engine->explain({text, {}, {"cloudtrail"}, {}}, out)->segments_opened;
    };
    CHECK(opened("filter eventName = 'DeleteTrail'") == 1);
    CHECK(opened("filter sourceIPAddress = 'DeleteTrail'") == 0);
    CHECK(opened("filter sourceIPAddress = 'DeleteTrail' or eventName = 'DeleteTrail'") == 1);
    CHECK(opened("filter requestParameters.name = 'DeleteTrail'") == 0);
}

TEST_CASE_FIXTURE(Sample, "a log without the field asked for is not opened") {
    Engine::Explained out;
    const auto opened = [&](const std::string& field) {
        const std::string text = "filter " + field + " = 'eni-0123456789abcdef0'";
        return engine->explain({text, {}, {"cloudtrail", "vpc_flow"}, {}}, out)->segments_opened;
    };
    CHECK(opened("interfaceId") > 0);
    CHECK(opened("eventName") == 0);
}

TEST_CASE_FIXTURE(Sample, "a wrong log type is an error with a suggestion") {
    RowSink sink{[](const auto&) {}, [](auto) { return true; }};
    const auto answer = engine->ask({"fields @message", {}, {"cloudtrial"}, {}}, sink);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().sentence().find("did you mean 'cloudtrail'?") != std::string::npos);
}

}  // namespace yagura::query
