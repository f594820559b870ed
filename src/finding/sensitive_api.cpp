#include "finding/sensitive_api.h"

#include <algorithm>

namespace yagura::finding {
namespace {

// Lambda names operations with the version of its API: "UpdateFunctionCode20150331v2".
std::string_view without_version(std::string_view name) {
    size_t end = name.size();
    if (end > 2 && name[end - 2] == 'v' && name[end - 1] >= '0' && name[end - 1] <= '9') end -= 2;
    size_t digits = 0;
    while (digits < end && name[end - 1 - digits] >= '0' && name[end - 1 - digits] <= '9') ++digits;
    return digits == 8 ? name.substr(0, end - digits) : name;
}

using enum Tactic;

// Sorted by service and name.
// clang-format off
constexpr SensitiveApi kApis[] = {
    {"access-analyzer", "DeleteAnalyzer", defense_evasion, {"stops watching for outside access", "外部アクセスの監視を止める"}},
    {"bedrock", "InvokeModel", impact, {"uses a model at the owner's cost", "所有者の費用でモデルを使う"}},
    {"bedrock", "InvokeModelWithResponseStream", impact, {"uses a model at the owner's cost", "所有者の費用でモデルを使う"}},
    {"bedrock", "PutFoundationModelEntitlement", impact, {"enables a model", "モデルを有効にする"}},
    {"cloudformation", "CreateStack", execution, {"creates resources from a template", "テンプレートからリソースを作る"}},
    {"cloudtrail", "DeleteEventDataStore", defense_evasion, {"deletes stored logs", "保存済みのログを削除する"}},
    {"cloudtrail", "DeleteTrail", defense_evasion, {"ends logging", "ログ記録を終わらせる"}},
    {"cloudtrail", "PutEventSelectors", defense_evasion, {"changes what is logged", "記録対象を変える"}},
    {"cloudtrail", "StopLogging", defense_evasion, {"pauses logging", "ログ記録を止める"}},
    {"cloudtrail", "UpdateTrail", defense_evasion, {"changes where logs go", "ログの保存先を変える"}},
    {"config", "DeleteConfigurationRecorder", defense_evasion, {"ends configuration records", "構成の記録を終わらせる"}},
    {"config", "StopConfigurationRecorder", defense_evasion, {"pauses configuration records", "構成の記録を止める"}},
    {"ec2", "AuthorizeSecurityGroupEgress", exfiltration, {"opens outgoing traffic", "外向き通信を開く"}},
    {"ec2", "AuthorizeSecurityGroupIngress", defense_evasion, {"opens incoming traffic", "内向き通信を開く"}},
    {"ec2", "CreateImage", collection, {"copies an instance", "インスタンスを複製する"}},
    {"ec2", "CreateKeyPair", persistence, {"makes a key for logins", "ログイン用の鍵を作る"}},
    {"ec2", "CreateSnapshot", collection, {"copies a disk", "ディスクを複製する"}},
    {"ec2", "DeleteFlowLogs", defense_evasion, {"ends network logs", "ネットワークログを止める"}},
    {"ec2", "DisableEbsEncryptionByDefault", defense_evasion, {"leaves new disks unencrypted", "新しいディスクを暗号化しない"}},
    {"ec2", "GetConsoleScreenshot", discovery, {"looks at an instance's screen", "インスタンスの画面を見る"}},
    {"ec2", "GetPasswordData", credential_access, {"reads a Windows administrator password", "Windows 管理者パスワードを読む"}},
    {"ec2", "ImportKeyPair", persistence, {"adds a key for logins", "ログイン用の鍵を登録する"}},
    {"ec2", "ModifyImageAttribute", exfiltration, {"shares a machine image", "マシンイメージを共有する"}},
    {"ec2", "ModifyInstanceAttribute", execution, {"changes an instance, also its start script", "インスタンスや起動スクリプトを変える"}},
    {"ec2", "ModifySnapshotAttribute", exfiltration, {"shares a disk copy", "ディスクの複製を共有する"}},
    {"ec2", "ReplaceIamInstanceProfileAssociation", privilege_escalation, {"gives an instance another role", "インスタンスのロールを替える"}},
    {"ec2", "RunInstances", execution, {"starts instances", "インスタンスを起動する"}},
    {"ec2", "SharedSnapshotCopyInitiated", exfiltration, {"another account copies a disk", "別アカウントがディスクを複製する"}},
    {"ec2", "TerminateInstances", impact, {"destroys instances", "インスタンスを破棄する"}},
    {"ec2-instance-connect", "SendSSHPublicKey", lateral_movement, {"logs in to an instance", "インスタンスにログインする"}},
    {"ec2-instance-connect", "SendSerialConsoleSSHPublicKey", lateral_movement, {"opens a serial console", "シリアルコンソールを開く"}},
    {"ecr", "SetRepositoryPolicy", exfiltration, {"shares a container repository", "コンテナリポジトリを共有する"}},
    {"ecs", "RegisterTaskDefinition", execution, {"defines a container to run", "実行するコンテナを定義する"}},
    {"eks", "CreateAccessEntry", persistence, {"gives access to a cluster", "クラスターへの権限を与える"}},
    {"events", "PutRule", persistence, {"runs something on events", "イベントを契機に処理を動かす"}},
    {"guardduty", "CreateFilter", defense_evasion, {"may hide findings", "検出結果を隠しうる"}},
    {"guardduty", "CreateIPSet", defense_evasion, {"may trust an attacker's addresses", "攻撃者のアドレスを信頼しうる"}},
    {"guardduty", "DeleteDetector", defense_evasion, {"ends threat detection", "脅威検出を終わらせる"}},
    {"guardduty", "UpdateDetector", defense_evasion, {"changes threat detection", "脅威検出を変える"}},
    {"iam", "AddUserToGroup", privilege_escalation, {"gives a user more rights", "ユーザーの権限を増やす"}},
    {"iam", "AttachGroupPolicy", privilege_escalation, {"gives a group more rights", "グループの権限を増やす"}},
    {"iam", "AttachRolePolicy", privilege_escalation, {"gives a role more rights", "ロールの権限を増やす"}},
    {"iam", "AttachUserPolicy", privilege_escalation, {"gives a user more rights", "ユーザーの権限を増やす"}},
    {"iam", "CreateAccessKey", persistence, {"makes a long-term key", "長期キーを作る"}},
    {"iam", "CreateLoginProfile", persistence, {"gives a user a console password", "コンソールのパスワードを与える"}},
    {"iam", "CreateOpenIDConnectProvider", persistence, {"trusts an outside login", "外部のログインを信頼する"}},
    {"iam", "CreatePolicyVersion", privilege_escalation, {"changes a policy", "ポリシーを変える"}},
    {"iam", "CreateRole", persistence, {"creates a role", "ロールを作る"}},
    {"iam", "CreateSAMLProvider", persistence, {"trusts an outside login", "外部のログインを信頼する"}},
    {"iam", "CreateUser", persistence, {"creates a user", "ユーザーを作る"}},
    {"iam", "CreateVirtualMFADevice", persistence, {"makes a second factor", "多要素認証デバイスを作る"}},
    {"iam", "DeactivateMFADevice", defense_evasion, {"removes a second factor", "多要素認証を外す"}},
    {"iam", "DeleteAccountPasswordPolicy", defense_evasion, {"weakens passwords", "パスワード要件を弱める"}},
    {"iam", "DeleteRolePermissionsBoundary", privilege_escalation, {"removes a limit of rights", "権限の上限を外す"}},
    {"iam", "DeleteUserPermissionsBoundary", privilege_escalation, {"removes a limit of rights", "権限の上限を外す"}},
    {"iam", "GetAccountAuthorizationDetails", discovery, {"reads all rights of the account", "アカウントの全権限を読む"}},
    {"iam", "GetCredentialReport", discovery, {"reads the state of all credentials", "全認証情報の状態を読む"}},
    {"iam", "ListAccessKeys", discovery, {"lists keys", "キーを列挙する"}},
    {"iam", "ListUsers", discovery, {"lists users", "ユーザーを列挙する"}},
    {"iam", "PassRole", privilege_escalation, {"hands a role to a service", "サービスにロールを渡す"}},
    {"iam", "PutGroupPolicy", privilege_escalation, {"gives a group more rights", "グループの権限を増やす"}},
    {"iam", "PutRolePolicy", privilege_escalation, {"gives a role more rights", "ロールの権限を増やす"}},
    {"iam", "PutUserPolicy", privilege_escalation, {"gives a user more rights", "ユーザーの権限を増やす"}},
    {"iam", "SetDefaultPolicyVersion", privilege_escalation, {"switches to another policy", "別のポリシーに切り替える"}},
    {"iam", "SimulatePrincipalPolicy", discovery, {"tests what a principal may do", "権限を試算する"}},
    {"iam", "UpdateAccessKey", persistence, {"turns a key on or off", "キーの有効・無効を変える"}},
    {"iam", "UpdateAssumeRolePolicy", persistence, {"changes who may take a role", "ロールを使える相手を変える"}},
    {"iam", "UpdateLoginProfile", persistence, {"changes a console password", "コンソールのパスワードを変える"}},
    {"kms", "CreateGrant", credential_access, {"gives use of a key", "鍵の使用を許す"}},
    {"kms", "DisableKey", impact, {"makes data unreadable", "データを読めなくする"}},
    {"kms", "PutKeyPolicy", impact, {"changes who may use a key", "鍵を使える相手を変える"}},
    {"kms", "ScheduleKeyDeletion", impact, {"will destroy a key", "鍵の破棄を予約する"}},
    {"lambda", "AddPermission", persistence, {"lets others run a function", "関数の実行を他者に許す"}},
    {"lambda", "CreateEventSourceMapping", persistence, {"runs a function on events", "イベントで関数を動かす"}},
    {"lambda", "CreateFunction", execution, {"adds code to run", "実行するコードを加える"}},
    {"lambda", "CreateFunctionUrlConfig", persistence, {"opens a function to the internet", "関数をインターネットに開く"}},
    {"lambda", "PublishLayerVersion", persistence, {"adds code to functions", "関数にコードを加える"}},
    {"lambda", "UpdateFunctionCode", execution, {"replaces a function's code", "関数のコードを差し替える"}},
    {"lambda", "UpdateFunctionConfiguration", execution, {"changes a function", "関数の設定を変える"}},
    {"logs", "DeleteLogGroup", defense_evasion, {"deletes logs", "ログを削除する"}},
    {"logs", "DeleteLogStream", defense_evasion, {"deletes logs", "ログを削除する"}},
    {"logs", "PutRetentionPolicy", defense_evasion, {"shortens how long logs stay", "ログの保存期間を変える"}},
    {"organizations", "CreateAccount", persistence, {"creates an account", "アカウントを作る"}},
    {"organizations", "InviteAccountToOrganization", persistence, {"invites an account", "アカウントを招待する"}},
    {"organizations", "LeaveOrganization", defense_evasion, {"leaves central control", "組織の管理から離れる"}},
    {"rds", "CreateDBSnapshot", collection, {"copies a database", "データベースを複製する"}},
    {"rds", "DeleteDBInstance", impact, {"destroys a database", "データベースを破棄する"}},
    {"rds", "ModifyDBInstance", persistence, {"may reset the database password", "データベースのパスワードを変えうる"}},
    {"rds", "ModifyDBSnapshotAttribute", exfiltration, {"shares a database copy", "データベースの複製を共有する"}},
    {"rds", "StartExportTask", exfiltration, {"exports a database", "データベースを書き出す"}},
    {"rolesanywhere", "CreateTrustAnchor", persistence, {"trusts outside certificates", "外部の証明書を信頼する"}},
    {"route53resolver", "DeleteResolverQueryLogConfig", defense_evasion, {"ends DNS logs", "DNS ログを終わらせる"}},
    {"s3", "DeleteBucket", impact, {"deletes a bucket", "バケットを削除する"}},
    {"s3", "DeleteBucketEncryption", defense_evasion, {"removes encryption", "暗号化を外す"}},
    {"s3", "DeleteBucketPublicAccessBlock", exfiltration, {"allows public access", "公開を可能にする"}},
    {"s3", "DeleteObjects", impact, {"deletes many objects", "多数のオブジェクトを削除する"}},
    {"s3", "GetBucketPolicy", discovery, {"reads who may use a bucket", "バケットの権限を読む"}},
    {"s3", "ListBuckets", discovery, {"lists buckets", "バケットを列挙する"}},
    {"s3", "PutBucketAcl", exfiltration, {"changes who may read", "読める相手を変える"}},
    {"s3", "PutBucketLifecycle", impact, {"may expire data", "データを失効させうる"}},
    {"s3", "PutBucketPolicy", exfiltration, {"changes who may use a bucket", "バケットを使える相手を変える"}},
    {"s3", "PutBucketReplication", exfiltration, {"copies data elsewhere", "データを別の場所に複製する"}},
    {"s3", "PutBucketVersioning", impact, {"may stop keeping old versions", "旧版の保存を止めうる"}},
    {"secretsmanager", "BatchGetSecretValue", credential_access, {"reads many secrets", "多数のシークレットを読む"}},
    {"secretsmanager", "GetSecretValue", credential_access, {"reads a secret", "シークレットを読む"}},
    {"secretsmanager", "ListSecrets", discovery, {"lists secrets", "シークレットを列挙する"}},
    {"securityhub", "DisableSecurityHub", defense_evasion, {"ends security findings", "セキュリティ検出を終わらせる"}},
    {"servicequotas", "ListServiceQuotas", discovery, {"checks limits, often before abuse", "上限を調べる（悪用前に多い）"}},
    {"servicequotas", "RequestServiceQuotaIncrease", impact, {"raises limits", "上限を引き上げる"}},
    {"ses", "GetAccount", discovery, {"checks if mail can be sent", "メール送信の可否を調べる"}},
    {"ses", "GetSendQuota", discovery, {"checks how much mail can be sent", "メールの送信上限を調べる"}},
    {"ses", "UpdateAccountSendingEnabled", impact, {"turns mail on or off", "メール送信を切り替える"}},
    {"ses", "VerifyEmailIdentity", resource_development, {"prepares to send mail", "メール送信を準備する"}},
    {"signin", "ConsoleLogin", initial_access, {"logs in to the console", "コンソールにログインする"}},
    {"signin", "GetSigninToken", lateral_movement, {"turns keys into a console session", "キーからコンソールに入る"}},
    {"sns", "Publish", impact, {"sends messages", "メッセージを送る"}},
    {"ssm", "DescribeInstanceInformation", discovery, {"lists reachable instances", "操作できるインスタンスを列挙する"}},
    {"ssm", "GetParameter", credential_access, {"reads a parameter, maybe a secret", "パラメーター（秘密情報を含みうる）を読む"}},
    {"ssm", "GetParameters", credential_access, {"reads parameters, maybe secrets", "パラメーター（秘密情報を含みうる）を読む"}},
    {"ssm", "ResumeSession", lateral_movement, {"opens a shell", "シェルを開く"}},
    {"ssm", "SendCommand", execution, {"runs commands on instances", "インスタンスでコマンドを実行する"}},
    {"ssm", "StartSession", lateral_movement, {"opens a shell", "シェルを開く"}},
    {"sts", "AssumeRole", privilege_escalation, {"takes another role", "別のロールになる"}},
    {"sts", "AssumeRoleWithSAML", initial_access, {"enters through an outside login", "外部のログインで入る"}},
    {"sts", "AssumeRoleWithWebIdentity", initial_access, {"enters through an outside login", "外部のログインで入る"}},
    {"sts", "AssumeRoot", privilege_escalation, {"takes root rights of an account", "アカウントのルート権限になる"}},
    {"sts", "GetCallerIdentity", discovery, {"asks who it is, the first call of a stolen key", "自分が誰かを調べる（盗まれたキーの最初の呼び出しに多い）"}},
    {"sts", "GetFederationToken", persistence, {"makes a session that outlives the key", "キーより長く残るセッションを作る"}},
    {"sts", "GetSessionToken", persistence, {"makes a temporary session", "一時セッションを作る"}},
    {"wafv2", "DeleteWebACL", defense_evasion, {"removes a web firewall", "Web ファイアウォールを外す"}},
};
// clang-format on

}  // namespace

std::string_view service_of(std::string_view event_source) {
    constexpr std::string_view kSuffix = ".amazonaws.com";
    return event_source.ends_with(kSuffix)
               ? event_source.substr(0, event_source.size() - kSuffix.size())
               : event_source;
}

const SensitiveApi* find_sensitive_api(std::string_view service, std::string_view name) {
    const std::pair wanted(service, without_version(name));
    const auto at = std::lower_bound(
        std::begin(kApis), std::end(kApis), wanted, [](const SensitiveApi& row, const auto& key) {
            return std::pair(row.service, row.name) < key;
        });
    return at != std::end(kApis) && at->service == wanted.first && at->name == wanted.second
               ? at
               : nullptr;
}

std::span<const SensitiveApi> sensitive_apis() {
    return kApis;
}

}  // namespace yagura::finding
