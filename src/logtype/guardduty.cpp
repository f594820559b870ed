// Amazon GuardDuty findings: S3 export (one finding a line) and EventBridge ("GuardDuty Finding").
//
// Format: GuardDuty user guide, "Finding details" and "Exporting findings" (schemaVersion 2.0).
// Severity bands: Low 1.0–3.9, Medium 4.0–6.9, High 7.0–8.9, Critical 9.0–10.0 ("Severity levels of
// findings").
#include <charconv>

#include "base/text.h"
#include "logtype/derive.h"
#include "logtype/log_type.h"

namespace yagura::logtype {
namespace {

using event::Event;
using event::Field;
using event::SlotId;
using event::Type;

// clang-format off
enum Slot : SlotId {
    kUpdatedAt, kId, kType, kSeverity, kSeverityBand, kPurpose, kTitle, kDescription, kAccount, kRegion, kArn, kCreatedAt,
    kFirstSeen, kLastSeen, kCount, kArchived, kActionType, kPrincipal, kSourceIp, kTarget, kApi, kApiService,
    kRemoteIpApi, kRemoteIpNetwork, kRemoteIpProbe, kRemoteIpKubernetes, kRemoteIpRds, kDomain, kDirection, kLocalPort, kRemotePort,
    kAccessKey, kUserName, kUserType, kPrincipalId, kInstance, kBucket, kFunction, kCluster, kDatabase, kResourceType,
    kSample, kResource, kService,
};

constexpr Field kFields[] = {
    {"updatedAt", "event_time", Type::time, "@timestamp", "time", {"when the finding was last updated", "検出結果が最後に更新された日時"}},
    {"id", "finding_id", Type::text, "event.id", "finding_info.uid", {"unique id of the finding", "検出結果の一意な ID"}, "event_id"},
    {"type", "event_action", Type::text, "event.action", "finding_info.types", {"finding type, Purpose:Resource/Family.Mechanism!Artifact", "検出結果タイプ（目的:リソース/ファミリー.メカニズム!アーティファクト）"}, "finding_type event_name"},
    {"severity", "severity", Type::real, "event.severity", "severity_id", {"severity, 1.0–10.0", "重要度（1.0–10.0）"}},
    {"@severity_band", "severity_band", Type::text, "", "severity", {"low, medium, high or critical", "重要度の区分（low、medium、high、critical）"}},
    {"@purpose", "threat_purpose", Type::text, "", "finding_info.analytic.category", {"part of the type before the colon, such as UnauthorizedAccess", "タイプのコロンより前の部分（UnauthorizedAccess など）"}},
    {"title", "title", Type::text, "rule.name", "finding_info.title", {"title of the finding", "検出結果のタイトル"}},
    {"description", "description", Type::text, "message", "finding_info.desc", {"what happened, in a sentence", "検出結果の説明"}},
    {"accountId", "cloud_account_id", Type::text, "cloud.account.id", "cloud.account.uid", {"account the finding is about", "対象アカウント"}, "account_id"},
    {"region", "cloud_region", Type::text, "cloud.region", "cloud.region", {"Region of the finding", "検出結果のリージョン"}},
    {"arn", "finding_arn", Type::text, "", "finding_info.uid_alt", {"ARN of the finding", "検出結果の ARN"}},
    {"createdAt", "created_time", Type::time, "event.created", "finding_info.created_time", {"when the finding was first made", "検出結果が作成された日時"}},
    {"service.eventFirstSeen", "first_seen", Type::time, "event.start", "finding_info.first_seen_time", {"first activity of the finding", "最初に観測された日時"}},
    {"service.eventLastSeen", "last_seen", Type::time, "event.end", "finding_info.last_seen_time", {"latest activity of the finding", "最後に観測された日時"}},
    {"service.count", "finding_count", Type::integer, "", "count", {"how often the activity was seen", "観測回数"}},
    {"service.archived", "archived", Type::boolean, "", "", {"whether the finding is archived", "アーカイブ済みか"}},
    {"service.action.actionType", "action_type", Type::text, "", "activity_name", {"AWS_API_CALL, NETWORK_CONNECTION, DNS_REQUEST, PORT_PROBE, …", "アクションの種類（AWS_API_CALL、NETWORK_CONNECTION、DNS_REQUEST、PORT_PROBE など）"}},
    {"@principal", "principal", Type::text, "user.name", "actor.user.name", {"user, role or instance the finding is about", "対象のユーザー、ロール、インスタンス"}},
    {"@source_ip", "source_ip", Type::ip, "source.ip", "src_endpoint.ip", {"remote address, whichever action reported it", "リモートアドレス（アクションの種類によらない）"}},
    {"@target", "target", Type::text, "", "resources.uid", {"resource the finding is about", "対象リソース"}},
    {"service.action.awsApiCallAction.api", "api", Type::text, "", "api.operation", {"API that was called", "呼び出された API"}},
    {"service.action.awsApiCallAction.serviceName", "api_service", Type::text, "", "api.service.name", {"service of that API", "その API のサービス"}},
    {"service.action.awsApiCallAction.remoteIpDetails.ipAddressV4", "api_remote_ip", Type::ip, "", "", {"address the API was called from", "API の呼び出し元アドレス"}},
    {"service.action.networkConnectionAction.remoteIpDetails.ipAddressV4", "network_remote_ip", Type::ip, "", "", {"remote end of the connection", "接続のリモートアドレス"}},
    {"service.action.portProbeAction.portProbeDetails.remoteIpDetails.ipAddressV4", "probe_remote_ip", Type::ip, "", "", {"address that probed the port", "ポートを探索したアドレス"}},
    {"service.action.kubernetesApiCallAction.remoteIpDetails.ipAddressV4", "kubernetes_remote_ip", Type::ip, "", "", {"address that called the Kubernetes API", "Kubernetes API の呼び出し元アドレス"}},
    {"service.action.rdsLoginAttemptAction.remoteIpDetails.ipAddressV4", "rds_remote_ip", Type::ip, "", "", {"address that tried to log in", "ログインを試みたアドレス"}},
    {"service.action.dnsRequestAction.domain", "domain", Type::text, "dns.question.name", "query.hostname", {"domain that was asked for", "問い合わせたドメイン"}},
    {"service.action.networkConnectionAction.connectionDirection", "direction", Type::text, "network.direction", "connection_info.direction", {"INBOUND, OUTBOUND or UNKNOWN", "方向（INBOUND、OUTBOUND、UNKNOWN）"}},
    {"service.action.networkConnectionAction.localPortDetails.port", "local_port", Type::integer, "", "dst_endpoint.port", {"port on the instance", "インスタンス側のポート"}},
    {"service.action.networkConnectionAction.remotePortDetails.port", "remote_port", Type::integer, "", "", {"port on the remote end", "リモート側のポート"}},
    {"resource.accessKeyDetails.accessKeyId", "access_key_id", Type::text, "", "actor.user.credential_uid", {"access key involved", "関係するアクセスキー"}, "access_key"},
    {"resource.accessKeyDetails.userName", "user_name", Type::text, "", "", {"user or role of that key", "そのキーのユーザーまたはロール"}},
    {"resource.accessKeyDetails.userType", "user_type", Type::text, "", "actor.user.type", {"kind of that identity", "そのアイデンティティの種類"}},
    {"resource.accessKeyDetails.principalId", "user_principal_id", Type::text, "", "actor.user.uid", {"unique id of that identity", "そのアイデンティティの一意な ID"}},
    {"resource.instanceDetails.instanceId", "instance_id", Type::text, "cloud.instance.id", "device.instance_uid", {"EC2 instance involved", "関係する EC2 インスタンス"}},
    {"resource.s3BucketDetails.name", "s3_bucket", Type::text, "aws.s3.bucket.name", "", {"S3 bucket involved", "関係する S3 バケット"}},
    {"resource.lambdaDetails.functionName", "function_name", Type::text, "faas.name", "", {"Lambda function involved", "関係する Lambda 関数"}},
    {"resource.eksClusterDetails.name", "eks_cluster", Type::text, "orchestrator.cluster.name", "", {"EKS cluster involved", "関係する EKS クラスター"}},
    {"resource.rdsDbInstanceDetails.dbInstanceIdentifier", "db_instance", Type::text, "", "", {"database instance involved", "関係するデータベースインスタンス"}},
    {"resource.resourceType", "resource_type", Type::text, "", "resources.type", {"kind of resource: AccessKey, Instance, S3Bucket, …", "リソースの種類（AccessKey、Instance、S3Bucket など）"}},
    {"service.additionalInfo.sample", "sample", Type::boolean, "", "", {"whether it is a sample finding", "サンプルの検出結果か"}},
    {"resource", "resource", Type::json, "", "resources", {"everything about the resource, as JSON", "リソースの全情報（JSON）"}},
    {"service", "service", Type::json, "", "evidences", {"everything about the activity, as JSON", "アクティビティの全情報（JSON）"}},
};
// clang-format on
static_assert(std::size(kFields) == kService + 1);

int recognise(std::string_view record, const RecordContext& context) {
    if (context.detail_type == "GuardDuty Finding") return 100;
    const auto mentions = [&](std::string_view part) { return has(record, part); };
    return mentions("\"schemaVersion\"") && mentions("\"accountId\"") && mentions("\"severity\"") &&
                   mentions("\"resource\"") &&
                   (mentions("\"guardduty\"") || mentions(":guardduty:"))
               ? 95
               : 0;
}

std::string_view severity_band(double severity) {
    if (severity >= 9.0) return "critical";
    if (severity >= 7.0) return "high";
    if (severity >= 4.0) return "medium";
    return "low";
}

std::string_view first_of(Event& event, std::initializer_list<Slot> slots) {
    for (const Slot slot : slots) {
        const std::string_view text = event.text(slot);
        if (!text.empty()) return text;
    }
    return {};
}

std::optional<Fault> finish(Event& event, const RecordContext& context) {
    if (!event.has(kType) || !event.has(kId)) return Fault{FaultCode::not_a_record, 0};
    read_time(event, event.has(kUpdatedAt) ? kUpdatedAt : kCreatedAt, context);
    fill_from_context(event, kAccount, context.account);
    fill_from_context(event, kRegion, context.region);
    const std::string_view number = event.value(kSeverity).text();
    double severity = 0;
    std::from_chars(number.data(), number.data() + number.size(), severity);
    set_text(event, kSeverityBand, severity_band(severity));
    const std::string_view type = event.text(kType);
    set_text(event, kPurpose, type.substr(0, type.find(':')));
    set_text(event, kPrincipal, first_of(event, {kUserName, kInstance}));
    set_text(
        event,
        kSourceIp,
        first_of(
            event,
            {kRemoteIpApi, kRemoteIpNetwork, kRemoteIpProbe, kRemoteIpKubernetes, kRemoteIpRds}));
    set_text(event,
             kTarget,
             first_of(event, {kInstance, kBucket, kAccessKey, kFunction, kCluster, kDatabase}));
    return std::nullopt;
}

// clang-format off
constexpr ResourceField kResources[] = {
    {"resource", "instanceDetails.instanceId", "AWS::EC2::Instance", ""},
    {"resource", "accessKeyDetails.userName", "AWS::IAM::User", "", "User"},
    {"resource", "accessKeyDetails.userName", "AWS::IAM::Role", "", "Role"},
    {"resource", "accessKeyDetails.accessKeyId", "AWS::IAM::AccessKey", ""},
    {"resource", "s3BucketDetails.name", "AWS::S3::Bucket", ""},
    {"resource", "eksClusterDetails.name", "AWS::EKS::Cluster", ""},
    {"resource", "kubernetesDetails.kubernetesWorkloadDetails.containers.name", "Container", ""},
    {"resource", "ecsClusterDetails.name", "AWS::ECS::Cluster", ""},
    {"resource", "ecsClusterDetails.taskDetails.arn", "AWS::ECS::Task", ""},
    {"resource", "ecsClusterDetails.taskDetails.containers.name", "Container", ""},
    {"resource", "containerDetails.name", "Container", ""},
    {"resource", "lambdaDetails.functionName", "AWS::Lambda::Function", ""},
    {"resource", "rdsDbInstanceDetails.dbInstanceIdentifier", "AWS::RDS::DBInstance", ""},
    {"resource", "rdsLimitlessDbDetails.dbClusterIdentifier", "AWS::RDS::DBCluster", ""},
    {"resource", "ebsVolumeDetails.scannedVolumeDetails.volumeArn", "AWS::EC2::Volume", ""},
    {"resource", "ebsSnapshotDetails.snapshotArn", "AWS::EC2::Snapshot", ""},
    {"resource", "ec2ImageDetails.imageArn", "AWS::EC2::Image", ""},
    {"resource", "recoveryPointDetails.recoveryPointArn", "", ""},
};
// clang-format on
constexpr ResourceFields kResourceFields{.rows = kResources,
                                         .when = "resource.accessKeyDetails.userType"};

}  // namespace

const LogType guardduty{
    .name = "guardduty",
    .title = {"GuardDuty findings", "GuardDuty の検出結果"},
    .source = "GuardDuty user guide, Finding details (schemaVersion 2.0)",
    .ocsf_class = "2004 Detection Finding",
    .shape = Shape::json,
    .logsource = {"aws", "guardduty", ""},
    .fields = kFields,
    .roles = {.event_id = kId,
              .revision = kUpdatedAt,
              .event_name = kType,
              .account = kAccount,
              .region = kRegion,
              .principal = kPrincipal,
              .source_ip = kSourceIp,
              .access_key = kAccessKey,
              .target = kTarget},
    .resources = &kResourceFields,
    .recognise = recognise,
    .finish = finish,
    .read_header = nullptr,
    .read_line = nullptr,
};

}  // namespace yagura::logtype
