#include "logtype/resource_fields.h"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "parse.h"

using namespace yagura;
using namespace yagura::logtype;

namespace {

using Keys = std::vector<std::string>;

Keys read(Parsed& parsed, ResourceReader* used = nullptr) {
    ResourceReader fresh;
    const auto keys = (used ? *used : fresh).read(parsed.event, parsed.type);
    return {keys.begin(), keys.end()};
}

// Of a CloudTrail record of `service` that calls `name`, with `members` behind.
Keys of_call(std::string_view service,
             std::string_view name,
             std::string_view members,
             ResourceReader* used = nullptr) {
    Parsed parsed(*find("cloudtrail"));
    const std::string record =
        R"({"eventTime":"2024-07-31T10:00:00Z","eventID":"4a9d35d5-0000-4000-8000-000000000000",)"
        R"("eventSource":")" +
        std::string(service) + R"(.amazonaws.com","eventName":")" + std::string(name) +
        R"(","awsRegion":"eu-west-1","recipientAccountId":"111122223333",)" + std::string(members) +
        "}";
    CAPTURE(record);
    REQUIRE(!parsed.json(record));
    return read(parsed, used);
}

Keys of_finding(std::string_view type, std::string_view resource) {
    Parsed parsed(*find("guardduty"));
    REQUIRE(!parsed.json(
        R"({"schemaVersion":"2.0","accountId":"111122223333","region":"eu-west-1",)"
        R"("id":"f1","type":")" +
        std::string(type) + R"(","severity":5,"updatedAt":"2024-07-31T10:00:00Z","resource":)" +
        std::string(resource) + "}"));
    return read(parsed);
}

}  // namespace

TEST_CASE("every row of every log type names a field it has and a kind we know") {
    for (const LogType* type : all()) {
        if (!type->resources) continue;
        CAPTURE(type->name);
        CHECK((type->resources->when.empty() || type->dictionary().find(type->resources->when)));
        for (const ResourceField& row : type->resources->rows) {
            CAPTURE(row.path);
            CHECK(type->dictionary().find(row.field).has_value());
            CHECK((row.kind.empty() || find_resource_kind(row.kind)));
            CHECK((row.within.empty() || !row.path.empty()));
        }
    }
}

TEST_CASE("a call names what it was done to") {
    const auto request =
        [](std::string_view service, std::string_view name, std::string_view json) {
            return of_call(service, name, "\"requestParameters\":" + std::string(json));
        };
    CHECK(request("s3", "PutBucketPolicy", R"({"bucketName":"logs","Host":"logs.s3"})") ==
          Keys{"AWS::S3::Bucket/logs"});
    CHECK(request("s3", "GetObject", R"({"bucketName":"logs","key":"a/b.json"})") ==
          Keys{"AWS::S3::Bucket/logs", "AWS::S3::Object/logs/a/b.json"});
    CHECK(
        request(
            "iam",
            "AttachUserPolicy",
            R"({"userName":"bob","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"})") ==
        Keys{"AWS::IAM::User/111122223333/bob", "AWS::IAM::ManagedPolicy/aws/AdministratorAccess"});
    CHECK(
        request("sts", "AssumeRole", R"({"roleArn":"arn:aws:iam::999988887777:role/a/deploy"})") ==
        Keys{"AWS::IAM::Role/999988887777/deploy"});
    CHECK(request("ec2",
                  "StopInstances",
                  R"({"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}})") ==
          Keys{"AWS::EC2::Instance/111122223333/eu-west-1/i-1",
               "AWS::EC2::Instance/111122223333/eu-west-1/i-2"});
    CHECK(request("ec2", "AuthorizeSecurityGroupIngress", R"({"groupId":"sg-1"})") ==
          Keys{"AWS::EC2::SecurityGroup/111122223333/eu-west-1/sg-1"});
    CHECK(request("secretsmanager", "GetSecretValue", R"({"secretId":"prod/db"})") ==
          Keys{"AWS::SecretsManager::Secret/111122223333/eu-west-1/prod/db"});
    CHECK(request("kms", "DisableKey", R"({"keyId":"alias/main"})") ==
          Keys{"AWS::KMS::Alias/111122223333/eu-west-1/main"});
    CHECK(request("cloudtrail", "StopLogging", R"({"name":"main"})") ==
          Keys{"AWS::CloudTrail::Trail/111122223333/eu-west-1/main"});
    CHECK(request("ssm", "GetParameters", R"({"names":["/a/b","c"]})") ==
          Keys{"AWS::SSM::Parameter/111122223333/eu-west-1//a/b",
               "AWS::SSM::Parameter/111122223333/eu-west-1/c"});
    CHECK(request("ssm", "DescribeDocument", R"({"name":"Run"})") ==
          Keys{"AWS::SSM::Document/111122223333/eu-west-1/Run"});
    CHECK(request("rds", "ModifyDBSnapshotAttribute", R"({"dBSnapshotIdentifier":"copy"})") ==
          Keys{"AWS::RDS::DBSnapshot/111122223333/eu-west-1/copy"});
    CHECK(request("guardduty", "DeleteDetector", R"({"detectorId":"12ab"})") ==
          Keys{"AWS::GuardDuty::Detector/111122223333/eu-west-1/12ab"});
}

