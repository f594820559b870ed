// VPC Flow Logs and Transit Gateway Flow Logs in text form, versions 2 to 11, any chosen fields in
// any order.
//
// Format: VPC user guide, "Flow log records"; Transit Gateway guide, "Transit Gateway Flow Logs
// records". Files in S3 begin with a line naming the fields (it can come again when files were
// joined); CloudWatch Logs has no such line, so there the default format (version 2, 14 fields) is
// assumed. "-" means "no value"; NODATA and SKIPDATA records are kept, as they are evidence of a
// gap.
#include <algorithm>
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
using event::ValueView;

// clang-format off
enum Slot : SlotId {
    kVersion, kAccount, kInterface, kSource, kDestination, kSourcePort, kDestinationPort, kProtocol, kPackets, kBytes,
    kStart, kEnd, kAction, kStatus, kVpc, kSubnet, kInstance, kTcpFlags, kTrafficType, kPacketSource, kPacketDestination, kRegion,
};

constexpr Field kFields[] = {
    {"version", "flow_version", Type::integer, "", "metadata.log_version", {"version of the record format", "レコード形式のバージョン"}},
    {"account-id", "cloud_account_id", Type::text, "cloud.account.id", "cloud.account.uid", {"owner of the network interface", "ネットワークインターフェイスの所有アカウント"}, "accountId account_id"},
    {"interface-id", "interface_id", Type::text, "network.interface.id", "device.network_interfaces.uid", {"network interface whose traffic was recorded", "記録対象のネットワークインターフェイス"}, "interfaceId"},
    {"srcaddr", "source_ip", Type::ip, "source.ip", "src_endpoint.ip", {"source address as the interface saw it", "インターフェイスから見た送信元アドレス"}, "srcAddr"},
    {"dstaddr", "destination_ip", Type::ip, "destination.ip", "dst_endpoint.ip", {"destination address as the interface saw it", "インターフェイスから見た宛先アドレス"}, "dstAddr"},
    {"srcport", "source_port", Type::integer, "source.port", "src_endpoint.port", {"source port", "送信元ポート"}, "srcPort"},
    {"dstport", "destination_port", Type::integer, "destination.port", "dst_endpoint.port", {"destination port", "宛先ポート"}, "dstPort"},
    {"protocol", "protocol", Type::integer, "network.iana_number", "connection_info.protocol_num", {"IANA protocol number: 6 TCP, 17 UDP, 1 ICMP", "IANA プロトコル番号（6: TCP、17: UDP、1: ICMP）"}},
    {"packets", "packets", Type::integer, "network.packets", "traffic.packets", {"packets in the capture window", "集計時間内のパケット数"}},
    {"bytes", "bytes", Type::integer, "network.bytes", "traffic.bytes", {"octets in the capture window", "集計時間内のバイト数"}},
    {"start", "start_time", Type::time, "event.start", "start_time", {"first packet of the window, Unix seconds", "集計時間の最初のパケットの時刻（Unix 秒）"}, "startTime"},
    {"end", "end_time", Type::time, "event.end", "end_time", {"last packet of the window, Unix seconds", "集計時間の最後のパケットの時刻（Unix 秒）"}, "endTime"},
    {"action", "event_action", Type::text, "event.action", "disposition", {"ACCEPT or REJECT by security groups and network ACLs", "セキュリティグループとネットワーク ACL による ACCEPT または REJECT"}},
    {"log-status", "log_status", Type::text, "aws.vpcflow.log_status", "status_code", {"OK, NODATA (no traffic) or SKIPDATA (records were lost)", "OK、NODATA（通信なし）、SKIPDATA（記録の欠落）"}, "logStatus"},
    {"vpc-id", "vpc_id", Type::text, "aws.vpcflow.vpc_id", "src_endpoint.vpc_uid", {"VPC of the interface", "インターフェイスの VPC"}, "vpcId"},
    {"subnet-id", "subnet_id", Type::text, "aws.vpcflow.subnet_id", "src_endpoint.subnet_uid", {"subnet of the interface", "インターフェイスのサブネット"}, "subnetId"},
    {"instance-id", "instance_id", Type::text, "cloud.instance.id", "src_endpoint.instance_uid", {"EC2 instance of the interface", "インターフェイスの EC2 インスタンス"}, "instanceId"},
    {"tcp-flags", "tcp_flags", Type::integer, "aws.vpcflow.tcp_flags", "connection_info.tcp_flags", {"TCP flags seen in the window, OR-ed: 1 FIN, 2 SYN, 4 RST, 18 SYN-ACK", "集計時間内の TCP フラグの論理和（1: FIN、2: SYN、4: RST、18: SYN-ACK）"}, "tcpFlags"},
    {"type", "traffic_type", Type::text, "network.type", "connection_info.protocol_ver", {"IPv4, IPv6 or EFA", "IPv4、IPv6、EFA のいずれか"}},
    {"pkt-srcaddr", "packet_source_ip", Type::ip, "aws.vpcflow.pkt_srcaddr", "src_endpoint.intermediate_ips", {"source address in the packet, behind NAT", "パケット自体の送信元アドレス（NAT の内側）"}, "pktSrcAddr"},
    {"pkt-dstaddr", "packet_destination_ip", Type::ip, "aws.vpcflow.pkt_dstaddr", "dst_endpoint.intermediate_ips", {"destination address in the packet, behind NAT", "パケット自体の宛先アドレス（NAT の内側）"}, "pktDstAddr"},
    {"region", "cloud_region", Type::text, "cloud.region", "cloud.region", {"Region of the interface", "インターフェイスのリージョン"}},
    {"az-id", "availability_zone_id", Type::text, "cloud.availability_zone", "cloud.zone", {"Availability Zone id", "アベイラビリティーゾーン ID"}, "azId"},
    {"sublocation-type", "sublocation_type", Type::text, "aws.vpcflow.sublocation.type", "", {"wavelength, outpost or localzone", "サブロケーションの種類（wavelength、outpost、localzone）"}},
    {"sublocation-id", "sublocation_id", Type::text, "aws.vpcflow.sublocation.id", "", {"id of the sublocation", "サブロケーションの ID"}},
    {"pkt-src-aws-service", "packet_source_service", Type::text, "aws.vpcflow.pkt_src_service", "src_endpoint.svc_name", {"AWS service the source address belongs to", "送信元アドレスが属する AWS サービス"}},
    {"pkt-dst-aws-service", "packet_destination_service", Type::text, "aws.vpcflow.pkt_dst_service", "dst_endpoint.svc_name", {"AWS service the destination address belongs to", "宛先アドレスが属する AWS サービス"}},
    {"flow-direction", "flow_direction", Type::text, "network.direction", "connection_info.direction", {"ingress or egress", "方向（ingress または egress）"}, "flowDirection"},
    {"traffic-path", "traffic_path", Type::integer, "aws.vpcflow.traffic_path", "connection_info.boundary_id", {"way egress traffic took, 1–8", "送信トラフィックの経路（1–8）"}},
    {"ecs-cluster-arn", "ecs_cluster_arn", Type::text, "", "", {"ECS cluster of the task", "タスクの ECS クラスター"}},
    {"ecs-cluster-name", "ecs_cluster_name", Type::text, "orchestrator.cluster.name", "", {"name of the ECS cluster", "ECS クラスター名"}},
    {"ecs-container-instance-arn", "ecs_container_instance_arn", Type::text, "", "", {"ECS container instance", "ECS コンテナインスタンス"}},
    {"ecs-container-instance-id", "ecs_container_instance_id", Type::text, "", "", {"id of the container instance", "コンテナインスタンスの ID"}},
    {"ecs-container-id", "ecs_container_id", Type::text, "container.id", "", {"runtime id of the first container", "1 つ目のコンテナの ID"}},
    {"ecs-second-container-id", "ecs_second_container_id", Type::text, "", "", {"runtime id of the second container", "2 つ目のコンテナの ID"}},
    {"ecs-service-name", "ecs_service_name", Type::text, "", "", {"ECS service", "ECS サービス名"}},
    {"ecs-task-definition-arn", "ecs_task_definition_arn", Type::text, "", "", {"ECS task definition", "ECS タスク定義"}},
    {"ecs-task-arn", "ecs_task_arn", Type::text, "", "", {"ECS task", "ECS タスク"}},
    {"ecs-task-id", "ecs_task_id", Type::text, "", "", {"id of the ECS task", "ECS タスクの ID"}},
    {"reject-reason", "reject_reason", Type::text, "event.reason", "status_detail", {"why it was rejected beyond groups and ACLs: BPA or EC", "拒否の理由（BPA または EC）"}},
    {"resource-id", "resource_id", Type::text, "", "", {"resource that owns the traffic, such as a regional NAT gateway", "トラフィックの所有リソース（リージョナル NAT ゲートウェイなど）"}},
    {"encryption-status", "encryption_status", Type::integer, "", "", {"encryption in transit, 0–3", "転送時の暗号化の状態（0–3）"}},
    {"instance-tag", "instance_tag", Type::text, "", "", {"chosen tag of the instance, percent-encoded", "選択したインスタンスタグ（パーセント符号化）"}},
    {"instance-tag-2", "instance_tag_2", Type::text, "", "", {"second chosen tag of the instance", "選択した 2 つ目のインスタンスタグ"}},
    {"interface-tag", "interface_tag", Type::text, "", "", {"chosen tag of the interface", "選択したインターフェイスタグ"}},
    {"interface-tag-2", "interface_tag_2", Type::text, "", "", {"second chosen tag of the interface", "選択した 2 つ目のインターフェイスタグ"}},
    {"asg-tag", "asg_tag", Type::text, "", "", {"chosen tag of the Auto Scaling group", "選択した Auto Scaling グループタグ"}},
    {"asg-tag-2", "asg_tag_2", Type::text, "", "", {"second chosen tag of the Auto Scaling group", "選択した 2 つ目の Auto Scaling グループタグ"}},
    {"interface-type", "interface_type", Type::text, "", "", {"kind of the interface", "インターフェイスの種類"}},
    {"next-hop-interface-id", "next_hop_interface_id", Type::text, "", "", {"interface of the next hop", "ネクストホップのインターフェイス"}},
    {"next-hop-subnet-id", "next_hop_subnet_id", Type::text, "", "", {"subnet of the next hop", "ネクストホップのサブネット"}},
    {"next-hop-az-id", "next_hop_az_id", Type::text, "", "", {"zone of the next hop", "ネクストホップのゾーン"}},
    {"next-hop-vpc-id", "next_hop_vpc_id", Type::text, "", "", {"VPC of the next hop", "ネクストホップの VPC"}},
    {"next-hop-interface-type", "next_hop_interface_type", Type::text, "", "", {"kind of the next hop's interface", "ネクストホップのインターフェイスの種類"}},
    {"resource-type", "resource_type", Type::text, "", "", {"TransitGateway in transit gateway records", "トランジットゲートウェイのレコードでは TransitGateway"}},
    {"tgw-id", "tgw_id", Type::text, "", "", {"transit gateway", "トランジットゲートウェイ"}},
    {"tgw-attachment-id", "tgw_attachment_id", Type::text, "", "", {"attachment the traffic came in through", "受信側アタッチメント"}},
    {"tgw-pair-attachment-id", "tgw_pair_attachment_id", Type::text, "", "", {"attachment the traffic left through", "送信側アタッチメント"}},
    {"tgw-src-vpc-account-id", "tgw_source_account_id", Type::text, "", "", {"account of the source VPC", "送信元 VPC のアカウント"}},
    {"tgw-dst-vpc-account-id", "tgw_destination_account_id", Type::text, "", "", {"account of the destination VPC", "宛先 VPC のアカウント"}},
    {"tgw-src-vpc-id", "tgw_source_vpc_id", Type::text, "", "", {"source VPC", "送信元 VPC"}},
    {"tgw-dst-vpc-id", "tgw_destination_vpc_id", Type::text, "", "", {"destination VPC", "宛先 VPC"}},
    {"tgw-src-subnet-id", "tgw_source_subnet_id", Type::text, "", "", {"source subnet", "送信元サブネット"}},
    {"tgw-dst-subnet-id", "tgw_destination_subnet_id", Type::text, "", "", {"destination subnet", "宛先サブネット"}},
    {"tgw-src-eni", "tgw_source_interface_id", Type::text, "", "", {"source network interface", "送信元ネットワークインターフェイス"}},
    {"tgw-dst-eni", "tgw_destination_interface_id", Type::text, "", "", {"destination network interface", "宛先ネットワークインターフェイス"}},
    {"tgw-src-az-id", "tgw_source_az_id", Type::text, "", "", {"source zone", "送信元ゾーン"}},
    {"tgw-dst-az-id", "tgw_destination_az_id", Type::text, "", "", {"destination zone", "宛先ゾーン"}},
    {"packets-lost-no-route", "packets_lost_no_route", Type::integer, "", "", {"packets lost for want of a route", "経路がなく失われたパケット数"}},
    {"packets-lost-blackhole", "packets_lost_blackhole", Type::integer, "", "", {"packets lost in a black hole", "ブラックホールで失われたパケット数"}},
    {"packets-lost-mtu-exceeded", "packets_lost_mtu_exceeded", Type::integer, "", "", {"packets lost for their size", "MTU 超過で失われたパケット数"}},
    {"packets-lost-ttl-expired", "packets_lost_ttl_expired", Type::integer, "", "", {"packets lost to an expired TTL", "TTL 切れで失われたパケット数"}},
};
// clang-format on

