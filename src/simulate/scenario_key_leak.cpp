#include <algorithm>

#include <fmt/format.h>

#include "simulate/scenario.h"

// A release pipeline's access key was pushed to a public repository. On the evening of the last day
// somebody finds it, looks around, makes an administrator of their own, stops the account's trail
// of data events, runs a command on an instance, takes the credentials of its role away with them
// and copies a bucket of customer exports, part of it through the instance itself.
//
// The organisation's own trail cannot be stopped from the account (the attempt is denied), which is
// why all of this stands in the logs. Times are offsets from the first use of the leaked key.

namespace yagura::simulate {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kKali =
    "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off command/";
constexpr std::string_view kBoto =
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#6.6.9-amd64 md/arch#x86_64 "
    "lang/python#3.11.8 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.69";
constexpr const char* kVpn = "203.0.113.77";  // RFC 5737: nobody's
constexpr const char* kHosting = "198.51.100.23";

constexpr Step kLeak = {
    "leaked-key",
    "initial-access",
    "T1078.004",
    {"the access key of svc-release is used from a network it was never used from",
     "svc-release のアクセスキーが、これまで使われたことのないネットワークから使用される"}};
constexpr Step kDiscovery = {
    "discovery",
    "discovery",
    "T1580",
    {"the key asks within minutes who and what is in the account, in four Regions",
     "数分のうちに、4 つのリージョンでアカウント内のユーザーとリソースを調べる"}};
constexpr Step kPersistence = {
    "new-user",
    "persistence",
    "T1136.003",
    {"a user support-ops is created, with an access key and a console password",
     "ユーザー support-ops を作成し、アクセスキーとコンソールのパスワードを設定する"}};
constexpr Step kEscalation = {"administrator",
                              "privilege-escalation",
                              "T1098.003",
                              {"AdministratorAccess is attached to the new user",
                               "新しいユーザーに AdministratorAccess をアタッチする"}};
constexpr Step kEvasion = {"trail-stopped",
                           "defense-evasion",
                           "T1562.008",
                           {"the trail of data events is stopped; the organisation's trail refuses",
                            "データイベントの証跡を停止する。組織の証跡の停止は拒否される"}};
constexpr Step kExecution = {"command-on-instance",
                             "execution",
                             "T1651",
                             {"a shell command is run on an instance through Systems Manager",
                              "Systems Manager を通じてインスタンスでシェルコマンドを実行する"}};
constexpr Step kCredentials = {"instance-credentials",
                               "credential-access",
                               "T1552.005",
                               {"the credentials of the instance's role are used from outside AWS",
                                "インスタンスのロールの認証情報が AWS の外から使用される"}};
constexpr Step kCollection = {"bucket-read",
                              "collection",
                              "T1530",
                              {"objects of the customer exports are read in bulk",
                               "顧客データのエクスポートを大量に読み出す"}};
constexpr Step kExfiltration = {
    "upload",
    "exfiltration",
    "T1048",
    {"the instance sends gigabytes to an address it never talked to",
     "インスタンスが、通信したことのないアドレスへ数ギガバイトを送信する"}};

// One incident in the making: the cast, and the clock of its first minute.
class KeyLeak {
  public:
    explicit KeyLeak(Stage& stage)
        : stage_(stage),
          account_(stage.world.accounts.front()),
          site_(account_.sites.front()),
          first_(stage.end - hours(24) + hours(17) + minutes(23)),
          released_(make_user("svc-release", stage.random)),
          created_(make_user("support-ops", stage.random)),
          interface_(pick_interface()) {
        role_.kind = Principal::Kind::instance;
        role_.name = "web-frontend-role";
        role_.id = "AROA";
        append_base32(role_.id, stage.random, 17);
        role_.session = interface_.instance;
        role_.user_agent = make_user_agent(role_.kind, stage.random);
        bucket_ = fmt::format("{}-billing-exports-", account_.name);
        append_hex(bucket_, stage.random, 6);
    }

