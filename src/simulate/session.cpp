#include "simulate/session.h"

#include <fmt/format.h>

namespace yagura::simulate {
namespace {

using Kind = Principal::Kind;
using std::chrono::floor;
using std::chrono::seconds;

std::string temporary_key(Random& random) {
    std::string key = "ASIA";
    append_base32(key, random, 16);
    return key;
}

std::string user_identity(const Principal& who,
                          const Scene& scene,
                          const std::string& key,
                          bool console) {
    std::string out = fmt::format(
        R"({{"type":"IAMUser","principalId":"{}","arn":"arn:aws:iam::{}:user/{}","accountId":"{}","accessKeyId":"{}","userName":"{}")",
        who.id,
        scene.account().id,
        who.name,
        scene.account().id,
        key,
        who.name);
    if (console) {
        out += fmt::format(
            R"(,"sessionContext":{{"attributes":{{"creationDate":"{}","mfaAuthenticated":"true"}}}})",
            format_iso8601(floor<seconds>(scene.time())));
    }
    return out + "}";
}

// What the session context of a role says beyond its issuer, by how the role was taken.
std::string role_delivery(const Principal& who, const Scene& scene) {
    switch (who.kind) {
        case Kind::instance:
            return R"(,"ec2RoleDelivery":"2.0")";
        case Kind::pipeline:
            return fmt::format(
                R"(,"webIdFederationData":{{"federatedProvider":"arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com","attributes":{{}}}})",
                scene.account().id);
        default:
            return "";
    }
}

std::string role_path(const Principal& who) {
    if (who.kind == Kind::linked) return "aws-service-role/" + who.address + "/";
    return who.kind == Kind::federated ? "aws-reserved/sso.amazonaws.com/" : "";
}

std::string role_identity(const Principal& who,
                          Scene& scene,
                          const std::string& key,
                          const std::string& session) {
    const std::string& account = scene.account().id;
    const auto since =
        floor<seconds>(scene.time() - std::chrono::minutes(scene.random().between(1, 55)));
    std::string out = fmt::format(
        R"({{"type":"AssumedRole","principalId":"{}:{}","arn":"arn:aws:sts::{}:assumed-role/{}/{}","accountId":"{}","accessKeyId":"{}")",
        who.id,
        session,
        account,
        who.name,
        session,
        account,
        key);
    out += fmt::format(
        R"(,"sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{}","arn":"arn:aws:iam::{}:role/{}{}","accountId":"{}","userName":"{}"}})",
        who.id,
        account,
        role_path(who),
        who.name,
        account,
        who.name);
    out += fmt::format(R"(,"attributes":{{"creationDate":"{}","mfaAuthenticated":"false"}})",
                       format_iso8601(since));
    out += role_delivery(who, scene) + "}";
    if (who.kind == Kind::function) {
        out += fmt::format(
            R"(,"inScopeOf":{{"issuerType":"AWS::Lambda::Function","credentialsIssuedTo":"arn:aws:lambda:{}:{}:function:{}"}})",
            scene.site().region,
            account,
            session);
    }
    if (who.kind == Kind::linked) out += fmt::format(R"(,"invokedBy":"{}")", who.address);
    return out + "}";
}

std::string session_name(const Principal& who, Scene& scene) {
    if (who.kind != Kind::pipeline && who.kind != Kind::task) return who.session;
    std::string name = who.kind == Kind::pipeline ? "GitHubActions-" : "";
    if (who.kind == Kind::pipeline) {
        name += std::to_string(7'000'000'000 + to_micros(scene.time()) / 400'000'000);
    } else {
        append_hex(name, scene.random(), 32);
    }
    return name;
}

// Private callers appear as a NAT gateway's address, or as their own through a VPC endpoint.
void place(Session& session, const Principal& who, Scene& scene) {
    session.address = who.address;
    if (who.kind != Kind::instance && who.kind != Kind::task) return;
    if (scene.random().chance(0.3)) {
        session.endpoint_id = scene.site().vpc_endpoint;
        session.address = scene.value(Slot::private_ip);
    } else {
        session.address = scene.random().pick_zipf(scene.site().nat_addresses);
    }
}

uint64_t minor(Random& random) {
    return random.zipf(40);
}

std::string command_line_agent(Random& random) {
    return fmt::format(
        "aws-cli/2.{}.{} md/awscrt#0.2{}.{} ua/2.0 os/linux#5.15.{} "
        "md/arch#x86_64 lang/python#3.11.{} md/pyimpl#CPython "
        "cfg/retry-mode#standard md/installer#exe md/prompt#off",
        15 + random.zipf(12),
        minor(random),
        random.below(4),
        minor(random),
        100 + minor(random),
        random.below(10));
}

std::string terraform_agent(Random& random) {
    return fmt::format(
        "APN/1.0 HashiCorp/1.0 Terraform/1.{}.{} (+https://www.terraform.io) "
        "terraform-provider-aws/5.{}.0 "
        "(+https://registry.terraform.io/providers/hashicorp/aws) "
        "aws-sdk-go-v2/1.3{}.{} ua/2.1 os/linux lang/go#1.22.{} "
        "md/GOARCH#amd64 md/GOOS#linux",
        5 + random.below(5),
        random.below(8),
        30 + random.zipf(50),
        random.below(4),
        random.below(6),
        random.below(9));
}

std::string chrome_agent(Random& random) {
    return fmt::format(
        "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
        random.chance(0.5) ? "Macintosh; Intel Mac OS X 10_15_7" : "Windows NT 10.0; Win64; x64",
        138 + random.zipf(9));
}

std::string firefox_agent(Random& random) {
    return fmt::format("Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
                       140 + random.zipf(9));
}

std::string pipeline_agent(Random& random) {
    return fmt::format(
        "aws-sdk-js/3.{}.0 ua/2.1 os/linux#6.8.0-10{}-azure lang/js md/nodejs#20.1{}.{} "
        "api/sts#3.{}.0 configure-aws-credentials-for-github-actions",
        500 + random.zipf(300),
        random.below(40),
        random.below(9),
        random.below(4),
        500 + random.zipf(300));
}

std::string function_agent(Random& random) {
    return fmt::format(
        "Boto3/1.{0}.{1} md/Botocore#1.{0}.{1} ua/2.0 os/linux#5.10.2{2}-{3}.amzn2.x86_64 "
        "md/arch#x86_64 lang/python#3.12.{4} md/pyimpl#CPython "
        "exec-env/AWS_Lambda_python3.12 cfg/retry-mode#legacy Botocore/1.{0}.{1}",
        34 + random.zipf(6),
        minor(random) * 3,
        random.below(40),
        200 + minor(random),
        random.below(9));
}

std::string vendor_agent(Random& random) {
    return fmt::format("Datapane-Monitor/7.{}.{} aws-sdk-go/1.5{}.{} (go1.22.{}; linux; amd64)",
                       minor(random),
                       random.below(5),
                       random.below(5),
                       minor(random),
                       random.below(9));
}

std::string java_agent(Random& random) {
    return fmt::format(
        "aws-sdk-java/2.2{}.{} md/io#async md/http#NettyNio ua/2.1 "
        "os/Linux#6.1.{} lang/java#21.0.{} md/OpenJDK_64-Bit_Server_VM md/en "
        "md/retry-mode#legacy",
        random.below(9),
        minor(random),
        79 + minor(random),
        random.below(7));
}

std::string go_agent(Random& random) {
    return fmt::format(
        "aws-sdk-go-v2/1.3{}.{} ua/2.1 os/linux lang/go#1.22.{} md/GOOS#linux "
        "md/GOARCH#arm64 api/s3#1.{}.{}",
        random.below(4),
        minor(random),
        random.below(9),
        50 + minor(random),
        random.below(4));
}

}  // namespace

Session open_session(const Principal& who, Scene& scene) {
    Session session;
    session.user_agent = who.user_agent;
    session.from_console = who.kind == Kind::user_console || who.kind == Kind::federated;
    session.from_service = who.kind == Kind::service || who.kind == Kind::linked;
    place(session, who, scene);
    if (who.kind == Kind::service) {
        session.identity = fmt::format(R"({{"type":"AWSService","invokedBy":"{}"}})", who.name);
        return session;
    }
    session.access_key = who.kind == Kind::user_key ? who.key : temporary_key(scene.random());
    if (who.kind == Kind::user_key || who.kind == Kind::user_console) {
        session.identity =
            user_identity(who, scene, session.access_key, who.kind == Kind::user_console);
    } else {
        session.identity = role_identity(who, scene, session.access_key, session_name(who, scene));
    }
    return session;
}

std::string make_user_agent(Kind kind, Random& random) {
    switch (kind) {
        case Kind::user_key:
            return random.chance(0.6) ? command_line_agent(random) : terraform_agent(random);
        case Kind::user_console:
        case Kind::federated:
            return random.chance(0.7) ? chrome_agent(random) : firefox_agent(random);
        case Kind::pipeline:
            return pipeline_agent(random);
        case Kind::function:
            return function_agent(random);
        case Kind::vendor:
            return vendor_agent(random);
        default:
            return random.chance(0.5) ? java_agent(random) : go_agent(random);
    }
}

}  // namespace yagura::simulate
