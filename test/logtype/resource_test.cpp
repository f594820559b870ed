#include "logtype/resource.h"

#include <set>

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::logtype;

namespace {

std::string key_of_arn(std::string_view arn, std::string_view told = "") {
    const auto resource = resource_of_arn(arn, told);
    return resource ? resource_key(*resource) : "none";
}

std::string key_of_name(std::string_view name, std::string_view kind) {
    const ResourceKind* row = find_resource_kind(kind);
    REQUIRE(row != nullptr);
    const auto resource = resource_of_name(name, *row, {"111122223333", "eu-west-1"});
    return resource ? resource_key(*resource) : "none";
}

}  // namespace

TEST_CASE("every kind of resource has its own type, and no two have the same ARNs") {
    std::set<std::string_view> types;
    std::set<std::pair<std::string_view, std::string_view>> arns;
    for (const ResourceKind& kind : resource_kinds()) {
        CAPTURE(kind.type);
        CHECK(types.insert(kind.type).second);
        CHECK(find_resource_kind(kind.type) == &kind);
        CHECK(kind.type.find('/') == std::string_view::npos);
        CHECK(!kind.title.english.empty());
        CHECK(!kind.title.japanese.empty());
        const bool is_s3 = kind.service == "s3" && kind.arn_type.empty();
        if (!kind.service.empty() && !is_s3)
            CHECK(arns.insert({kind.service, kind.arn_type}).second);
        CHECK((!kind.has_arn || !kind.service.empty()));
    }
}

TEST_CASE("an ARN and a bare name of one resource give one key") {
    struct Case {
        std::string_view arn, kind, name;
    };
    const Case cases[] = {
        {"arn:aws:s3:::logs", "AWS::S3::Bucket", "logs"},
        {"arn:aws:s3:::logs/", "AWS::S3::Bucket", "logs"},
        {"arn:aws:iam::111122223333:role/service-role/deploy", "AWS::IAM::Role", "deploy"},
        {"arn:aws:sts::111122223333:assumed-role/deploy/i-1", "AWS::IAM::Role", "deploy"},
        {"arn:aws:iam::111122223333:user/people/alice", "AWS::IAM::User", "alice"},
        {"arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1", "AWS::EC2::Instance", "i-0a1"},
        {"arn:aws:lambda:eu-west-1:111122223333:function:api:live", "AWS::Lambda::Function", "api"},
        {"arn:aws:lambda:eu-west-1:111122223333:function:api", "AWS::Lambda::Function", "api:live"},
        {"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbC12f",
         "AWS::SecretsManager::Secret",
         "prod/db"},
        {"arn:aws:ssm:eu-west-1:111122223333:parameter/prod/db", "AWS::SSM::Parameter", "/prod/db"},
        {"arn:aws:ssm:eu-west-1:111122223333:parameter/db", "AWS::SSM::Parameter", "db"},
        {"arn:aws:kms:eu-west-1:111122223333:key/0a-1b", "AWS::KMS::Key", "0a-1b"},
        {"arn:aws:kms:eu-west-1:111122223333:alias/main", "AWS::KMS::Key", "alias/main"},
        {"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/x:*", "AWS::Logs::LogGroup", "/aws/x"},
        {"arn:aws:rds:eu-west-1:111122223333:db:main", "AWS::RDS::DBInstance", "main"},
        {"arn:aws:cloudformation:eu-west-1:111122223333:stack/web/0a1b",
         "AWS::CloudFormation::Stack",
         "web"},
        {"arn:aws:sqs:eu-west-1:111122223333:jobs",
         "AWS::SQS::Queue",
         "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"},
        {"arn:aws:route53:::hostedzone/Z123", "AWS::Route53::HostedZone", "/hostedzone/Z123"},
        {"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by_day",
         "AWS::DynamoDB::Table",
         "orders"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.arn);
        CHECK(key_of_arn(one.arn) == key_of_name(one.name, one.kind));
        CHECK(key_of_name(one.arn, one.kind) == key_of_arn(one.arn));
    }
}

