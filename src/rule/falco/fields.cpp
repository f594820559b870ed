// What the fields of Falco's cloudtrail plugin mean in terms of the record. Where the plugin has a
// bug, the field means what its description says; docs/falco.md lists these.
#include "rule/falco/fields.h"

#include "event/field.h"
#include "logtype/log_type.h"

namespace yagura::rule::falco {
namespace {

using match::Term;
using K = Term::Kind;
using Steps = std::vector<Term::Step>;

Term literal(std::string_view text) {
    Term out;
    out.text = text;
    return out;
}

Term of(K kind, std::vector<Term> terms, std::string_view text = "") {
    Term out;
    out.kind = kind;
    out.text = text;
    out.terms = std::move(terms);
    return out;
}

Term field(std::string_view name) {
    return of(K::field, {}, name);
}

Term at(Term from, Steps path) {
    Term out = of(K::at, {std::move(from)});
    out.path = std::move(path);
    return out;
}

Term first(std::vector<Term> terms) {
    return of(K::first, std::move(terms));
}

Term when(Term asked, std::string_view wanted, Term then) {
    return of(K::when, {std::move(asked), std::move(then)}, wanted);
}

Term part(Term text, std::string_view separator, uint32_t parts, uint32_t index) {
    Term out = of(K::part, {std::move(text)}, separator);
    out.parts = parts;
    out.index = index;
    return out;
}

Term name_is(std::string_view name, std::string_view then) {
    return when(field("eventName"), name, literal(then));
}

// --- fields that depend on more than one place of the record ---

Term user(const std::string&) {
    const auto type_is = [](std::string_view type, Term then) {
        return when(field("userIdentity.type"), type, std::move(then));
    };
    const Term name = field("userIdentity.userName");
    return first({type_is("IAMUser", name),
                  type_is("Root", name),
                  type_is("AssumedRole",
                          first({field("userIdentity.sessionContext.sessionIssuer.userName"),
                                 literal("AssumedRole")})),
                  type_is("AWSService", field("userIdentity.invokedBy")),
                  type_is("AWSAccount", literal("AWSAccount")),
                  type_is("FederatedUser", literal("FederatedUser"))});
}

// "arn:aws:sts::111122223333:assumed-role/Admin/alice" and "AROAEXAMPLE:alice" are both alice.
Term original_user(const std::string&) {
    const Term session = first({part(field("userIdentity.arn"), "/", 3, 2),
                                part(field("userIdentity.principalId"), ":", 2, 1)});
    return first(
        {when(field("userIdentity.type"), "AssumedRole", session), field("userIdentity.userName")});
}

Term account(const std::string&) {
    return first({field("userIdentity.accountId"), field("recipientAccountId")});
}

Term short_source(const std::string&) {
    return of(K::without_end, {field("eventSource")}, ".amazonaws.com");
}

Term resources(const std::string&) {
    return of(K::join, {of(K::each, {}, "resources")}, ",");
}

Term uri(const std::string&) {
    return of(K::concat,
              {literal("s3://"),
               field("requestParameters.bucketName"),
               literal("/"),
               field("requestParameters.key")});
}

Term bytes(const std::string&) {
    return of(K::sum,
              {field("additionalEventData.bytesTransferredIn"),
               field("additionalEventData.bytesTransferredOut")});
}

Term count_get(const std::string&) {
    return first({name_is("GetObject", "1"), literal("0")});
}
Term count_put(const std::string&) {
    return first({name_is("PutObject", "1"), literal("0")});
}
Term count_other(const std::string&) {
    return first({name_is("GetObject", "0"), name_is("PutObject", "0"), literal("1")});
}

Term instance_name(const std::string&) {
    return at(field("requestParameters"),
              {{"tagSpecificationSet", {}},
               {"items", {}},
               {"resourceType", "instance"},
               {"tags", {}},
               {"key", "Name"},
               {"value", {}}});
}

std::vector<Term> requested_images() {
    const Term request = field("requestParameters");
    return {
        field("requestParameters.imageId"),
        at(request, {{"DescribeFastLaunchImagesRequest", {}}, {"ImageId", {}}, {"content", {}}}),
        at(request, {{"launchSpecification", {}}, {"imageId", {}}})};
}
Term image(const std::string&) {
    std::vector<Term> terms = requested_images();
    terms.insert(terms.begin(),
                 at(field("responseElements"),
                    {{"instancesSet", {}}, {"items", {}}, {"0", {}}, {"imageId", {}}}));
    return first(std::move(terms));
}
Term images(const std::string&) {
    std::vector<Term> terms = requested_images();
    terms.insert(terms.begin(), of(K::each, {}, "responseElements.instancesSet.items.imageId"));
    return first(std::move(terms));
}

// "alice via 192.0.2.1 !→ CreateUser": who, from where, whether it failed, read or wrote, and what.
Term info(const std::string& argument) {
    const auto detail = [](std::string_view label, Term value) {
        return of(K::concat, {literal(label), std::move(value)});
    };
    const Term mark =
        first({when(of(K::count, {of(K::each, {}, "errorCode")}), "1", literal("!")), literal("")});
    const Term arrow = first({when(field("readOnly"), "false", literal("→")), literal("←")});
    const Term size = first({detail(" Size=", bytes(argument)), literal("")});
    const Term what = first({detail(" URI=", uri(argument)),
                             detail(" Bucket=", field("requestParameters.bucketName")),
                             detail(" Key=", field("requestParameters.key")),
                             detail(" Host=", field("requestParameters.Host")),
                             literal("")});
    return of(K::concat,
              {user(argument),
               literal(" via "),
               field("sourceIPAddress"),
               literal(" "),
               mark,
               arrow,
               literal(" "),
               field("eventName"),
               size,
               what});
}

// --- json.value: of JSON null, the text "null" ---

// "~1" is '/' and "~0" is '~' in a step of a pointer (RFC 6901).
std::string unescape_step(std::string_view step) {
    std::string out;
    for (size_t i = 0; i < step.size(); ++i) {
        const bool escape = step[i] == '~' && i + 1 < step.size();
        if (escape && (step[i + 1] == '0' || step[i + 1] == '1')) {
            out += step[++i] == '1' ? '/' : '~';
        } else {
            out += step[i];
        }
    }
    return out;
}

// Whether the plan's field of this name is what the record has under this key, and not another
// field's further name.
bool is_own_name(std::string_view key) {
    static const event::Dictionary& dictionary = logtype::find("cloudtrail")->dictionary();
    if (key.empty() || key.find_first_of(".@") != std::string_view::npos) return false;
    const auto found = dictionary.find(key);
    return !found || dictionary[*found].name == key;
}

Term value_at(const std::string& pointer) {
    Steps path;
    for (size_t at = pointer.starts_with('/') ? 1 : 0; at <= pointer.size();) {
        const size_t end = std::min(pointer.find('/', at), pointer.size());
        path.push_back({unescape_step(std::string_view(pointer).substr(at, end - at)), {}});
        at = end + 1;
    }
    const bool is_field = is_own_name(path[0].name);
    Term root = is_field ? field(path[0].name) : of(K::record, {});
    if (is_field) path.erase(path.begin());
    Term out = path.empty() ? std::move(root) : at(std::move(root), std::move(path));
    out.null_is_text = true;
    return out;
}

Term whole_record(const std::string&) {
    return of(K::record, {});
}

// --- rows for fields that are one place of the record, or a text ---

#define AT(name) [](const std::string&) { return field(name); }
#define BYTES(name) [](const std::string&) { return of(K::sum, {field(name)}); }
#define CONSTANT(text) [](const std::string&) { return literal(text); }
#define TIME(form) [](const std::string&) { return of(K::event_time, {}, form); }

constexpr FieldType text = FieldType::text;
constexpr FieldType number = FieldType::number;

// clang-format off
constexpr Field kFields[] = {
    {"ct.id", text, AT("eventID"), {"unique id of the event", "イベントの一意な ID"}},
    {"ct.error", text, AT("errorCode"), {"error code of a failed request; absent when it succeeded", "失敗した要求のエラーコード（成功時はなし）"}},
    {"ct.errormessage", text, AT("errorMessage"), {"explanation of the error", "エラーの説明"}},
    {"ct.time", text, AT("eventTime"), {"when the request was made, as written", "要求が行われた日時（記録されたまま）"}},
    {"ct.src", text, AT("eventSource"), {"service that was called, as a host name", "呼び出されたサービス（ホスト名形式）"}},
    {"ct.shortsrc", text, short_source, {"the same without .amazonaws.com", "同上（.amazonaws.com を除く）"}},
    {"ct.name", text, AT("eventName"), {"API operation that was called", "呼び出された API 操作"}},
    {"ct.user", text, user, {"user, role of a session, or service; absent for root without a name", "ユーザー、セッションのロール、またはサービス（名前のない root ではなし）"}},
    {"ct.originaluser", text, original_user, {"session name of an assumed role, otherwise the user", "引き受けたロールのセッション名、それ以外はユーザー名"}},
    {"ct.user.accountid", text, account, {"account of the caller, else the one that received the event", "呼び出し元のアカウント（なければ記録先のアカウント）"}},
    {"ct.user.identitytype", text, AT("userIdentity.type"), {"kind of identity: Root, IAMUser, AssumedRole, …", "アイデンティティの種類（Root、IAMUser、AssumedRole など）"}},
    {"ct.user.principalid", text, AT("userIdentity.principalId"), {"unique id of the caller", "呼び出し元の一意な ID"}},
    {"ct.user.arn", text, AT("userIdentity.arn"), {"ARN of the caller", "呼び出し元の ARN"}},
    {"ct.region", text, AT("awsRegion"), {"Region the request was made to", "要求先のリージョン"}},
    {"ct.response.subnetid", text, AT("responseElements.subnetId"), {"subnet in the response", "応答のサブネット"}},
    {"ct.response.reservationid", text, AT("responseElements.reservationId"), {"reservation in the response", "応答の予約 ID"}},
    {"ct.response", text, AT("responseElements"), {"the response as JSON", "応答（JSON）"}},
    {"ct.request.availabilityzone", text, AT("requestParameters.availabilityZone"), {"Availability Zone in the request", "要求のアベイラビリティーゾーン"}},
    {"ct.request.cluster", text, AT("requestParameters.cluster"), {"cluster in the request", "要求のクラスター"}},
    {"ct.request.documentname", text, AT("requestParameters.documentName"), {"Systems Manager document in the request", "要求の Systems Manager ドキュメント"}},
    {"ct.request.functionname", text, AT("requestParameters.functionName"), {"function in the request", "要求の関数名"}},
    {"ct.request.groupname", text, AT("requestParameters.groupName"), {"group in the request", "要求のグループ名"}},
    {"ct.request.host", text, AT("requestParameters.Host"), {"host in the request", "要求のホスト"}},
    {"ct.request.name", text, AT("requestParameters.name"), {"name in the request", "要求の名前"}},
    {"ct.request.policy", text, AT("requestParameters.policy"), {"policy in the request", "要求のポリシー"}},
    {"ct.request.reason", text, AT("requestParameters.reason"), {"reason in the request", "要求の理由"}},
    {"ct.request.target", text, AT("requestParameters.target"), {"target in the request", "要求の対象"}},
    {"ct.request.serialnumber", text, AT("requestParameters.serialNumber"), {"serial number in the request", "要求のシリアル番号"}},
    {"ct.request.servicename", text, AT("requestParameters.serviceName"), {"service in the request", "要求のサービス名"}},
    {"ct.request.subnetid", text, AT("requestParameters.subnetId"), {"subnet in the request", "要求のサブネット"}},
    {"ct.request.taskdefinition", text, AT("requestParameters.taskDefinition"), {"task definition in the request", "要求のタスク定義"}},
    {"ct.request.username", text, AT("requestParameters.userName"), {"user in the request", "要求のユーザー名"}},
    {"ct.request", text, AT("requestParameters"), {"the request as JSON", "要求（JSON）"}},
    {"ct.srcip", text, AT("sourceIPAddress"), {"address the request came from, or a service name", "要求元のアドレス（サービス名の場合もある）"}},
    {"ct.useragent", text, AT("userAgent"), {"client that made the request, as it names itself", "要求したクライアント（自己申告）"}},
    {"ct.info", text, info, {"one line: who, from where, what", "要約 1 行（誰が、どこから、何を）"}},
    {"ct.managementevent", text, AT("managementEvent"), {"true for a management event", "管理イベントなら true"}},
    {"ct.readonly", text, AT("readOnly"), {"true when the call only reads", "読み取り専用の呼び出しなら true"}},
    {"ct.requestid", text, AT("requestID"), {"id the service gave the request", "サービスが付与した要求 ID"}},
    {"ct.eventtype", text, AT("eventType"), {"how the event came about: AwsApiCall, …", "イベントの発生元（AwsApiCall など）"}},
    {"ct.eventcategory", text, AT("eventCategory"), {"Management, Data, NetworkActivity or Insight", "Management、Data、NetworkActivity、Insight のいずれか"}},
    {"ct.apiversion", text, AT("apiVersion"), {"version of the API", "API のバージョン"}},
    {"ct.resources", text, resources, {"the resources as JSON, parted by commas", "リソース（JSON、カンマ区切り）"}},
    {"ct.recipientaccountid", text, AT("recipientAccountId"), {"account that received the event", "イベントを受け取ったアカウント"}},
    {"ct.serviceeventdetails", text, AT("serviceEventDetails"), {"details of a service event, as JSON", "サービスイベントの詳細（JSON）"}},
    {"ct.sharedeventid", text, AT("sharedEventID"), {"same act as seen by other accounts", "他アカウントから見た同一の操作の ID"}},
    {"ct.vpcendpointid", text, AT("vpcEndpointId"), {"VPC endpoint the request went through", "経由した VPC エンドポイント"}},
    {"ct.edgedevicedetails", text, AT("edgeDeviceDetails"), {"edge device of the request, as JSON", "エッジデバイスの詳細（JSON）"}},
    {"ct.sessioncredentialfromconsole", text, AT("sessionCredentialFromConsole"), {"true when the session began in the console", "コンソール由来のセッションなら true"}},
    {"ct.additionaleventdata", text, AT("additionalEventData"), {"further facts of the event, as JSON", "付加情報（JSON）"}},
    {"ct.addendum.reason", text, AT("addendum.reason"), {"why the event was delivered late or again", "イベントが遅延・再送された理由"}},
    {"ct.addendum.updatedfields", text, AT("addendum.updatedFields"), {"fields the addendum changed", "更新されたフィールド"}},
    {"ct.addendum.originalrequestid", text, AT("addendum.originalRequestID"), {"request id of the original event", "元のイベントの要求 ID"}},
    {"ct.addendum.originaleventid", text, AT("addendum.originalEventID"), {"event id of the original event", "元のイベントの ID"}},
    {"ct.tlsdetails.tlsversion", text, AT("tlsDetails.tlsVersion"), {"TLS version of the request", "要求の TLS バージョン"}},
    {"ct.tlsdetails.ciphersuite", text, AT("tlsDetails.cipherSuite"), {"cipher suite of the request", "要求の暗号スイート"}},
    {"ct.tlsdetails.clientprovidedhostheader", text, AT("tlsDetails.clientProvidedHostHeader"), {"host name the client asked for", "クライアントが指定したホスト名"}},
    {"s3.uri", text, uri, {"s3://bucket/key", "s3://バケット/キー"}},
    {"s3.bucket", text, AT("requestParameters.bucketName"), {"bucket in the request", "要求のバケット"}},
    {"s3.key", text, AT("requestParameters.key"), {"object key in the request", "要求のオブジェクトキー"}},
    {"s3.bytes", number, bytes, {"bytes up and down together", "送受信バイト数の合計"}},
    {"s3.bytes.in", number, BYTES("additionalEventData.bytesTransferredIn"), {"bytes uploaded", "アップロードされたバイト数"}},
    {"s3.bytes.out", number, BYTES("additionalEventData.bytesTransferredOut"), {"bytes downloaded", "ダウンロードされたバイト数"}},
    {"s3.cnt.get", number, count_get, {"1 for GetObject, else 0", "GetObject なら 1、それ以外は 0"}},
    {"s3.cnt.put", number, count_put, {"1 for PutObject, else 0", "PutObject なら 1、それ以外は 0"}},
    {"s3.cnt.other", number, count_other, {"0 for GetObject and PutObject, else 1", "GetObject と PutObject なら 0、それ以外は 1"}},
    {"ec2.name", text, instance_name, {"Name tag given to a new instance", "新しいインスタンスの Name タグ"}},
    {"ec2.imageid", text, image, {"image of the first instance started, or asked for", "最初に起動されたインスタンスのイメージ（または要求のイメージ）"}},
    {"ec2.imageids", FieldType::texts, images, {"images of all instances started", "起動された全インスタンスのイメージ"}},
    {"ecr.repository", text, AT("requestParameters.repositoryName"), {"repository in the request", "要求のリポジトリ"}},
    {"ecr.image.tag", text, AT("requestParameters.imageTag"), {"image tag in the request", "要求のイメージタグ"}},
    {"iam.role", text, AT("requestParameters.roleName"), {"role in the request", "要求のロール"}},
    {"iam.policy", text, AT("requestParameters.policyName"), {"policy in the request", "要求のポリシー名"}},
    {"json.value", text, value_at, {"what a JSON pointer leads to: json.value[/a/b/0]", "JSON ポインターの指す値（json.value[/a/b/0]）"}, true},
    {"json.obj", text, whole_record, {"the whole record as JSON", "レコード全体（JSON）"}},
    {"json.rawtime", text, TIME("ns"), {"event time, nanoseconds since 1970", "イベントの日時（1970 年からのナノ秒）"}},
    {"jevt.value", text, value_at, {"the same as json.value", "json.value と同じ"}, true},
    {"jevt.obj", text, whole_record, {"the same as json.obj", "json.obj と同じ"}},
    {"jevt.rawtime", text, TIME("ns"), {"the same as json.rawtime", "json.rawtime と同じ"}},
    {"evt.num", FieldType::ordinal, [](const std::string&) { return of(K::ordinal, {}); }, {"place of the event in its file, from 1", "ファイル内での順番（1 から）"}},
    {"evt.time", text, TIME(""), {"event time in UTC: 12:34:56.000000000", "イベントの時刻（UTC、12:34:56.000000000 形式）"}},
    {"evt.time.s", text, [](const std::string&) { return part(of(K::event_time, {}), ".", 2, 0); }, {"event time in UTC: 12:34:56", "イベントの時刻（UTC、12:34:56 形式）"}},
    {"evt.time.iso8601", text, TIME("iso8601"), {"event time as ISO 8601", "イベントの日時（ISO 8601）"}},
    {"evt.datetime", text, [](const std::string&) { return of(K::concat, {of(K::event_time, {}, "date"), literal(" "), of(K::event_time, {})}); }, {"event time with its date", "イベントの日付と時刻"}},
    {"evt.datetime.s", text, [](const std::string&) { return of(K::concat, {of(K::event_time, {}, "date"), literal(" "), part(of(K::event_time, {}), ".", 2, 0)}); }, {"event time with its date, in seconds", "イベントの日付と時刻（秒単位）"}},
    {"evt.rawtime", number, TIME("ns"), {"event time, nanoseconds since 1970", "イベントの日時（1970 年からのナノ秒）"}},
    {"evt.rawtime.s", number, TIME("s"), {"event time, seconds since 1970", "イベントの日時（1970 年からの秒）"}},
    {"evt.type", text, CONSTANT("pluginevent"), {"always pluginevent", "常に pluginevent"}},
    {"evt.source", text, CONSTANT(kCloudtrailSource), {"always aws_cloudtrail", "常に aws_cloudtrail"}},
    {"evt.pluginname", text, CONSTANT("cloudtrail"), {"always cloudtrail", "常に cloudtrail"}},
    {"evt.plugininfo", text, info, {"the same as ct.info", "ct.info と同じ"}},
};

constexpr std::string_view kSources[] = {
    "aws_cloudtrail", "syscall", "k8s_audit", "okta", "github", "gcp_auditlog", "docker", "salesforce", "collector", "gitlab",
};
// clang-format on

}  // namespace

std::span<const Field> fields() {
    return kFields;
}

const Field* find_field(std::string_view name) {
    for (const Field& field : kFields) {
        if (field.name == name) return &field;
    }
    return nullptr;
}

std::span<const std::string_view> known_sources() {
    return kSources;
}

std::string_view type_name(FieldType type) {
    switch (type) {
        case FieldType::text:
            return "string";
        case FieldType::texts:
            return "string list";
        case FieldType::number:
        case FieldType::ordinal:
            return "uint64";
    }
    return "";
}

}  // namespace yagura::rule::falco
