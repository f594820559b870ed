// Two tenants in one lake: whatever one asks, the answer is that of a lake without the other.
//
// The same questions go to a lake that holds both and to one that holds the first alone, both asked
// as the first tenant. Rows, notes, figures and errors must be the same, to the letter.
#include <algorithm>
#include <random>
#include <set>

#include <fmt/format.h>

#include "lake_fixture.h"
#include "match/ir.h"
#include "query/hunt.h"
#include "store/account_filter.h"
#include "store/find.h"

namespace yagura::query {
namespace {

constexpr std::string_view kOurs = "111111111111";
constexpr std::string_view kTheirs = "222222222222";
constexpr std::string_view kMark = "tenantb";  // stands in every text of the other tenant

std::string marked(std::string_view text, bool theirs) {
    return std::string(text) + (theirs ? "-tenantb" : "");
}

// A CloudTrail record that differs from all others.
std::string record(int number, bool theirs) {
    const std::string_view account = theirs ? kTheirs : kOurs;
    constexpr std::string_view kNames[] = {"GetObject", "PutObject", "ConsoleLogin", "DeleteTrail"};
    return fmt::format(
        R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::{0}:user/{1}",)"
        R"("accountId":"{0}","userName":"{1}"}},"eventTime":"2024-07-31T{2:02}:{3:02}:00Z",)"
        R"("eventSource":"{4}.amazonaws.com","eventName":"{5}","awsRegion":"{6}",)"
        R"("sourceIPAddress":"{7}","userAgent":"{8}","errorCode":"{9}",)"
        R"("requestParameters":{{"bucketName":"{10}","size":{11}}},"requestID":"{12}",)"
        R"("eventID":"00000000-0000-0000-000{13}-{14:012}","eventType":"AwsApiCall",)"
        R"("strange{15}":"{16}","recipientAccountId":"{0}","eventCategory":"Management"}})",
        account,
        marked(fmt::format("user{}", number % 3), theirs),
        number % 24,
        number % 60,
        marked("s3", theirs),
        marked(kNames[number % 4], theirs),
        marked("us-east-1", theirs),
        theirs ? fmt::format("198.51.100.{}", number % 200)
               : fmt::format("203.0.113.{}", number % 5),
        marked("aws-cli/2", theirs),
        marked(number % 2 == 0 ? "AccessDenied" : "Throttled", theirs),
        marked("bucket", theirs),
        theirs ? 900'000 + number : number,
        marked(fmt::format("R{}", number), theirs),
        theirs ? 2 : 1,
        number,
        theirs ? "TenantbField" : "",
        marked("odd", theirs));
}

std::string flow(int number, bool theirs) {
    return fmt::format("2 {} {} {} 10.0.0.1 {} 443 6 {} {} 1722400000 1722400060 {} OK\n",
                       theirs ? kTheirs : kOurs,
                       marked("eni-1", theirs),
                       theirs ? fmt::format("198.51.100.{}", number % 200)
                              : fmt::format("203.0.113.{}", number % 5),
                       1000 + number,
                       theirs ? 77'777 : 3,
                       theirs ? 8'888'888 : 100 + number,
                       number % 2 == 0 ? "ACCEPT" : "REJECT");
}

// Log files as they are with and without the other tenant; ours come first, so that objects and
// ordinals are the same.
class Logs {
  public:
    explicit Logs(bool with_theirs) {
        std::string ours, theirs, mixed, flows;
        for (int i = 0; i < 60; ++i) {
            ours += (i > 0 ? "," : "") + record(i, false);
            mixed += (i > 0 ? "," : "") + record(100 + i, false);
            flows += flow(i, false);
        }
        for (int i = 0; i < 300 && with_theirs; ++i) {
            theirs += (i > 0 ? "," : "") + record(i, true);
            mixed += "," + record(1000 + i, true);
            flows += flow(i, true);
        }
        write("a.json", R"({"Records":[)" + ours + "]}");
        write("b.json", R"({"Records":[)" + mixed + "]}");
        write("c.log",
              "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets "
              "bytes start end action log-status\n" +
                  flows);
        if (with_theirs) write("tenantb.json", R"({"Records":[)" + theirs + "]}");
    }
    const std::vector<std::filesystem::path>& paths() const { return paths_; }