TEST_CASE("a name means nothing in the call of another service") {
    CHECK(of_call("transfer", "DescribeUser", R"("requestParameters":{"userName":"bob"})").empty());
    CHECK(of_call("s3", "ListBuckets", R"("requestParameters":null)").empty());
    CHECK(of_call("iam", "ListUsers", R"("requestParameters":{"userName":{"a":1}})").empty());
}

TEST_CASE("a reader says of every event what a fresh one says, whatever it read before") {
    ResourceReader used;
    const std::string_view members[] = {
        R"("requestParameters":{"userName":"bob"})",
        R"("requestParameters":{"userName":"eve"})",
        R"("requestParameters":{"bucketName":"b","key":"k"},"resources":[{"ARN":"arn:aws:s3:::b/k"}])",
        R"("requestParameters":"{\"userName\":\"bob\"}")",
        R"("requestParameters":null)",
        R"("requestParameters":{"userName":"bob"},"responseElements":{"accessKey":{"userName":"ana"}})",
    };
    for (int round = 0; round < 3; ++round) {
        for (const std::string_view service : {"iam", "s3", "transfer"}) {
            for (const std::string_view name : {"CreateAccessKey", "CreatePolicy"}) {
                for (const std::string_view one : members)
                    CHECK(of_call(service, name, one, &used) == of_call(service, name, one));
            }
        }
    }
}

TEST_CASE("what was made is read from the response") {
    CHECK(of_call("iam",
                  "CreateAccessKey",
                  R"("requestParameters":null,"responseElements":{"accessKey":{"userName":"bob",)"
                  R"("accessKeyId":"AKIAIOSFODNN7EXAMPLE"}})") ==
          Keys{"AWS::IAM::User/111122223333/bob", "AWS::IAM::AccessKey/AKIAIOSFODNN7EXAMPLE"});
    CHECK(
        of_call(
            "ec2",
            "CreateSnapshot",
            R"("requestParameters":{"volumeId":"vol-1"},"responseElements":{"snapshotId":"snap-1"})") ==
        Keys{"AWS::EC2::Volume/111122223333/eu-west-1/vol-1",
             "AWS::EC2::Snapshot/111122223333/eu-west-1/snap-1"});
}

TEST_CASE("listed resources and named ones are counted once") {
    CHECK(
        of_call(
            "s3",
            "GetObject",
            R"("requestParameters":{"bucketName":"logs","key":"a"},"resources":[)"
            R"({"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a"},)"
            R"({"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}])") ==
        Keys{"AWS::S3::Object/logs/a", "AWS::S3::Bucket/logs"});
    CHECK(
        of_call(
            "panorama",
            "DeleteDevice",
            R"("resources":[{"ARN":"arn:aws:panorama:eu-west-1:1:device/x","type":"AWS::Panorama::Device"}])") ==
        Keys{"AWS::Panorama::Device/arn:aws:panorama:eu-west-1:1:device/x"});
}