constexpr int kUnknownField = -1;
constexpr int kDefaultOrder[] = {kVersion,
                                 kAccount,
                                 kInterface,
                                 kSource,
                                 kDestination,
                                 kSourcePort,
                                 kDestinationPort,
                                 kProtocol,
                                 kPackets,
                                 kBytes,
                                 kStart,
                                 kEnd,
                                 kAction,
                                 kStatus};

// "srcaddr", "pkt_srcaddr" (Parquet and Athena spell with underscores), "srcAddr" (CloudWatch).
int field_named(std::string_view name) {
    std::string hyphened(name);
    for (char& c : hyphened) {
        if (c == '_') c = '-';
    }
    for (size_t i = 0; i < std::size(kFields); ++i) {
        if (kFields[i].name == hyphened) return static_cast<int>(i);
        for (const std::string_view also : split(kFields[i].also, ' ')) {
            if (!also.empty() && also == name) return static_cast<int>(i);
        }
    }
    return kUnknownField;
}

bool read_header(std::string_view line, std::vector<int>& order) {
    line = trim(line);
    if (line.empty() || !(line[0] >= 'a' && line[0] <= 'z') || line.size() > 8192) return false;
    std::vector<int> found;
    size_t known = 0;
    for (const std::string_view name : split(line, ' ')) {
        if (name.empty()) continue;
        found.push_back(field_named(name));
        known += found.back() != kUnknownField;
    }
    // A future version may add fields; a header is still a header when most names are known.
    if (found.size() < 2 || known * 2 <= found.size()) return false;
    order = std::move(found);
    return true;
}