    void play() {
        ordinary_releases();
        ordinary_instance();
        leak_and_discovery();
        new_administrator();
        stop_trail();
        run_command();
        read_bucket();
        upload();
        alerts();
        name_entities();
    }

  private:
    const Interface& pick_interface() const {
        const auto& all = stage_.flows.interfaces(account_);
        const auto web = std::find_if(all.begin(), all.end(), [](const Interface& i) {
            return i.part == Interface::Part::web;
        });
        return web == all.end() ? all.front() : *web;
    }

    Timestamp after(minutes distance, seconds more = seconds(0)) const {
        return first_ + distance + more;
    }

    // As somebody who has the keys of `who`, from the command line of their own machine.
    Session intruder(const Principal& who, Timestamp at, std::string_view command) {
        return stage_.as(who, account_, site_, at, kVpn, fmt::format("{}{}", kKali, command));
    }
    void call(const Session& session,
              std::string_view action,
              Timestamp at,
              const Step& step,
              const Bindings& bindings = {},
              bool denied = false) {
        stage_.call(session, account_, site_, action, at, &step, bindings, denied);
    }
    void raise(FindingDraft draft, minutes first, minutes last, minutes delay, const Step& step) {
        draft.first = after(first);
        draft.last = after(last);
        stage_.finding(draft, account_, site_, after(last + delay), &step);
    }