TEST_CASE("an event with very many resources is cut, not refused") {
    std::string items;
    for (int i = 0; i < 500; ++i)
        items += (i ? "," : "") + std::string(R"({"instanceId":"i-)") + std::to_string(i) + "\"}";
    const Keys keys = of_call("ec2",
                              "TerminateInstances",
                              R"("requestParameters":{"instancesSet":{"items":[)" + items + "]}}");
    CHECK(keys.size() == ResourceReader::kMaxOfEvent);
    CHECK(keys.front() == "AWS::EC2::Instance/111122223333/eu-west-1/i-0");
}

TEST_CASE("GuardDuty's findings name their resource by its kind") {
    CHECK(of_finding("UnauthorizedAccess:EC2/SSHBruteForce",
                     R"({"resourceType":"Instance","instanceDetails":{"instanceId":"i-0a1"}})") ==
          Keys{"AWS::EC2::Instance/111122223333/eu-west-1/i-0a1"});
    CHECK(
        of_finding(
            "Discovery:IAMUser/AnomalousBehavior",
            R"({"accessKeyDetails":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","userName":"deploy","userType":"AssumedRole"}})") ==
        Keys{"AWS::IAM::Role/111122223333/deploy", "AWS::IAM::AccessKey/ASIAIOSFODNN7EXAMPLE"});
    CHECK(of_finding("Policy:S3/BucketPublicAccessGranted",
                     R"({"s3BucketDetails":[{"name":"logs"},{"name":"more"}]})") ==
          Keys{"AWS::S3::Bucket/logs", "AWS::S3::Bucket/more"});
    CHECK(of_finding("Execution:Lambda/x", R"({"lambdaDetails":{"functionName":"api"}})") ==
          Keys{"AWS::Lambda::Function/111122223333/eu-west-1/api"});
    CHECK(of_finding("CredentialAccess:RDS/x",
                     R"({"rdsDbInstanceDetails":{"dbInstanceIdentifier":"main"}})") ==
          Keys{"AWS::RDS::DBInstance/111122223333/eu-west-1/main"});
    CHECK(of_finding("Execution:Kubernetes/x", R"({"eksClusterDetails":{"name":"prod"}})") ==
          Keys{"AWS::EKS::Cluster/111122223333/eu-west-1/prod"});
}

TEST_CASE("a flow log names the instance, or the interface where it has none") {
    const LogType& type = *find("vpc_flow");
    const auto of_line = [&](std::string_view header, std::string_view line) {
        std::vector<int> order;
        REQUIRE(type.read_header(header, order));
        Parsed parsed(type);
        REQUIRE(!parsed.line(line, order));
        return read(parsed);
    };
    const std::string_view header = "version account-id interface-id instance-id start region";
    CHECK(of_line(header, "5 111122223333 eni-1 i-1 1722420000 eu-west-1") ==
          Keys{"AWS::EC2::Instance/111122223333/eu-west-1/i-1"});
    CHECK(of_line(header, "5 111122223333 eni-1 - 1722420000 eu-west-1") ==
          Keys{"AWS::EC2::NetworkInterface/111122223333/eu-west-1/eni-1"});
}

TEST_CASE("the page about resources names every kind and every field") {
    std::ifstream file(YAGURA_SOURCE_DIR "/docs/resources.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    REQUIRE(!page.empty());
    for (const ResourceKind& kind : resource_kinds()) {
        CAPTURE(kind.type);
        CHECK(page.find("| `" + std::string(kind.type) + "` " + std::string(kind.title.english)) !=
              std::string::npos);
    }
    for (const ResourceField& row : find("cloudtrail")->resources->rows) {
        if (row.service.empty()) continue;
        CAPTURE(row.path);
        CHECK(page.find(std::string(row.service) + ": `" + std::string(row.path) + "`") !=
              std::string::npos);
    }
}
