// AWS CloudTrail: management, data and network activity events, Insights events, and digests.
//
// Format: CloudTrail user guide, "CloudTrail record contents" (record version 1.11) and "CloudTrail
// digest file structure". Deliveries hold {"Records":[…]}; the same record travels in EventBridge
// and CloudWatch Logs.
#include "event/json_document.h"
#include "logtype/cloudtrail_resources.h"
#include "logtype/derive.h"
#include "logtype/log_type.h"

namespace yagura::logtype {
namespace {

using event::Event;
using event::Field;
using event::Kind;
using event::SlotId;
using event::Type;
using event::ValueView;

// clang-format off
enum Slot : SlotId {
    kEventTime, kEventId, kEventName, kEventSource, kEventCategory, kEventType, kRegion, kAccount, kPrincipal, kOutcome,
    kUserType, kUserName, kUserArn, kPrincipalId, kUserAccount, kAccessKey, kIssuerArn, kIssuerName, kInvokedBy,
    kMfa, kSessionStart, kSourceIp, kUserAgent, kErrorCode, kErrorMessage, kReadOnly, kManagement, kTarget,
    kBucket, kTargetUser, kTargetRole, kPolicyArn, kInstance, kFunction, kSecret,
    kRequestParameters, kResponseElements, kAdditional, kResources, kServiceDetails, kInsight, kTls,
    kRequestId, kSharedId, kVpce, kConsole, kApiVersion, kEventVersion,
};

constexpr Field kFields[] = {
    {"eventTime", "event_time", Type::time, "@timestamp", "time", {"when the request was made, UTC, whole seconds", "要求が行われた日時（UTC、秒単位）"}},
    {"eventID", "event_id", Type::uuid, "event.id", "metadata.uid", {"unique id of the event", "イベントの一意な ID"}},
    {"eventName", "event_action", Type::text, "event.action", "api.operation", {"API operation that was called", "呼び出された API 操作"}, "event_name"},
    {"eventSource", "event_provider", Type::text, "event.provider", "api.service.name", {"service that was called, as a host name", "呼び出されたサービス（ホスト名形式）"}, "event_source"},
    {"eventCategory", "event_category", Type::text, "", "metadata.event_code", {"Management, Data, NetworkActivity or Insight", "Management、Data、NetworkActivity、Insight のいずれか"}},
    {"eventType", "event_type", Type::text, "aws.cloudtrail.event_type", "metadata.product.feature.name", {"how the event came about: AwsApiCall, AwsConsoleSignIn, …", "イベントの発生元（AwsApiCall、AwsConsoleSignIn など）"}},
    {"awsRegion", "cloud_region", Type::text, "cloud.region", "cloud.region", {"Region the request was made to", "要求先のリージョン"}, "region"},
    {"recipientAccountId", "cloud_account_id", Type::text, "cloud.account.id", "cloud.account.uid", {"account that received the event", "イベントを受け取ったアカウント"}, "account_id"},
    {"@principal", "principal", Type::text, "user.name", "actor.user.name", {"who did it, as a person would say: user, role/session, root or service", "実行者（ユーザー、ロール/セッション、root、サービス）"}},
    {"@outcome", "event_outcome", Type::text, "event.outcome", "status", {"success or failure", "成否（success または failure）"}, "outcome"},
    {"userIdentity.type", "user_type", Type::text, "aws.cloudtrail.user_identity.type", "actor.user.type", {"kind of identity: Root, IAMUser, AssumedRole, AWSService, …", "アイデンティティの種類（Root、IAMUser、AssumedRole、AWSService など）"}},
    {"userIdentity.userName", "user_name", Type::text, "", "", {"name of the IAM user", "IAM ユーザー名"}},
    {"userIdentity.arn", "user_arn", Type::text, "user.id", "actor.user.uid_alt", {"ARN of the caller", "呼び出し元の ARN"}},
    {"userIdentity.principalId", "user_principal_id", Type::text, "", "actor.user.uid", {"unique id of the caller, with the session name for roles", "呼び出し元の一意な ID（ロールではセッション名付き）"}},
    {"userIdentity.accountId", "user_account_id", Type::text, "", "actor.user.account.uid", {"account the caller belongs to", "呼び出し元が属するアカウント"}},
    {"userIdentity.accessKeyId", "access_key_id", Type::text, "aws.cloudtrail.user_identity.access_key_id", "actor.user.credential_uid", {"access key that signed the request; ASIA… is temporary", "署名に使われたアクセスキー（ASIA… は一時キー）"}, "access_key"},
    {"userIdentity.sessionContext.sessionIssuer.arn", "session_issuer_arn", Type::text, "aws.cloudtrail.user_identity.session_context.session_issuer.arn", "actor.session.issuer", {"role the session was issued from", "セッションの発行元ロール"}},
    {"userIdentity.sessionContext.sessionIssuer.userName", "session_issuer_name", Type::text, "", "", {"name of that role", "そのロールの名前"}},
    {"userIdentity.invokedBy", "invoked_by", Type::text, "aws.cloudtrail.user_identity.invoked_by", "actor.invoked_by", {"service that made the call on somebody's behalf", "代理で呼び出したサービス"}},
    {"userIdentity.sessionContext.attributes.mfaAuthenticated", "mfa_authenticated", Type::text, "aws.cloudtrail.user_identity.session_context.mfa_authenticated", "actor.session.is_mfa", {"whether the session was opened with MFA", "セッションが MFA で開始されたか"}},
    {"userIdentity.sessionContext.attributes.creationDate", "session_created", Type::time, "aws.cloudtrail.user_identity.session_context.creation_date", "actor.session.created_time", {"when the temporary credentials were issued", "一時認証情報の発行日時"}},
    {"sourceIPAddress", "source_ip", Type::ip, "source.ip", "src_endpoint.ip", {"address the request came from, or a service name", "要求元のアドレス（サービス名の場合もある）"}},
    {"userAgent", "user_agent", Type::text, "user_agent.original", "http_request.user_agent", {"client that made the request, as it names itself", "要求したクライアント（自己申告）"}},
    {"errorCode", "error_code", Type::text, "aws.cloudtrail.error_code", "api.response.error", {"error of a failed request; absent when it succeeded", "失敗時のエラーコード（成功時はなし）"}},
    {"errorMessage", "error_message", Type::text, "aws.cloudtrail.error_message", "api.response.message", {"explanation of the error", "エラーの説明"}},
    {"readOnly", "read_only", Type::boolean, "aws.cloudtrail.read_only", "", {"whether the call only reads", "読み取り専用の呼び出しか"}},
    {"managementEvent", "management_event", Type::boolean, "aws.cloudtrail.management_event", "", {"whether it is a management event", "管理イベントか"}},
    {"@target", "target", Type::text, "", "resources.name", {"what it was done to: bucket, user, role, instance, function or first resource", "操作対象（バケット、ユーザー、ロール、インスタンス、関数、最初のリソース）"}},
    {"requestParameters.bucketName", "s3_bucket", Type::text, "aws.s3.bucket.name", "", {"S3 bucket named in the request", "要求で指定された S3 バケット"}},
    {"requestParameters.userName", "target_user", Type::text, "user.target.name", "user.name", {"IAM user named in the request", "要求で指定された IAM ユーザー"}},
    {"requestParameters.roleName", "target_role", Type::text, "", "", {"IAM role named in the request", "要求で指定された IAM ロール"}},
    {"requestParameters.policyArn", "policy_arn", Type::text, "", "policy.uid", {"managed policy named in the request", "要求で指定された管理ポリシー"}},
    {"requestParameters.instanceId", "instance_id", Type::text, "cloud.instance.id", "device.instance_uid", {"EC2 instance named in the request", "要求で指定された EC2 インスタンス"}},
    {"requestParameters.functionName", "function_name", Type::text, "faas.name", "", {"Lambda function named in the request", "要求で指定された Lambda 関数"}},
    {"requestParameters.secretId", "secret_id", Type::text, "", "", {"secret named in the request", "要求で指定されたシークレット"}},
    {"requestParameters", "request_parameters", Type::json, "aws.cloudtrail.request_parameters", "api.request.data", {"what was asked for, as JSON", "要求の内容（JSON）"}},
    {"responseElements", "response_elements", Type::json, "aws.cloudtrail.response_elements", "api.response.data", {"what a changing call returned, as JSON", "変更系の呼び出しの応答（JSON）"}},
    {"additionalEventData", "additional_event_data", Type::json, "aws.cloudtrail.additional_eventdata", "unmapped", {"further facts the service added, as JSON", "サービスが付加した情報（JSON）"}},
    {"resources", "resources", Type::json, "aws.cloudtrail.resources", "resources", {"resources the call touched, as JSON", "操作されたリソース（JSON）"}},
    {"serviceEventDetails", "service_event_details", Type::json, "aws.cloudtrail.service_event_details", "", {"details of a service event, as JSON", "サービスイベントの詳細（JSON）"}},
    {"insightDetails", "insight_details", Type::json, "aws.cloudtrail.insight_details", "", {"what Insights found unusual, as JSON", "Insights が検出した異常の内容（JSON）"}},
    {"tlsDetails", "tls_details", Type::json, "tls", "tls", {"TLS version, cipher and host name, as JSON", "TLS のバージョン・暗号・ホスト名（JSON）"}},
    {"requestID", "request_id", Type::text, "aws.cloudtrail.request_id", "api.request.uid", {"id the service gave the request", "サービスが付与した要求 ID"}},
    {"sharedEventID", "shared_event_id", Type::uuid, "aws.cloudtrail.shared_event_id", "metadata.correlation_uid", {"same act as seen by other accounts", "他アカウントから見た同一の操作の ID"}},
    {"vpcEndpointId", "vpc_endpoint_id", Type::text, "aws.cloudtrail.vpc_endpoint_id", "src_endpoint.uid", {"VPC endpoint the request went through", "経由した VPC エンドポイント"}},
    {"sessionCredentialFromConsole", "from_console", Type::text, "aws.cloudtrail.session_credential_from_console", "", {"whether the session began in the console", "コンソール由来のセッションか"}},
    {"apiVersion", "api_version", Type::text, "aws.cloudtrail.api_version", "api.version", {"version of the API", "API のバージョン"}},
    {"eventVersion", "event_version", Type::text, "aws.cloudtrail.event_version", "metadata.log_version", {"version of the record format", "レコード形式のバージョン"}},
};
// clang-format on
static_assert(std::size(kFields) == kEventVersion + 1);

constexpr CommonValue kCommon[] = {
    {kEventCategory, "Management"},
    {kEventCategory, "Data"},
    {kEventType, "AwsApiCall"},
    {kUserType, "AssumedRole"},
    {kUserType, "IAMUser"},
    {kUserType, "AWSService"},
    {kOutcome, "success"},
    {kMfa, "false"},
    {kMfa, "true"},
};
constexpr event::FieldId kRare[] = {kErrorCode, kErrorMessage};

int recognise(std::string_view record, const RecordContext&) {
    const auto mentions = [&](std::string_view part) { return has(record, part); };
    // A record cut down for a report may lack its time; what was called is enough to know it.
    if (mentions("\"eventSource\"") && mentions("\"eventName\""))
        return mentions("\"eventTime\"") ? 95 : 70;
    if (mentions("\"insightDetails\"") && mentions("\"eventTime\"")) return 95;
    if (mentions("\"digestStartTime\"") && mentions("\"logFiles\"")) return 95;
    return 0;
}

// The words by which a record is recognised may stand anywhere in it; of a CloudTrail record they
// are its own keys. Notifications of S3 and others look alike but name their source "aws:s3".
bool is_record(const Event& event) {
    if (event.has(kEventName)) return !event.value(kEventSource).text().starts_with("aws:");
    return event.has(kInsight);
}

// The last part of "arn:aws:sts::1234:assumed-role/Admin/alice" after its last '/' or ':'.
std::string_view tail(std::string_view text) {
    size_t at = text.size();
    while (at > 0 && text[at - 1] != '/' && text[at - 1] != ':') --at;
    return text.substr(at);
}

std::string_view role_session(Event& event) {
    std::string_view role = event.text(kIssuerName);
    const std::string_view arn = event.text(kUserArn);
    const std::string_view session = arn.empty() ? tail(event.text(kPrincipalId)) : tail(arn);
    if (role.empty()) {
        const size_t slash = arn.find('/');
        if (slash == std::string_view::npos) return session;
        return arn.substr(slash + 1);
    }
    return join(event.arena(), role, "/", session);
}

std::string_view principal_of(Event& event) {
    const std::string_view type = event.text(kUserType);
    if (type == "AssumedRole" || type == "Role") {
        const std::string_view who = role_session(event);
        if (!who.empty()) return who;
    }
    if (type == "Root") return "root";
    if (type == "AWSService") return event.text(kInvokedBy);
    for (const Slot slot :
         {kUserName, kUserArn, kPrincipalId, kInvokedBy, kUserAccount, kUserType}) {
        const std::string_view text = event.text(slot);
        if (!text.empty()) return slot == kUserArn || slot == kPrincipalId ? tail(text) : text;
    }
    return {};
}

std::string_view target_of(Event& event) {
    // The object's key stays out of it: it is different in almost every event and stands in the
    // request.
    for (const Slot slot : {kBucket, kTargetUser, kTargetRole, kInstance, kFunction, kSecret}) {
        const std::string_view text = event.text(slot);
        if (!text.empty()) return text;
    }
    if (!event.has(kResources)) return {};
    return member_text(event.value(kResources), "ARN", event.arena());
}

bool failed(Event& event) {
    if (event.value(kErrorCode).kind == Kind::string ||
        event.value(kErrorMessage).kind == Kind::string)
        return true;
    return event.text(kEventName) == "ConsoleLogin" &&
           has(event.value(kResponseElements).text(), "\"Failure\"");
}

std::optional<Fault> finish(Event& event, const RecordContext& context) {
    if (!event.has(kEventTime) && has(event.record.substr(0, 4096), "\"digestStartTime\"")) {
        return Fault{FaultCode::not_a_log, 0};  // a digest proves logs; it is not one
    }
    // What no object holds is written for a rule's test, and may be cut down to what the rule asks.
    if (!context.object.empty() && !is_record(event)) return Fault{FaultCode::unknown_type, 0};
    read_time(event, kEventTime, context);
    fill_from_context(event, kAccount, context.account);
    fill_from_context(event, kRegion, context.region);
    set_text(event, kPrincipal, principal_of(event));
    set_text(event, kOutcome, failed(event) ? "failure" : "success");
    set_text(event, kTarget, target_of(event));
    return std::nullopt;
}

}  // namespace

const LogType cloudtrail{
    .name = "cloudtrail",
    .title = {"CloudTrail", "CloudTrail"},
    .source = "CloudTrail user guide, CloudTrail record contents (1.11)",
    .ocsf_class = "6003 API Activity",
    .shape = Shape::json,
    .logsource = {"aws", "cloudtrail", ""},
    .fields = kFields,
    .roles = {.event_id = kEventId,
              .event_name = kEventName,
              .event_source = kEventSource,
              .account = kAccount,
              .region = kRegion,
              .principal = kPrincipal,
              .source_ip = kSourceIp,
              .access_key = kAccessKey,
              .user_agent = kUserAgent,
              .error_code = kErrorCode,
              .target = kTarget},
    .common = kCommon,
    .rare = kRare,
    .resources = &kCloudtrailResources,
    .recognise = recognise,
    .finish = finish,
    .read_header = nullptr,
    .read_line = nullptr,
};

}  // namespace yagura::logtype