    // The key's honest life: releases during the working day, from the office.
    void ordinary_releases() {
        const std::string& office = stage_.world.offices.front();
        for (Timestamp day = stage_.start; day < stage_.end; day += hours(24)) {
            for (const int hour : {1, 4, 7}) {
                Timestamp at = day + hours(hour) + microseconds(stage_.random.below(2'400'000'000));
                const Session session = stage_.as(released_, account_, site_, at, office);
                for (int64_t left = stage_.random.between(6, 18); left > 0; --left) {
                    constexpr std::array<std::string_view, 5> kCalls = {"s3:PutObject",
                                                                        "s3:PutObject",
                                                                        "ecs:UpdateService",
                                                                        "ecs:DescribeServices",
                                                                        "s3:HeadObject"};
                    stage_.call(session, account_, site_, stage_.random.pick(kCalls), at);
                    at += microseconds(1'500'000 + stage_.random.below(9'000'000));
                }
            }
        }
    }

    // The role's honest life: the instance reads and writes its bucket all day.
    void ordinary_instance() {
        for (Timestamp at = stage_.start + minutes(3); at < stage_.end;
             at += minutes(stage_.random.between(20, 50))) {
            const Session session = stage_.as(role_, account_, site_, at);
            constexpr std::array<std::string_view, 3> kCalls = {
                "s3:GetObject", "s3:PutObject", "kms:Decrypt"};
            for (uint64_t i = 0; i < 4; ++i)
                stage_.call(
                    session, account_, site_, stage_.random.pick(kCalls), at + seconds(2 * i));
        }
    }

    void leak_and_discovery() {
        const Session session = intruder(released_, first_, "sts.get-caller-identity");
        call(session, "sts:GetCallerIdentity", first_, kLeak);
        struct Question {
            std::string_view call;
            int times;
            bool denied;
        };
        constexpr Question kHere[] = {{"iam:GetUser", 1, false},
                                      {"iam:ListAttachedUserPolicies", 2, false},
                                      {"iam:ListUserPolicies", 1, false},
                                      {"iam:ListGroupsForUser", 1, false},
                                      {"iam:ListUsers", 1, false},
                                      {"iam:ListRoles", 2, false},
                                      {"iam:GetAccountSummary", 1, false},
                                      {"iam:GetAccountAuthorizationDetails", 1, true},
                                      {"organizations:ListAccounts", 1, true},
                                      {"iam:ListAccessKeys", 4, false},
                                      {"s3:ListBuckets", 1, false},
                                      {"s3:GetBucketAcl", 6, false},
                                      {"s3:GetBucketPolicy", 5, true},
                                      {"s3:GetBucketPublicAccessBlock", 4, false}};
        constexpr Question kEverywhere[] = {{"ec2:DescribeInstances", 1, false},
                                            {"ec2:DescribeSecurityGroups", 1, false},
                                            {"ec2:DescribeVpcs", 1, false},
                                            {"lambda:ListFunctions20150331", 1, false},
                                            {"rds:DescribeDBInstances", 1, false},
                                            {"secretsmanager:ListSecrets", 1, true},
                                            {"ec2:DescribeSnapshots", 1, false},
                                            {"kms:ListAliases", 1, true}};
        Timestamp at = after(minutes(1), seconds(12));
        const auto ask = [&](std::span<const Question> questions, const Site& site) {
            for (const Question& question : questions) {
                for (int i = 0; i < question.times; ++i) {
                    stage_.call(session,
                                account_,
                                site,
                                question.call,
                                at,
                                &kDiscovery,
                                {},
                                question.denied);
                    at += microseconds(600'000 + stage_.random.below(4'000'000));
                }
            }
        };
        ask(kHere, site_);
        for (const Site& site : account_.sites) ask(kEverywhere, site);
    }

    void new_administrator() {
        const Session session = intruder(released_, after(minutes(14)), "iam.create-user");
        const Bindings user = {{Slot::user, created_.name}, {Slot::new_key, created_.key}};
        call(session, "iam:CreateUser", after(minutes(14)), kPersistence, user);
        call(session, "iam:CreateAccessKey", after(minutes(14), seconds(31)), kPersistence, user);
        call(session, "iam:CreateLoginProfile", after(minutes(15), seconds(2)), kPersistence, user);
        call(session, "iam:AttachUserPolicy", after(minutes(15), seconds(40)), kEscalation, user);
    }

    void stop_trail() {
        const Session session = intruder(created_, after(minutes(19)), "cloudtrail.stop-logging");
        call(session, "sts:GetCallerIdentity", after(minutes(19)), kEvasion);
        call(session, "cloudtrail:DescribeTrails", after(minutes(20), seconds(5)), kEvasion);
        call(session, "cloudtrail:GetTrailStatus", after(minutes(20), seconds(21)), kEvasion);
        call(session,
             "cloudtrail:StopLogging",
             after(minutes(21)),
             kEvasion,
             {{Slot::trail, "organization-trail"}},
             true);
        call(session, "cloudtrail:StopLogging", after(minutes(21), seconds(44)), kEvasion);
    }

    void run_command() {
        const Session session = intruder(created_, after(minutes(27)), "ssm.send-command");
        const Bindings target = {{Slot::instance, interface_.instance}};
        call(session, "ssm:DescribeInstanceInformation", after(minutes(27)), kExecution, target);
        call(session, "ssm:SendCommand", after(minutes(28), seconds(9)), kExecution, target);
        call(session, "ssm:SendCommand", after(minutes(30), seconds(50)), kExecution, target);
    }

    // The role's credentials outside AWS, then object after object.
    void read_bucket() {
        stolen_ =
            stage_.as(role_, account_, site_, after(minutes(34)), kHosting, std::string(kBoto));
        call(stolen_, "sts:GetCallerIdentity", after(minutes(34)), kCredentials);
        call(stolen_, "s3:ListBuckets", after(minutes(34), seconds(20)), kCredentials);
        call(stolen_, "iam:ListRoles", after(minutes(35)), kCredentials, {}, true);
        Timestamp at = after(minutes(37));
        for (int month = 1; month <= 12; ++month) {
            const std::string prefix = fmt::format("customers/2025/{:02}/", month);
            call(stolen_,
                 "s3:ListObjects",
                 at,
                 kCollection,
                 {{Slot::bucket, bucket_}, {Slot::prefix, prefix}});
            for (int64_t part = 0, parts = stage_.random.between(26, 38); part < parts; ++part) {
                at += microseconds(700'000 + stage_.random.below(3'000'000));
                const std::string size =
                    std::to_string(2'000'000 + stage_.random.below(24'000'000));
                call(stolen_,
                     "s3:GetObject",
                     at,
                     kCollection,
                     {{Slot::bucket, bucket_},
                      {Slot::key, fmt::format("{}part-{:05}.csv.gz", prefix, part)},
                      {Slot::bytes, size}});
            }
            at += seconds(3);
        }
    }

    void upload() {
        for (Timestamp at = after(minutes(58)); at < after(minutes(112)); at += minutes(1)) {
            Flow flow{&interface_, kHosting, 48'614, 443, true, true, 0, 0, at, at + seconds(58)};
            flow.bytes = 52'000'000 + stage_.random.below(26'000'000);
            flow.packets = flow.bytes / 1'440;
            sent_ += flow.bytes;
            stage_.flow(account_, flow, &kExfiltration);
            flow.outbound = false;
            flow.bytes = 400'000 + stage_.random.below(300'000);
            flow.packets = flow.bytes / 60;
            stage_.flow(account_, flow, &kExfiltration);
        }
    }

    // What GuardDuty made of it, with the delay it takes, and a finding of an ordinary week.
    void alerts() {
        Scene scene(stage_.random, account_, site_, first_);
        alerts_about_key();
        alerts_about_instance(scene);
        alert_about_sequence();
        ordinary_probe(scene);
    }
    void alerts_about_key();
    void alerts_about_instance(Scene& scene);
    void alert_about_sequence();
    void ordinary_probe(Scene& scene);

    void name_entities() {
        Truth& truth = stage_.truth;
        truth.entity("access_key", released_.key);
        truth.entity("access_key", created_.key);
        truth.entity("access_key", stolen_.access_key);
        truth.entity("user", released_.name);
        truth.entity("user", created_.name);
        truth.entity("role", role_.name);
        truth.entity("instance", interface_.instance);
        truth.entity("bucket", bucket_);
        truth.entity("address", kVpn);
        truth.entity("address", kHosting);
        truth.entity("account", account_.id);
    }

    Stage& stage_;
    const Account& account_;
    const Site& site_;
    const Timestamp first_;
    Principal released_, created_, role_;
    const Interface& interface_;
    std::string bucket_;
    Session stolen_;
    uint64_t sent_ = 0;
};

void KeyLeak::alerts_about_key() {
    const std::string key_resource = access_key_resource(released_, released_.key, "IAMUser");
    raise({"PenTest:IAMUser/KaliLinux",
           5,
           "API GetCallerIdentity was invoked from a Kali Linux host.",
           "API GetCallerIdentity was invoked from a remote host with IP address 203.0.113.77 that "
           "is potentially running Kali Linux.",
           key_resource,
           api_call_action("GetCallerIdentity", "sts", kVpn, kKali),
           "",
           96},
          minutes(0),
          minutes(9),
          minutes(12),
          kLeak);
    raise({"Discovery:IAMUser/AnomalousBehavior",
           2,
           "The user svc-release is anomalously invoking APIs commonly used in Discovery tactics.",
           "APIs commonly used in Discovery tactics were invoked by user svc-release under unusual "
           "circumstances.",
           key_resource,
           api_call_action("ListUsers", "iam", kVpn, kKali),
           "",
           61},
          minutes(1),
          minutes(9),
          minutes(14),
          kDiscovery);
    raise(
        {"Persistence:IAMUser/AnomalousBehavior",
         5,
         "The user svc-release is anomalously invoking APIs commonly used in Persistence tactics.",
         "APIs commonly used in Persistence tactics were invoked by user svc-release under unusual "
         "circumstances.",
         key_resource,
         api_call_action("CreateUser", "iam", kVpn, kKali),
         "",
         3},
        minutes(14),
        minutes(15),
        minutes(13),
        kPersistence);
    raise({"Stealth:IAMUser/CloudTrailLoggingDisabled",
           2,
           "AWS CloudTrail trail was disabled.",
           fmt::format("AWS CloudTrail trail {} was disabled by support-ops calling StopLogging.",
                       account_.stock[static_cast<size_t>(Slot::trail)].front()),
           access_key_resource(created_, created_.key, "IAMUser"),
           api_call_action("StopLogging", "cloudtrail", kVpn, kKali)},
          minutes(21),
          minutes(21),
          minutes(11),
          kEvasion);
}

void KeyLeak::alerts_about_instance(Scene& scene) {
    raise({"UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
           8,
           "Credentials for the EC2 instance role web-frontend-role were used from an external IP "
           "address.",
           fmt::format("Credentials created exclusively for the EC2 instance {} using instance "
                       "role web-frontend-role have been used from external IP address {}.",
                       interface_.instance,
                       kHosting),
           access_key_resource(role_, stolen_.access_key, "AssumedRole"),
           api_call_action("GetCallerIdentity", "sts", kHosting, kBoto),
           "",
           4},
          minutes(34),
          minutes(36),
          minutes(9),
          kCredentials);
    raise({"Exfiltration:S3/AnomalousBehavior",
           8,
           "The role web-frontend-role is anomalously invoking S3 APIs commonly used in "
           "Exfiltration tactics.",
           "APIs commonly used in Exfiltration tactics were invoked by role web-frontend-role "
           "under unusual circumstances.",
           bucket_resource(scene, bucket_, role_, stolen_.access_key),
           api_call_action("GetObject", "s3", kHosting, kBoto),
           "",
           380},
          minutes(37),
          minutes(56),
          minutes(15),
          kCollection);
    raise({"Behavior:EC2/TrafficVolumeUnusual",
           5,
           "Unusually large amount of network traffic from EC2 instance to a remote host.",
           fmt::format("EC2 instance {} is generating unusually large amounts of network traffic "
                       "to remote host {}.",
                       interface_.instance,
                       kHosting),
           instance_resource(scene, interface_.instance, interface_.id, interface_.address, &role_),
           connection_action(interface_.address, 48'614, kHosting, 443, true),
           fmt::format(R"({{"outBytes":"{}","value":"{{\"outBytes\":\"{}\"}}","type":"default"}})",
                       sent_,
                       sent_)},
          minutes(58),
          minutes(111),
          minutes(20),
          kExfiltration);
}

void KeyLeak::alert_about_sequence() {
    raise({"AttackSequence:IAM/CompromisedCredentials",
           9.5,
           "Potential credential compromise of svc-release indicated by a sequence of actions.",
           "A sequence of actions involving 96 signals indicating a possible credential compromise "
           "was observed for svc-release.",
           access_key_resource(released_, released_.key, "IAMUser"),
           api_call_action("AttachUserPolicy", "iam", kVpn, kKali)},
          minutes(0),
          minutes(21),
          minutes(22),
          kEscalation);
}

void KeyLeak::ordinary_probe(Scene& scene) {
    const Interface& bastion = stage_.flows.interfaces(account_).front();
    const std::string scanner = make_home_address(stage_.random);
    FindingDraft probe{
        "Recon:EC2/PortProbeUnprotectedPort",
        2,
        "Unprotected port on EC2 instance is being probed.",
        fmt::format("EC2 instance {} has an unprotected port which is being probed by a known "
                    "malicious host.",
                    bastion.instance),
        instance_resource(scene, bastion.instance, bastion.id, bastion.address, nullptr),
        probe_action(bastion.address, 22, scanner),
        "",
        14};
    probe.first = stage_.start + hours(5);
    probe.last = stage_.start + hours(9);
    stage_.finding(probe, account_, site_, stage_.start + hours(9) + minutes(14));
}

}  // namespace

void play_key_leak(Stage& stage) {
    KeyLeak(stage).play();
}

}  // namespace yagura::simulate