  private:
    void write(const std::string& name, const std::string& text) {
        paths_.push_back(folder_.write(name, text));
    }
    Folder folder_;
    std::vector<std::filesystem::path> paths_;
};

struct Tenants {
    Logs both_logs{true};
    Logs ours_logs{false};
    SampleLake both{both_logs.paths()};
    SampleLake ours{ours_logs.paths()};
    std::unique_ptr<Engine> both_engine = must(Engine::open(both.folder(), {.threads = 2}));
    std::unique_ptr<Engine> ours_engine = must(Engine::open(ours.folder(), {.threads = 2}));
    AccountScope scope = AccountScope::of({std::string(kOurs)});

    // Everything that is told about a question.
    std::string told(Engine& engine, const Question& question, bool sql) const {
        std::vector<std::string> rows;
        std::string text;
        RowSink sink;
        sink.columns = [&](const std::vector<ResultColumn>& columns) {
            for (const ResultColumn& column : columns)
                text += fmt::format("{} {}|", column.name, value_type_name(column.type));
        };
        sink.row = [&](std::span<const sql::Value> cells) {
            std::string line;
            for (const sql::Value& cell : cells) line += cell_text(cell) + "|";
            rows.push_back(line);
            return true;
        };
        sink.progress = [&](const Progress& progress) {
            text += fmt::format(
                "{}/{}/{} ", progress.segments, progress.segments_total, progress.bytes);
        };
        const auto answer = sql ? engine.ask_sql(question, sink) : engine.ask(question, sink);
        if (!answer) return "error: " + answer.error().sentence();
        for (const Diagnostic& note : answer->notes) text += to_string(note) + "\n";
        text += fmt::format("{} {} {} {} {} {}\n",
                            answer->rows,
                            answer->segments_opened,
                            answer->segments_total,
                            answer->bytes_opened,
                            answer->rebuilt,
                            answer->limited);
        if (sql) std::sort(rows.begin(), rows.end());
        for (const std::string& row : rows) text += row + "\n";
        return text;
    }

    void check(std::string_view text, bool sql = false, std::vector<std::string> types = {}) const {
        Question question;
        question.text = text;
        question.types = std::move(types);
        question.now = from_micros(1'722'600'000'000'000);
        question.scope = scope;
        CAPTURE(std::string(text));
        const std::string mixed = told(*both_engine, question, sql);
        const std::string alone = told(*ours_engine, question, sql);
        CHECK(mixed == alone);
        // A question's own words come back as names of columns.
        const auto is_told = [&](std::string_view mark) {
            return mixed.find(mark) != std::string::npos && text.find(mark) == std::string::npos;
        };
        CHECK_FALSE(is_told(kMark));
        CHECK_FALSE(is_told("TenantbField"));
        CHECK_FALSE(is_told(kTheirs));
        CHECK_FALSE(is_told("198.51.100."));
    }
};

// Questions at random, out of parts that look at every kind of field and at every way to fail.
class Questions {
  public:
    explicit Questions(uint32_t seed) : random_(seed) {}

    std::string query() {
        std::string out;
        const size_t steps = pick(3);
        for (size_t i = 0; i < steps; ++i) out += "filter " + condition(2) + " | ";
        if (pick(4) == 0) out += "parse " + field() + " /(?<part>[a-z]+)/ | ";
        switch (pick(5)) {
            case 0:
                return out +
                       fmt::format("stats count(*) as n, countDistinct({}) by {} | sort n desc",
                                   field(),
                                   key());
            case 1:
                return out +
                       fmt::format(
                           "stats {}({}) as x, values({}) as v", aggregate(), number(), field());
            case 2:
                return out +
                       fmt::format("fields {}, {} as b | dedup {}", field(), expression(), field());
            case 3:
                return out + fmt::format("fields @ptr, @logStream, @log, {} | sort {} | limit {}",
                                         field(),
                                         field(),
                                         1 + pick(40));
            default:
                return out + fmt::format("fields {}, {} as b, @message", field(), expression());
        }
    }