TEST_CASE("a key holds the account and the Region only where names need them") {
    CHECK(key_of_name("logs", "AWS::S3::Bucket") == "AWS::S3::Bucket/logs");
    CHECK(key_of_name("alice", "AWS::IAM::User") == "AWS::IAM::User/111122223333/alice");
    CHECK(key_of_name("api", "AWS::Lambda::Function") ==
          "AWS::Lambda::Function/111122223333/eu-west-1/api");
    CHECK(key_of_arn("arn:aws:iam::999988887777:role/deploy") ==
          "AWS::IAM::Role/999988887777/deploy");
    CHECK(key_of_arn("arn:aws:s3:::logs/a/b.json") == "AWS::S3::Object/logs/a/b.json");
}

TEST_CASE("a key is read back") {
    const ResourceView role = parse_resource("AWS::IAM::Role/111122223333/a/b");
    CHECK(role.kind == "AWS::IAM::Role");
    CHECK(role.account == "111122223333");
    CHECK(role.region.empty());
    CHECK(role.name == "a/b");
    const ResourceView table = parse_resource("AWS::DynamoDB::Table/1/eu-west-1/orders");
    CHECK(table.region == "eu-west-1");
    CHECK(resource_key(table) == "AWS::DynamoDB::Table/1/eu-west-1/orders");
    CHECK(parse_resource("").name.empty());
    CHECK(parse_resource("AWS::IAM::Role").name.empty());
    const ResourceView strange = parse_resource("AWS::New::Thing/arn:aws:new::1:thing/x");
    CHECK(strange.name == "arn:aws:new::1:thing/x");
}

TEST_CASE("what is no ARN and what means everything is no resource") {
    CHECK(key_of_arn("arn:aws:s3") == "none");
    CHECK(key_of_arn("bucket") == "none");
    CHECK(key_of_arn("arn:aws:iam::1:*") == "none");
    CHECK(key_of_arn("arn:aws:iam::111122223333:role/") == "none");
    CHECK(key_of_name("*", "AWS::S3::Bucket") == "none");
    CHECK(key_of_name("", "AWS::S3::Bucket") == "none");
}

TEST_CASE("an account or Region cannot pretend to be more of a key") {
    CHECK(key_of_arn("arn:aws:lambda:eu-west-1:1/eu-west-1/other:function:api") == "none");
    const ResourceKind& role = *find_resource_kind("AWS::IAM::Role");
    const auto odd = resource_of_name("deploy", role, {"1/admin", ""});
    REQUIRE(odd.has_value());
    CHECK(resource_key(*odd) == "AWS::IAM::Role//deploy");
}

TEST_CASE("an ARN of an unknown service keeps the kind the record tells, else it is Other") {
    const std::string_view arn = "arn:aws:panorama:eu-west-1:111122223333:device/x";
    CHECK(key_of_arn(arn, "AWS::Panorama::Device") == "AWS::Panorama::Device/" + std::string(arn));
    CHECK(key_of_arn(arn) == "Other/" + std::string(arn));
    CHECK(key_of_arn(arn, "a/b\nc") == "Other/" + std::string(arn));
    CHECK(arn_of(parse_resource("Other/" + std::string(arn))) == arn);
}

TEST_CASE("a key has no control characters and an end") {
    const std::string key = resource_key({"AWS::S3::Object", "", "", "a\nb\x01"});
    CHECK(key ==
          "AWS::S3::Object/a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD");
    std::string wide;
    while (wide.size() < 5000) wide += "\xE3\x82\xA2";
    const std::string cut = resource_key({"AWS::S3::Object", "", "", wide});
    CHECK(cut.size() <= kMaxResourceKey);
    CHECK((cut.size() - std::string_view("AWS::S3::Object/").size()) % 3 == 0);
}

TEST_CASE("an ARN is put together only where nothing is guessed") {
    const auto arn = [](std::string_view key) { return arn_of(parse_resource(key)); };
    CHECK(arn("AWS::S3::Bucket/logs") == "arn:aws:s3:::logs");
    CHECK(arn("AWS::Lambda::Function/1/cn-north-1/api") ==
          "arn:aws-cn:lambda:cn-north-1:1:function:api");
    CHECK(arn("AWS::IAM::ManagedPolicy/aws/AdministratorAccess") ==
          "arn:aws:iam::aws:policy/AdministratorAccess");
    CHECK(arn("AWS::IAM::Role/1/deploy") == "");  // it may have a path
    CHECK(arn("AWS::Lambda::Function/1//api") == "");
    CHECK(arn("AWS::SecretsManager::Secret/1/eu-west-1/db") == "");
}