bool is_status(std::string_view word) {
    return word == "OK" || word == "NODATA" || word == "SKIPDATA";
}

// Some columns of flow logs cannot be mistaken, wherever they stand.
bool looks_like_record(std::span<const std::string_view> words) {
    const auto any = [&](auto&& is_one) { return std::any_of(words.begin(), words.end(), is_one); };
    return words.size() > 2 && any(is_status) && any([](std::string_view word) {
               return word.starts_with("eni-") || word.starts_with("tgw-");
           });
}

int recognise(std::string_view line, const RecordContext&) {
    std::vector<int> order;
    if (read_header(line, order)) return 90;
    const auto words = split(trim(line), ' ');
    const bool is_default =
        words.size() == std::size(kDefaultOrder) && words.front() == "2" && is_status(words.back());
    if (is_default) return 85;
    return looks_like_record(words) ? 60 : 0;
}

// Without a header the default format is assumed; whether a record has it can be seen.
bool has_default_format(const Event& event, size_t columns) {
    return columns == std::size(kDefaultOrder) && event.value(kVersion).text() == "2" &&
           is_status(event.value(kStatus).text());
}

std::optional<Fault> read_line(std::string_view line,
                               std::span<const int> order,
                               Event& event,
                               const RecordContext& context) {
    const bool has_header = !order.empty();
    if (!has_header) order = kDefaultOrder;
    event.record = line;
    size_t column = 0;
    for (size_t at = 0; at < line.size();) {
        const size_t end = std::min(line.find(' ', at), line.size());
        const std::string_view word = line.substr(at, end - at);
        at = end + 1;
        if (word.empty()) continue;
        if (column == order.size()) {
            return Fault{has_header ? FaultCode::bad_field_count : FaultCode::no_header, at};
        }
        const int field = order[column++];
        if (word == "-" || field == kUnknownField) continue;
        const Type type = kFields[field].type;
        const bool number = type == Type::integer || type == Type::time;
        event.set(static_cast<SlotId>(field),
                  number ? ValueView::of_number(word) : ValueView::of_string(word));
    }
    if (!has_header && !has_default_format(event, column)) return Fault{FaultCode::no_header, 0};
    if (column != order.size()) return Fault{FaultCode::bad_field_count, 0};
    read_time(event, event.has(kStart) ? kStart : kEnd, context);
    fill_from_context(event, kAccount, context.account);
    fill_from_context(event, kRegion, context.region);
    return std::nullopt;
}

// clang-format off
constexpr ResourceField kResources[] = {
    {"instance-id", "", "AWS::EC2::Instance", ""},
    {"interface-id", "", "AWS::EC2::NetworkInterface", ""},
};
// clang-format on
constexpr ResourceFields kResourceFields{.rows = kResources};

}  // namespace

const LogType vpc_flow{
    .name = "vpc_flow",
    .title = {"VPC Flow Logs", "VPC フローログ"},
    .source = "VPC user guide, Flow log records (v2–v11); Transit Gateway guide",
    .ocsf_class = "4001 Network Activity",
    .shape = Shape::text,
    .logsource = {"aws", "vpcflow", "network_connection"},
    .fields = kFields,
    .roles = {.event_name = kAction,
              .account = kAccount,
              .region = kRegion,
              .source_ip = kSource,
              .target = kDestination},
    .resources = &kResourceFields,
    .recognise = recognise,
    .finish = nullptr,
    .read_header = read_header,
    .read_line = read_line,
};

}  // namespace yagura::logtype