    std::string select() {
        constexpr std::string_view kTables[] = {"cloudtrail", "vpc_flow"};
        const std::string_view table = kTables[pick(2)];
        const std::string column = table == "cloudtrail"
                                       ? word({"event_action",
                                               "user_agent",
                                               "extra",
                                               "request_parameters",
                                               "cloud_account_id",
                                               "source_ip",
                                               "error_code"})
                                       : word({"source_ip", "cloud_account_id", "event_action"});
        switch (pick(6)) {
            case 0:
                return fmt::format("SELECT CAST({} AS INTEGER) FROM {} WHERE length({}) > 3",
                                   column,
                                   table,
                                   column);
            case 1:
                return fmt::format("SELECT {}, count(*) FROM {} GROUP BY ALL", column, table);
            case 2:
                return fmt::format(
                    "SELECT min({}), max({}), count({}) FROM {}", column, column, column, table);
            case 3:
                return fmt::format(
                    "SELECT * FROM {} WHERE {} LIKE '%tenantb%' OR error({}) IS NULL",
                    table,
                    column,
                    column);
            case 4:
                return fmt::format(
                    "WITH x AS (SELECT {0} AS v FROM {1}) SELECT a.v FROM x a JOIN x b ON a.v = "
                    "b.v AND CASE WHEN a.v LIKE '%tenantb' THEN error('seen') ELSE TRUE END",
                    column,
                    table);
            default:
                return fmt::format(
                    "SELECT count(*), max(ordinal), max(object_id), sum(CASE WHEN {} LIKE "
                    "'%tenantb%' THEN 1 ELSE 0 END) FROM {}",
                    column,
                    table);
        }
    }

