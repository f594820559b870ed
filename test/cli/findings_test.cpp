// `yagura findings`: what people decided counts on the command line, too.
#include <filesystem>
#include <string>
#include <vector>

#include "cli/program.h"

using namespace yagura::cli;

namespace {

const char* const kRule = R"(title: Buckets were listed
id: 11111111-0000-4000-8000-000000000001
status: experimental
description: x
author: somebody
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventName: ListBuckets}
  condition: selection
level: medium
)";

std::string event_of(const std::string& user, int number) {
    return fmt::format(
        R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"{0}","arn":"arn:aws:iam::111111111111:user/{0}","accountId":"111111111111"}},)"
        R"("eventTime":"2026-11-20T10:00:{1:02}Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1",)"
        R"("sourceIPAddress":"198.51.100.7","eventID":"00000000-0000-4000-8000-0000000000{1:02}","recipientAccountId":"111111111111"}})",
        user,
        number);
}

struct Lake : Workshop {
    Lake() {
        write("rules/r.yml", kRule);
        ingest("a", {event_of("alice", 1), event_of("bob", 2)});
    }
    void ingest(const std::string& name, const std::vector<std::string>& events) const {
        std::string records;
        for (const std::string& event : events) records += (records.empty() ? "" : ",") + event;
        write("logs/" + name + ".json", "{\"Records\":[" + records + "]}");
        const Run run = this->run("ingest logs --lake lake --no-default-rules -r rules");
        CAPTURE(run.err);
        REQUIRE(run.exit_code == 0);
    }
    Run findings(const std::string& words = "") const {
        return run("findings --lake lake -f jsonl " + words);
    }
};

const char* const kException = R"(exceptions:
  - id: alice
    owner: ops
    reason: she does that
    rules: [Buckets were listed]
    when: {principal: alice}
)";

}  // namespace

TEST_CASE("suppressed findings are left out and counted, unless asked for") {
    const Lake lake;
    CHECK(has(lake.findings().err, "2 findings"));
    CHECK_FALSE(std::filesystem::exists(lake.path() + "/lake/console"));
    lake.write("lake/console/exceptions.yml", kException);
    const Run left = lake.findings();
    CHECK_FALSE(has(left.out, "alice"));
    CHECK(has(left.out, "\"status\":\"new\""));
    CHECK(has(left.err, "1 more are suppressed"));
    const Run suppressed = lake.findings("--status suppressed");
    CHECK(has(suppressed.out, "alice"));
    CHECK_FALSE(has(suppressed.out, "bob"));
    CHECK(has(lake.findings("--status all").err, "2 findings"));
    CHECK(lake.findings("--status unheard-of").exit_code == 2);
}

TEST_CASE("a finding tells what it is about, in short on the screen and in full in files") {
    const Lake lake;
    lake.write("rules/r.yml",
               "title: A bucket was opened\nid: 11111111-0000-4000-8000-000000000002\n"
               "logsource: {product: aws, service: cloudtrail}\n"
               "detection: {selection: {eventName: PutBucketPolicy}, condition: selection}\n"
               "level: high\n");
    lake.ingest(
        "b",
        {R"({"eventTime":"2026-11-20T10:00:00Z","eventID":"00000000-0000-4000-8000-000000000077",)"
         R"("eventSource":"s3.amazonaws.com","eventName":"PutBucketPolicy","awsRegion":"eu-west-1",)"
         R"("recipientAccountId":"111111111111","requestParameters":{"bucketName":"payroll"},)"
         R"("resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::payroll/a"}]})"});
    const std::string json = lake.findings().out;
    CAPTURE(json);
    CHECK(has(json, R"("kind":"AWS::S3::Bucket","name":"payroll")"));
    CHECK(has(json, R"("arn":"arn:aws:s3:::payroll","count":1)"));
    CHECK(has(lake.run("findings --lake lake").out, "payroll +1"));
}

TEST_CASE("ingest takes the exceptions of its lake as policy") {
    const Lake lake;
    lake.write("lake/console/exceptions.yml", kException);
    lake.ingest("b", {event_of("alice", 3), event_of("bob", 4)});
    CHECK(has(lake.findings("--status all").out, "\"count\":2"));
    CHECK(has(lake.findings("--status suppressed").out, "\"count\":1"));
    lake.write("lake/console/exceptions.yml", "exceptions: [{id: x}]\n");
    const Run refused = lake.run("ingest logs --lake lake --no-default-rules -r rules");
    CHECK(refused.exit_code == 2);
    CHECK(has(refused.err, "exceptions.yml:1"));
}
