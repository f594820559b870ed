// An independent witness: the same questions put to the lake in QL and to the raw files through the
// engine's own JSON reader. Two decoders, two schemas, two languages; one answer.
#include <algorithm>
#include <cstdlib>

#include "lake_fixture.h"
#include "sql/database.h"

namespace yagura::query {
namespace {

struct Pair {
    std::string_view ql;
    std::string_view sql;  // over raw(j, time, name, source, region, ip, agent, error, type, arn)
};

constexpr Pair kQuestions[] = {
    {"stats count(*)", "SELECT count(*) FROM raw"},
    {"fields eventID", "SELECT lower(j->>'$.eventID') FROM raw"},
    {"fields @timestamp, eventName, eventSource, awsRegion",
     "SELECT time, name, source, region FROM raw"},
    {"stats count(*) by eventName", "SELECT name, count(*) FROM raw GROUP BY 1"},
    {"stats count(*) by eventSource, awsRegion",
     "SELECT source, region, count(*) FROM raw GROUP BY 1, 2"},
    {"stats count(*) by bin(1h)", "SELECT date_trunc('hour', time), count(*) FROM raw GROUP BY 1"},
    {"stats count(*) by bin(5m), errorCode",
     "SELECT time_bucket(INTERVAL 5 minutes, time), error, count(*) FROM raw GROUP BY 1, 2"},
    {"filter ispresent(errorCode) | stats count(*) by errorCode, errorMessage",
     "SELECT error, j->>'$.errorMessage', count(*) FROM raw WHERE error IS NOT NULL GROUP BY 1, 2"},
    {"filter errorCode != 'AccessDenied' | fields eventName",
     "SELECT name FROM raw WHERE error <> 'AccessDenied'"},
    {"filter eventName like 'Get' | fields eventName, sourceIPAddress",
     "SELECT name, ip FROM raw WHERE name LIKE '%Get%'"},
    {"filter eventName like /^(List|Describe)/ | stats count(*) by eventName",
     "SELECT name, count(*) FROM raw WHERE name LIKE 'List%' OR name LIKE 'Describe%' GROUP BY 1"},
    {"filter eventName not like /(?i)get/ | stats count(*)",
     "SELECT count(*) FROM raw WHERE name NOT ILIKE '%get%'"},
    {"filter eventName in ['ConsoleLogin', 'AssumeRole', 'GetCallerIdentity'] | fields @timestamp, "
     "eventName",
     "SELECT time, name FROM raw WHERE name IN ('ConsoleLogin', 'AssumeRole', "
     "'GetCallerIdentity')"},
    {"stats count(*) as n by sourceIPAddress | filter n > 2",
     "SELECT ip, count(*) FROM raw GROUP BY 1 HAVING count(*) > 2"},
    {"stats count_distinct(eventName), count_distinct(sourceIPAddress), count(errorCode)",
     "SELECT count(DISTINCT name), count(DISTINCT ip), count(error) FROM raw"},
    {"stats min(@timestamp), max(@timestamp)", "SELECT min(time), max(time) FROM raw"},
    {"stats count(*) by userIdentity.type, userIdentity.arn",
     "SELECT type, arn, count(*) FROM raw GROUP BY 1, 2"},
    {"stats count(*) by userIdentity.sessionContext.sessionIssuer.arn",
     "SELECT j->>'$.userIdentity.sessionContext.sessionIssuer.arn', count(*) FROM raw GROUP BY 1"},
    {"stats count(*) by userIdentity.accessKeyId",
     "SELECT j->>'$.userIdentity.accessKeyId', count(*) FROM raw GROUP BY 1"},
    {"filter readOnly = 'true' | stats count(*) by eventSource",
     "SELECT source, count(*) FROM raw WHERE j->>'$.readOnly' = 'true' GROUP BY 1"},
    {"filter readOnly = 0 | fields eventName, requestID",
     "SELECT name, j->>'$.requestID' FROM raw WHERE j->>'$.readOnly' = 'false'"},
    {"fields requestParameters.bucketName as b | filter ispresent(b) | stats count(*) by b",
     "SELECT j->>'$.requestParameters.bucketName', count(*) FROM raw WHERE json_type(j, "
     "'$.requestParameters.bucketName') = 'VARCHAR' GROUP BY 1"},
    {"filter ispresent(requestParameters.roleArn) | fields requestParameters.roleArn",
     "SELECT j->>'$.requestParameters.roleArn' FROM raw WHERE j->>'$.requestParameters.roleArn' IS "
     "NOT NULL"},
    {"filter requestParameters.maxResults >= 100 | fields eventName",
     "SELECT name FROM raw WHERE TRY_CAST(j->>'$.requestParameters.maxResults' AS DOUBLE) >= 100"},
    {"filter ispresent(responseElements) | stats count(*) by eventName",
     "SELECT name, count(*) FROM raw WHERE json_type(j, '$.responseElements') <> 'NULL' GROUP BY "
     "1"},
    {"stats count(*) by tlsDetails.tlsVersion, tlsDetails.cipherSuite",
     "SELECT j->>'$.tlsDetails.tlsVersion', j->>'$.tlsDetails.cipherSuite', count(*) FROM raw "
     "GROUP BY 1, 2"},
    {"fields strlen(userAgent) as n, toupper(eventName), concat(eventSource, ':', eventName)",
     "SELECT length(agent), upper(name), concat(source, ':', name) FROM raw"},
    {"filter isValidIpV4(sourceIPAddress) | stats count(*)",
     "SELECT count(*) FROM raw WHERE regexp_full_match(ip, '(\\d{1,3}\\.){3}\\d{1,3}')"},
    {"parse userAgent '*/*' as tool, rest | stats count(*) by tool",
     "SELECT CASE WHEN contains(agent, '/') THEN split_part(agent, '/', 1) END, count(*) FROM raw "
     "GROUP BY 1"},
    {"filter isIpv4InSubnet(sourceIPAddress, '0.0.0.0/1') | stats count(*)",
     "SELECT count(*) FROM raw WHERE regexp_full_match(ip, '(\\d{1,3}\\.){3}\\d{1,3}') AND "
     "CAST(split_part(ip, '.', 1) AS INTEGER) < 128"},
    {"filter userIdentity.sessionContext.attributes.mfaAuthenticated = 'true' | stats count(*)",
     "SELECT count(*) FROM raw WHERE "
     "j->>'$.userIdentity.sessionContext.attributes.mfaAuthenticated' = 'true'"},
    {"filter @timestamp >= '2024-07-31T10:00:00Z' and eventVersion >= '1.08' | stats count(*)",
     "SELECT count(*) FROM raw WHERE time >= TIMESTAMP '2024-07-31 10:00:00' AND "
     "CAST(j->>'$.eventVersion' AS DOUBLE) >= 1.08"},
};

std::vector<std::string> raw_answer(sql::Connection& connection, std::string_view sql) {
    auto rows = must(connection.query(sql));
    std::vector<std::string> out;
    for (const auto& cells : must(rows.all())) {
        std::string line;
        for (size_t i = 0; i < cells.size(); ++i)
            line += (i > 0 ? " | " : "") + cell_text(cells[i]);
        out.push_back(line);
    }
    return out;
}

// One table of the files' records, each event once.
sql::Connection open_raw(const std::filesystem::path& files,
                         std::optional<sql::Database>& database) {
    sql::Options options;
    options.threads = 1;
    options.memory_limit_bytes = uint64_t{1} << 30;
    options.allowed_directories = {files.parent_path()};
    database.emplace(must(sql::Database::open(options)));
    auto connection = must(database->connect());
    static_cast<void>(must(connection.execute(
        "CREATE TABLE raw AS SELECT j, CAST(j->>'$.eventTime' AS TIMESTAMPTZ) AT TIME ZONE 'UTC' "
        "AS time, j->>'$.eventName' AS name, j->>'$.eventSource' AS source, "
        "j->>'$.awsRegion' AS region, j->>'$.sourceIPAddress' AS ip, j->>'$.userAgent' AS agent, "
        "j->>'$.errorCode' AS error, "
        "j->>'$.userIdentity.type' AS type, j->>'$.userIdentity.arn' AS arn "
        "FROM (SELECT unnest(Records) AS j FROM read_json(" +
        sql::quote_literal(files.string()) +
        ", columns = {Records: 'JSON[]'}, maximum_object_size = 33554432)) "
        "QUALIFY row_number() OVER (PARTITION BY j->>'$.recipientAccountId', j->>'$.eventID') = "
        "1")));
    return connection;
}

void compare(const std::filesystem::path& files, const std::filesystem::path& ingest) {
    const SampleLake lake{{ingest}};
    auto engine = must(Engine::open(lake.folder(), {.threads = 1}));
    std::optional<sql::Database> database;
    auto raw = open_raw(files, database);
    for (const Pair& question : kQuestions) {
        std::string ql(question.ql);
        std::vector<std::string> witness = raw_answer(raw, question.sql);
        std::vector<std::string> answer = ask_lake(*engine, ql, {}, {"cloudtrail"}).rows;
        std::sort(witness.begin(), witness.end());
        std::sort(answer.begin(), answer.end());
        CHECK_MESSAGE(answer.size() == witness.size(), ql);
        CHECK_MESSAGE(answer == witness, ql);
    }
}

}  // namespace

TEST_CASE("thirty questions have the answers the raw files give") {
    compare(sample_folder() / "cloudtrail.json", sample_folder() / "cloudtrail.json");
}

TEST_CASE("the same questions over the logs of a real attack") {
    const char* shared = std::getenv("YAGURA_SHARED");
    const auto folder = (shared ? std::filesystem::path(shared)
                                : std::filesystem::path(YAGURA_SOURCE_DIR) / ".." / "shared") /
                        "data" / "cloudtrail" / "invictus";
    if (!std::filesystem::exists(folder)) {
        DOCTEST_MESSAGE("skipped: no " << folder.string());
        return;
    }
    compare(folder / "*.json", folder);
}

}  // namespace yagura::query
