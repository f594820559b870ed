// What ingest is compared with: the engine's own read_json(), taking the same files into a table in
// memory, on one core.
//
//   bench_read_json FOLDER [way]      prints seconds and records as JSON; way 0 to 3, see kWays
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "sql/database.h"

namespace {

// Ways 0 and 1 keep whole records, as ingest does: as JSON, cut out of their files, or as columns
// that the engine finds out for itself. Ways 2 and 3 keep a dozen fields and drop the rest; the
// columns are named, so that nothing needs to be guessed. Either the engine reads the fields out of
// each file as one structure, or it cuts the file into records first and asks each for its fields;
// which is faster depends on the files.
constexpr const char* kWays[] = {
    "CREATE TABLE events AS SELECT unnest(Records) AS r FROM read_json('{}', "
    "maximum_object_size=268435456, columns={{Records: 'JSON[]'}})",
    "CREATE TABLE events AS SELECT unnest(Records, recursive := true) FROM read_json('{}', "
    "maximum_object_size=268435456, union_by_name=true)",
    "CREATE TABLE events AS SELECT r.eventTime, r.eventID, r.eventName, r.eventSource, "
    "r.awsRegion, r.recipientAccountId, r.sourceIPAddress, r.userAgent, r.errorCode, r.requestID, "
    "r.userIdentity.arn, r.userIdentity.accessKeyId FROM (SELECT unnest(Records) AS r FROM "
    "read_json('{}', maximum_object_size=268435456, columns={{Records: 'STRUCT(eventTime "
    "TIMESTAMP, eventID UUID, eventName VARCHAR, eventSource VARCHAR, awsRegion VARCHAR, "
    "recipientAccountId VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, "
    "requestID VARCHAR, userIdentity STRUCT(arn VARCHAR, accessKeyId VARCHAR))[]'}}))",
    "CREATE TABLE events AS SELECT r->>'eventTime' AS eventTime, r->>'eventID' AS eventID, "
    "r->>'eventName' AS eventName, r->>'eventSource' AS eventSource, r->>'awsRegion' AS awsRegion, "
    "r->>'recipientAccountId' AS recipientAccountId, r->>'sourceIPAddress' AS sourceIPAddress, "
    "r->>'userAgent' AS userAgent, r->>'errorCode' AS errorCode, r->>'requestID' AS requestID, "
    "r->>'$.userIdentity.arn' AS arn, r->>'$.userIdentity.accessKeyId' AS accessKeyId FROM (SELECT "
    "unnest(Records) AS r FROM read_json('{}', maximum_object_size=268435456, columns={{Records: "
    "'JSON[]'}}))",
};

int failed(const yagura::Error& error) {
    std::fprintf(stderr, "%s\n", error.sentence().c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    const size_t way = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
    if (argc < 2 || argc > 3 || way >= std::size(kWays)) return 2;
    const auto folder = std::filesystem::absolute(argv[1]);
    auto database = yagura::sql::Database::open({.threads = 1,
                                                 .memory_limit_bytes = 8ull << 30,
                                                 .temp_directory = {},
                                                 .allowed_directories = {folder}});
    if (!database) return failed(database.error());
    auto connection = database->connect();
    if (!connection) return failed(connection.error());
    const auto start = std::chrono::steady_clock::now();
    const auto done =
        connection->execute(fmt::format(fmt::runtime(kWays[way]), (folder / "*").string()));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    if (!done) return failed(done.error());
    auto rows = connection->query("SELECT count(*) FROM events");
    if (!rows || !rows->next()) return 1;
    std::printf(
        "{\"seconds\":%.4f,\"records\":%ld}\n", seconds.count(), rows->column(0).integer(0));
    return 0;
}