  private:
    size_t pick(size_t count) { return random_() % count; }
    std::string word(std::vector<std::string_view> words) {
        return std::string(words[pick(words.size())]);
    }
    std::string field() {
        return word({"eventName",
                     "sourceIPAddress",
                     "userIdentity.userName",
                     "userAgent",
                     "awsRegion",
                     "errorCode",
                     "requestParameters",
                     "requestParameters.bucketName",
                     "eventID",
                     "cloud_account_id",
                     "@log",
                     "@logStream",
                     "@ptr",
                     "strange",
                     "strangeTenantbField",
                     "interfaceId",
                     "bytes",
                     "object_id",
                     "ordinal",
                     "extra",
                     "action"});
    }
    std::string number() {
        return word({"bytes",
                     "packets",
                     "requestParameters.size",
                     "ordinal",
                     "strlen(userAgent)",
                     "strlen(@message)",
                     "object_id"});
    }
    std::string aggregate() {
        return word({"sum", "avg", "min", "max", "count", "stddev", "latest", "earliest"});
    }
    std::string key() { return pick(3) == 0 ? "bin(1h)" : field(); }
    std::string text() {
        return word({"\"GetObject\"",
                     "\"GetObject-tenantb\"",
                     "\"tenantb\"",
                     "\"203.0.113.3\"",
                     "\"222222222222\"",
                     "\"111111111111\"",
                     "\"user1\"",
                     "\"odd-tenantb\""});
    }
    // Each fails for some values, and would tell of them if it were asked.
    std::string expression() {
        return fmt::format(fmt::runtime(word({"abs(toInt(if({0} = {1}, -9223372036854775808, 1)))",
                                              "round(1, if({0} like {1}, 1e300, 1))",
                                              "substr(userAgent, if({0} = {1}, 1e300, 0))",
                                              "haversine(if({0} like {1}, 1e308, 0) * 10, 0, 0, 0)",
                                              "base64decode({0})",
                                              "jsonParse({0})",
                                              "concat({0}, {1})",
                                              "parseDate({0}, \"yyyy\")",
                                              "toupper({0})"})),
                           field(),
                           text());
    }
    std::string condition(int depth) {
        switch (pick(depth > 0 ? 7 : 4)) {
            case 0:
                return fmt::format("{} = {}", field(), text());
            case 1:
                return fmt::format("{} like {}", field(), text());
            case 2:
                return fmt::format("{} > {}", number(), pick(200));
            case 3:
                return fmt::format("{} in [{}, {}]", field(), text(), text());
            case 4:
                return fmt::format("({} or {})", condition(depth - 1), condition(depth - 1));
            case 5:
                return fmt::format("not ({})", condition(depth - 1));
            default:
                return fmt::format("ispresent({})", expression());
        }
    }
    std::mt19937 random_;
};

}  // namespace

TEST_CASE_FIXTURE(Tenants, "both tenants are in the lake, and who may see all sees both") {
    CHECK(both.rows == 60 * 3 + 300 * 3);
    CHECK(ours.rows == 60 * 3);
    CHECK(ask_lake(*both_engine, "stats count(*)").rows[0] == "1080");
    CHECK(ask_lake(*both_engine, "stats count(*) by cloud_account_id").rows.size() == 2);
}

TEST_CASE_FIXTURE(Tenants, "what one tenant asks never shows the other: Logs Insights QL") {
    check("stats count(*)");
    check("stats count(*) by cloud_account_id, @log");
    check("fields @timestamp, @message, @ptr, @logStream | limit 500");
    check("filter @message like /tenantb/");
    check("filter cloud_account_id = '222222222222'");
    check("fields nosuchfield");
    check("fields eventNmae");
    check("stats count(*) by nosuchfield");
    check("filter abs(toInt(if(userAgent = 'aws-cli/2-tenantb', -9223372036854775808, 1))) > 0");
    const uint32_t seeds = 150;
    for (uint32_t seed = 1; seed <= seeds; ++seed) {
        Questions questions(seed);
        check(questions.query(),
              false,
              seed % 3 == 0 ? std::vector<std::string>{"cloudtrail"} : std::vector<std::string>{});
    }
}

TEST_CASE_FIXTURE(Tenants, "what one tenant asks never shows the other: SQL") {
    check("SELECT count(*) FROM cloudtrail", true);
    check("SELECT count(*) FROM guardduty", true);
    check("SELECT * FROM cloudtrail", true);
    check("SELECT CAST(user_agent AS INTEGER) FROM cloudtrail", true);
    check(
        "SELECT count(*) FROM cloudtrail WHERE CASE WHEN user_agent LIKE '%tenantb' THEN "
        "error('seen') ELSE TRUE END",
        true);
    check("SELECT * FROM cloudtrail_tenantb", true);
    for (uint32_t seed = 1; seed <= 120; ++seed) check(Questions(seed).select(), true);
}

TEST_CASE_FIXTURE(Tenants, "SQL cannot go around the tables it is given") {
    const std::string file = (both.folder() / "catalog.sqlite").string();
    for (const std::string& text : std::vector<std::string>{
             "SELECT * FROM read_parquet('" + both.folder().string() + "/**/*.parquet')",
             "SELECT * FROM '" + both.folder().string() + "/**/*.parquet'",
             "SELECT content FROM read_blob('" + file + "')",
             "SELECT * FROM read_text('" + file + "')",
             "SELECT * FROM glob('" + both.folder().string() + "/**')",
             "SELECT sql FROM duckdb_views()",
             "SELECT sql FROM duckdb_views",
             "SELECT * FROM sqlite_master",
             "SELECT * FROM main.sqlite_master",
             "SELECT * FROM pg_catalog.pg_views",
             "SELECT * FROM information_schema.tables",
             "SELECT * FROM query('SELECT * FROM duckdb_views()')",
             "SELECT * FROM query_table('duckdb_views')",
             "SELECT * FROM (SHOW ALL TABLES)",
             "SELECT * FROM (DESCRIBE cloudtrail)",
             "SELECT * FROM parquet_metadata('" + both.folder().string() + "/**/*.parquet')",
             "SELECT yagura_message(object_id, ordinal + 1) FROM cloudtrail",
             "SELECT main.yagura_object(object_id) FROM cloudtrail",
             "SELECT object_id.yagura_object() FROM cloudtrail",
             "SELECT current_setting('temp_directory')",
             "SELECT getvariable('x')",
             "WITH \"" + file + "\" AS (SELECT 1) SELECT * FROM \"" + file + "\"",
             "SELECT (WITH duckdb_views AS (SELECT 1 AS sql) SELECT sql FROM duckdb_views), v.sql "
             "FROM duckdb_views v",
             "SELECT (SELECT max(content) FROM read_text('" + file + "'))",
             "SELECT * FROM temp.cloudtrail",
             "EXPLAIN SELECT * FROM cloudtrail",
             "EXPLAIN ANALYZE SELECT * FROM cloudtrail",
             "SELECT 1; SELECT 2",
             std::string("SELECT 1\0", 9)}) {
        Question question;
        question.text = text;
        question.scope = scope;
        RowSink sink{[](const auto&) {}, [](auto) { return true; }};
        const auto answer = both_engine->ask_sql(question, sink);
        CHECK_MESSAGE(!answer, text);
        if (!answer)
            CHECK_MESSAGE(
                fold_case(answer.error().sentence()).find("parquet(") == std::string::npos, text);
    }
}

TEST_CASE_FIXTURE(Tenants,
                  "an indicator of the other tenant is nowhere, and ours are counted alone") {
    auto lake = must(store::Lake::open(both.folder()));
    store::FindOptions options;
    options.scope = scope;
    const std::vector<store::Indicator> theirs = {store::Indicator("198.51.100.7"),
                                                  store::Indicator(kTheirs)};
    CHECK(must(store::find(lake, theirs, options)).total == 0);
    CHECK(must(store::find(lake, theirs, {})).total > 0);
    const std::vector<store::Indicator> ours_ip = {store::Indicator("203.0.113.3")};
    auto alone = must(store::Lake::open(ours.folder()));
    const auto found = must(store::find(lake, ours_ip, options));
    CHECK(found.total == must(store::find(alone, ours_ip, options)).total);
    CHECK(found.total > 0);
    CHECK(found.segments == 0);
}

TEST_CASE_FIXTURE(Tenants, "a hunt sees the rows of its scope and counts no others") {
    match::Rule rule;
    rule.info.id = "any-read";
    rule.predicates.push_back(
        {.field = "eventSource",
         .operands = {{.kind = match::Operand::Kind::text, .text = "nowhere"}}});
    rule.condition = match::Condition{.kind = match::Condition::Kind::negation,
                                      .children = {{.kind = match::Condition::Kind::predicate}}};
    const match::Rule* const rules[] = {&rule};
    Hunt request;
    request.rules = rules;
    request.scope = scope;
    std::atomic<uint64_t> asked{0};
    request.asked = &asked;
    auto lake = must(store::Lake::open(both.folder()));
    uint64_t hits = 0;
    const HuntTotals totals = must(hunt(lake, request, [&](const HuntHit& hit) {
        ++hits;
        CHECK(hit.event.record.find("tenantb") == std::string_view::npos);
    }));
    CHECK(hits == 180);
    CHECK(asked == 180);
    CHECK(totals.rows == 0);
    CHECK(totals.segments == 0);
    request.scope = AccountScope::all();
    CHECK(must(hunt(lake, request, [](const HuntHit&) {})).matched == 1080);
}

TEST_CASE_FIXTURE(Tenants, "an event of the other tenant cannot be fetched by its number") {
    Question question;
    question.now = from_micros(1'722'600'000'000'000);
    const Origin theirs{2, 60 + 5};
    const auto seen = must(both_engine->event(question, theirs));
    REQUIRE(seen);
    CHECK(seen->record.find("tenantb") != std::string::npos);
    question.scope = scope;
    CHECK_FALSE(must(both_engine->event(question, theirs)));
    const auto own = must(both_engine->event(question, {2, 5}));
    REQUIRE(own);
    CHECK(own->record.find(R"("requestID":"R105")") != std::string::npos);
    CHECK_FALSE(own->is_rebuilt);
    CHECK(own->object_path == "b.json");
}

TEST_CASE("paths are told as far as they are one's own") {
    const auto scope = AccountScope::of({"111111111111"});
    const std::string path =
        "/data/222222222222/AWSLogs/111111111111/CloudTrail/x_20240731T0000Z.json.gz";
    CHECK(store::visible_path(path, AccountScope::all()) == path);
    CHECK(store::visible_path(path, scope) ==
          "AWSLogs/111111111111/CloudTrail/x_20240731T0000Z.json.gz");
    CHECK(store::visible_path("/d/AWSLogs/222222222222/x", scope).empty());
    CHECK(store::visible_path("/secret/place/file.json", scope) == "file.json");
    CHECK(store::visible_path("222222222222_x.json", scope).empty());
}

TEST_CASE_FIXTURE(Tenants, "an empty scope sees an empty lake") {
    Question question;
    question.text = "stats count(*)";
    question.scope = AccountScope();
    CHECK(told(*both_engine, question, false).find("\n0|\n") != std::string::npos);
    question.text = "SELECT count(*) FROM cloudtrail";
    CHECK(told(*both_engine, question, true).find("\n0|\n") != std::string::npos);
}

}  // namespace yagura::query
