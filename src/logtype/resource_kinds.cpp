// The kinds of resources that AWS logs name, one row each.
#include <algorithm>
#include <unordered_map>

#include "base/hash.h"
#include "logtype/resource.h"

namespace yagura::logtype {
namespace {

using enum Reach;
using enum NamePart;
constexpr bool kArn = true, kNoArn = false;
constexpr bool kPart = true, kOwn = false;

// Of two rows whose ARNs begin alike, the longer beginning stands first.
// clang-format off
constexpr ResourceKind kKinds[] = {
    {"AWS::S3::Bucket", "s3", "", everywhere, all, kArn, kOwn, "bucket", {"S3 bucket", "S3 バケット"}},
    {"AWS::S3::Object", "s3", "", everywhere, all, kArn, kPart, "", {"S3 object", "S3 オブジェクト"}},
    {"AWS::S3::AccessPoint", "s3", "accesspoint/", region, before_slash, kArn, kOwn, "", {"S3 access point", "S3 アクセスポイント"}},
    {"AWS::S3::StorageLens", "s3", "storage-lens/", region, all, kArn, kOwn, "", {"S3 Storage Lens", "S3 Storage Lens"}},

    {"AWS::IAM::User", "iam", "user/", account, after_slash, kNoArn, kOwn, "principal", {"IAM user", "IAM ユーザー"}},
    {"AWS::IAM::Role", "iam", "role/", account, after_slash, kNoArn, kOwn, "role", {"IAM role", "IAM ロール"}},
    {"AWS::IAM::Group", "iam", "group/", account, after_slash, kNoArn, kOwn, "", {"IAM group", "IAM グループ"}},
    {"AWS::IAM::ManagedPolicy", "iam", "policy/", account, all, kArn, kOwn, "", {"IAM policy", "IAM ポリシー"}},
    {"AWS::IAM::InstanceProfile", "iam", "instance-profile/", account, after_slash, kNoArn, kOwn, "", {"instance profile", "インスタンスプロファイル"}},
    {"AWS::IAM::AccessKey", "", "", everywhere, all, kNoArn, kOwn, "key", {"access key", "アクセスキー"}},
    {"AWS::IAM::SAMLProvider", "iam", "saml-provider/", account, all, kArn, kOwn, "", {"SAML provider", "SAML プロバイダー"}},
    {"AWS::IAM::OIDCProvider", "iam", "oidc-provider/", account, all, kArn, kOwn, "", {"OIDC provider", "OIDC プロバイダー"}},
    {"AWS::IAM::VirtualMFADevice", "iam", "mfa/", account, after_slash, kNoArn, kOwn, "", {"MFA device", "MFA デバイス"}},
    {"AWS::IAM::ServerCertificate", "iam", "server-certificate/", account, after_slash, kNoArn, kOwn, "", {"server certificate", "サーバー証明書"}},
    {"AWS::Organizations::Account", "", "", everywhere, all, kNoArn, kOwn, "account", {"AWS account", "AWS アカウント"}},
    {"AWS::Organizations::Policy", "", "", everywhere, all, kNoArn, kOwn, "", {"organization policy", "組織ポリシー"}},

    {"AWS::EC2::Instance", "ec2", "instance/", region, all, kArn, kOwn, "instance", {"EC2 instance", "EC2 インスタンス"}},
    {"AWS::EC2::Volume", "ec2", "volume/", region, all, kArn, kOwn, "", {"EBS volume", "EBS ボリューム"}},
    {"AWS::EC2::Snapshot", "ec2", "snapshot/", region, all, kNoArn, kOwn, "", {"EBS snapshot", "EBS スナップショット"}},
    {"AWS::EC2::Image", "ec2", "image/", region, all, kNoArn, kOwn, "", {"machine image", "マシンイメージ"}},
    {"AWS::EC2::SecurityGroup", "ec2", "security-group/", region, all, kArn, kOwn, "", {"security group", "セキュリティグループ"}},
    {"AWS::EC2::NetworkAcl", "ec2", "network-acl/", region, all, kArn, kOwn, "", {"network ACL", "ネットワーク ACL"}},
    {"AWS::EC2::VPC", "ec2", "vpc/", region, all, kArn, kOwn, "", {"VPC", "VPC"}},
    {"AWS::EC2::Subnet", "ec2", "subnet/", region, all, kArn, kOwn, "", {"subnet", "サブネット"}},
    {"AWS::EC2::RouteTable", "ec2", "route-table/", region, all, kArn, kOwn, "", {"route table", "ルートテーブル"}},
    {"AWS::EC2::InternetGateway", "ec2", "internet-gateway/", region, all, kArn, kOwn, "", {"internet gateway", "インターネットゲートウェイ"}},
    {"AWS::EC2::NatGateway", "ec2", "natgateway/", region, all, kArn, kOwn, "", {"NAT gateway", "NAT ゲートウェイ"}},
    {"AWS::EC2::NetworkInterface", "ec2", "network-interface/", region, all, kArn, kOwn, "", {"network interface", "ネットワークインターフェイス"}},
    {"AWS::EC2::VPCEndpoint", "ec2", "vpc-endpoint/", region, all, kArn, kOwn, "", {"VPC endpoint", "VPC エンドポイント"}},
    {"AWS::EC2::VPCPeeringConnection", "ec2", "vpc-peering-connection/", region, all, kArn, kOwn, "", {"VPC peering", "VPC ピアリング"}},
    {"AWS::EC2::FlowLog", "ec2", "vpc-flow-log/", region, all, kArn, kOwn, "", {"flow log", "フローログ"}},
    {"AWS::EC2::KeyPair", "", "", region, all, kNoArn, kOwn, "", {"key pair", "キーペア"}},
    {"AWS::EC2::LaunchTemplate", "ec2", "launch-template/", region, all, kArn, kOwn, "", {"launch template", "起動テンプレート"}},
    {"AWS::EC2::EIP", "ec2", "elastic-ip/", region, all, kArn, kOwn, "", {"Elastic IP", "Elastic IP"}},

    {"AWS::Lambda::Function", "lambda", "function:", region, before_colon, kArn, kOwn, "", {"Lambda function", "Lambda 関数"}},
    {"AWS::Lambda::LayerVersion", "lambda", "layer:", region, all, kArn, kOwn, "", {"Lambda layer", "Lambda レイヤー"}},
    {"AWS::SecretsManager::Secret", "secretsmanager", "secret:", region, secret, kNoArn, kOwn, "", {"secret", "シークレット"}},
    {"AWS::KMS::Key", "kms", "key/", region, all, kArn, kOwn, "", {"KMS key", "KMS キー"}},
    {"AWS::KMS::Alias", "kms", "alias/", region, all, kArn, kOwn, "", {"KMS alias", "KMS エイリアス"}},
    {"AWS::SSM::Parameter", "ssm", "parameter", region, parameter, kNoArn, kOwn, "", {"SSM parameter", "SSM パラメータ"}},
    {"AWS::SSM::Document", "ssm", "document/", region, all, kArn, kOwn, "", {"SSM document", "SSM ドキュメント"}},
    {"AWS::ACM::Certificate", "acm", "certificate/", region, all, kArn, kOwn, "", {"certificate", "証明書"}},

    {"AWS::RDS::DBInstance", "rds", "db:", region, all, kArn, kOwn, "", {"database instance", "DB インスタンス"}},
    {"AWS::RDS::DBCluster", "rds", "cluster:", region, all, kArn, kOwn, "", {"database cluster", "DB クラスター"}},
    {"AWS::RDS::DBSnapshot", "rds", "snapshot:", region, all, kArn, kOwn, "", {"database snapshot", "DB スナップショット"}},
    {"AWS::RDS::DBClusterSnapshot", "rds", "cluster-snapshot:", region, all, kArn, kOwn, "", {"cluster snapshot", "DB クラスタースナップショット"}},
    {"AWS::DynamoDB::Table", "dynamodb", "table/", region, before_slash, kArn, kOwn, "", {"DynamoDB table", "DynamoDB テーブル"}},
    {"AWS::Redshift::Cluster", "redshift", "cluster:", region, all, kArn, kOwn, "", {"Redshift cluster", "Redshift クラスター"}},
    {"AWS::ElastiCache::CacheCluster", "elasticache", "cluster:", region, all, kArn, kOwn, "", {"cache cluster", "キャッシュクラスター"}},
    {"AWS::OpenSearchService::Domain", "es", "domain/", region, before_slash, kArn, kOwn, "", {"OpenSearch domain", "OpenSearch ドメイン"}},
    {"AWS::EFS::FileSystem", "elasticfilesystem", "file-system/", region, all, kArn, kOwn, "", {"file system", "ファイルシステム"}},
    {"AWS::Backup::BackupVault", "backup", "backup-vault:", region, all, kArn, kOwn, "", {"backup vault", "バックアップボールト"}},
    {"AWS::Glue::Database", "glue", "database/", region, all, kArn, kOwn, "", {"Glue database", "Glue データベース"}},
    {"AWS::Athena::WorkGroup", "athena", "workgroup/", region, all, kArn, kOwn, "", {"Athena workgroup", "Athena ワークグループ"}},

    {"AWS::EKS::Cluster", "eks", "cluster/", region, all, kArn, kOwn, "", {"EKS cluster", "EKS クラスター"}},
    {"AWS::ECS::Cluster", "ecs", "cluster/", region, all, kArn, kOwn, "", {"ECS cluster", "ECS クラスター"}},
    {"AWS::ECS::Task", "ecs", "task/", region, all, kArn, kPart, "", {"ECS task", "ECS タスク"}},
    {"AWS::ECS::TaskDefinition", "ecs", "task-definition/", region, all, kArn, kOwn, "", {"task definition", "タスク定義"}},
    {"AWS::ECR::Repository", "ecr", "repository/", region, all, kArn, kOwn, "", {"container repository", "コンテナリポジトリ"}},
    {"Container", "", "", region, all, kNoArn, kPart, "", {"container", "コンテナ"}},
    {"AWS::AutoScaling::AutoScalingGroup", "", "", region, all, kNoArn, kOwn, "", {"Auto Scaling group", "Auto Scaling グループ"}},
    {"AWS::ElasticLoadBalancingV2::LoadBalancer", "elasticloadbalancing", "loadbalancer/", region, all, kArn, kOwn, "", {"load balancer", "ロードバランサー"}},

    {"AWS::CloudTrail::Trail", "cloudtrail", "trail/", region, all, kArn, kOwn, "", {"trail", "証跡"}},
    {"AWS::CloudTrail::EventDataStore", "cloudtrail", "eventdatastore/", region, all, kArn, kOwn, "", {"event data store", "イベントデータストア"}},
    {"AWS::Logs::LogStream", "", "", region, all, kNoArn, kPart, "", {"log stream", "ログストリーム"}},
    {"AWS::Logs::LogGroup", "logs", "log-group:", region, before_colon, kArn, kOwn, "", {"log group", "ロググループ"}},
    {"AWS::CloudWatch::Alarm", "cloudwatch", "alarm:", region, all, kArn, kOwn, "", {"alarm", "アラーム"}},
    {"AWS::GuardDuty::Detector", "guardduty", "detector/", region, before_slash, kArn, kOwn, "", {"GuardDuty detector", "GuardDuty ディテクター"}},
    {"AWS::Config::ConfigurationRecorder", "", "", region, all, kNoArn, kOwn, "", {"Config recorder", "Config レコーダー"}},
    {"AWS::Config::DeliveryChannel", "", "", region, all, kNoArn, kOwn, "", {"Config delivery channel", "Config 配信チャネル"}},
    {"AWS::Config::ConfigRule", "", "", region, all, kNoArn, kOwn, "", {"Config rule", "Config ルール"}},
    {"AWS::AccessAnalyzer::Analyzer", "access-analyzer", "analyzer/", region, all, kArn, kOwn, "", {"access analyzer", "アクセスアナライザー"}},
    {"AWS::SecurityHub::Hub", "securityhub", "hub/", region, all, kArn, kOwn, "", {"Security Hub", "Security Hub"}},
    {"AWS::WAFv2::WebACL", "", "", region, all, kNoArn, kOwn, "", {"web ACL", "Web ACL"}},

    {"AWS::CloudFormation::Stack", "cloudformation", "stack/", region, before_slash, kNoArn, kOwn, "", {"stack", "スタック"}},
    {"AWS::Route53::HostedZone", "route53", "hostedzone/", everywhere, all, kArn, kOwn, "", {"hosted zone", "ホストゾーン"}},
    {"AWS::CloudFront::Distribution", "cloudfront", "distribution/", account, all, kArn, kOwn, "", {"CloudFront distribution", "CloudFront ディストリビューション"}},
    {"AWS::ApiGateway::RestApi", "", "", region, all, kNoArn, kOwn, "", {"REST API", "REST API"}},
    {"AWS::SNS::Topic", "sns", "", region, before_colon, kArn, kOwn, "", {"SNS topic", "SNS トピック"}},
    {"AWS::SQS::Queue", "sqs", "", region, all, kArn, kOwn, "", {"SQS queue", "SQS キュー"}},
    {"AWS::Events::Rule", "events", "rule/", region, all, kArn, kOwn, "", {"EventBridge rule", "EventBridge ルール"}},
    {"AWS::StepFunctions::StateMachine", "states", "stateMachine:", region, all, kArn, kOwn, "", {"state machine", "ステートマシン"}},
    {"AWS::Kinesis::Stream", "kinesis", "stream/", region, before_slash, kArn, kOwn, "", {"Kinesis stream", "Kinesis ストリーム"}},
    {"AWS::KinesisFirehose::DeliveryStream", "firehose", "deliverystream/", region, all, kArn, kOwn, "", {"delivery stream", "配信ストリーム"}},
    {"AWS::SES::EmailIdentity", "ses", "identity/", region, all, kArn, kOwn, "", {"SES identity", "SES アイデンティティ"}},
    {"AWS::Cognito::UserPool", "cognito-idp", "userpool/", region, all, kArn, kOwn, "", {"Cognito user pool", "Cognito ユーザープール"}},
    {"AWS::Cognito::IdentityPool", "cognito-identity", "identitypool/", region, all, kArn, kOwn, "", {"Cognito identity pool", "Cognito ID プール"}},
    {"AWS::CodeBuild::Project", "codebuild", "project/", region, all, kArn, kOwn, "", {"CodeBuild project", "CodeBuild プロジェクト"}},
    {"AWS::CodeCommit::Repository", "", "", region, all, kNoArn, kOwn, "", {"CodeCommit repository", "CodeCommit リポジトリ"}},
    {"AWS::SageMaker::NotebookInstance", "sagemaker", "notebook-instance/", region, all, kArn, kOwn, "", {"notebook instance", "ノートブックインスタンス"}},
    {"AWS::Bedrock::Model", "bedrock", "foundation-model/", region, all, kNoArn, kOwn, "", {"Bedrock model", "Bedrock モデル"}},
    {"AWS::RolesAnywhere::TrustAnchor", "rolesanywhere", "trust-anchor/", region, all, kArn, kOwn, "", {"trust anchor", "トラストアンカー"}},
    {"AWS::SSO::PermissionSet", "sso", "permissionSet/", everywhere, all, kArn, kOwn, "", {"permission set", "許可セット"}},
};
// clang-format on

using ByType = std::unordered_map<std::string_view, const ResourceKind*, TextHash>;

ByType by_type() {
    ByType out;
    for (const ResourceKind& kind : kKinds) out.emplace(kind.type, &kind);
    return out;
}

}  // namespace

std::span<const ResourceKind> resource_kinds() {
    return kKinds;
}

const ResourceKind* find_resource_kind(std::string_view type) {
    static const ByType kByType = by_type();
    const auto found = kByType.find(type);
    return found == kByType.end() ? nullptr : found->second;
}

}  // namespace yagura::logtype
