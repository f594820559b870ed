#include "enrich/network.h"

#include <array>
#include <vector>

namespace yagura::enrich {
namespace {

using enum NetworkKind;

struct Block {
    std::string_view cidr;
    NetworkKind kind;
};

// The first that holds an address counts: narrow ones stand before wide ones.
// Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries; the EC2 user guide ("Instance
// metadata", "Amazon DNS server", "Set the time") and the ECS developer guide ("Task metadata").
// clang-format off
constexpr Block kBlocks[] = {
    {"169.254.169.123/32", aws_internal},  // Amazon Time Sync
    {"169.254.169.253/32", aws_internal},  // Route 53 Resolver
    {"169.254.169.254/32", aws_internal},  // instance metadata
    {"169.254.170.2/32",   aws_internal},  // credentials and metadata of ECS tasks
    {"169.254.170.23/32",  aws_internal},  // EKS Pod Identity
    {"fd00:ec2::/32",      aws_internal},  // all of them by IPv6
    {"10.0.0.0/8",         private_network},
    {"172.16.0.0/12",      private_network},
    {"192.168.0.0/16",     private_network},
    {"fc00::/7",           private_network},
    {"127.0.0.0/8",        loopback},
    {"::1/128",            loopback},
    {"169.254.0.0/16",     link_local},
    {"fe80::/10",          link_local},
    {"100.64.0.0/10",      carrier},
    {"192.0.2.0/24",       documentation},
    {"198.51.100.0/24",    documentation},
    {"203.0.113.0/24",     documentation},
    {"233.252.0.0/24",     documentation},
    {"2001:db8::/32",      documentation},
    {"3fff::/20",          documentation},
    {"198.18.0.0/15",      benchmark},
    {"2001:2::/48",        benchmark},
    {"224.0.0.0/4",        multicast},
    {"ff00::/8",           multicast},
    {"192.0.0.9/32",       global},        // Port Control Protocol anycast
    {"192.0.0.10/32",      global},        // TURN anycast
    {"192.0.0.0/24",       reserved},
    {"0.0.0.0/8",          reserved},
    {"240.0.0.0/4",        reserved},
    {"64:ff9b::/96",       global},        // NAT64: IPv4 inside
    {"2000::/3",           global},        // all that is given out of IPv6
    {"::/0",               reserved},
};
// clang-format on

struct Named {
    std::string_view name;
    Text title;
};

constexpr Named kNames[] = {
    {"global", {"public address", "グローバルアドレス"}},
    {"private", {"private network", "プライベートネットワーク"}},
    {"loopback", {"this host itself", "ループバック"}},
    {"link_local", {"link-local", "リンクローカル"}},
    {"carrier", {"carrier-grade NAT", "キャリアグレード NAT"}},
    {"aws_internal",
     {"AWS endpoint inside an instance or task", "インスタンス・タスク内の AWS エンドポイント"}},
    {"documentation", {"reserved for documentation", "文書用の予約アドレス"}},
    {"benchmark", {"reserved for benchmarks", "ベンチマーク用の予約アドレス"}},
    {"multicast", {"multicast", "マルチキャスト"}},
    {"reserved", {"reserved", "予約アドレス"}},
};

struct Range {
    Cidr cidr;
    NetworkKind kind;
};

const std::vector<Range>& ranges() {
    static const std::vector<Range> kRanges = [] {
        std::vector<Range> out;
        for (const Block& block : kBlocks)
            if (const auto cidr = Cidr::parse(block.cidr)) out.push_back({*cidr, block.kind});
        return out;
    }();
    return kRanges;
}

}  // namespace

NetworkKind network_kind(const IpAddress& address) {
    for (const Range& range : ranges())
        if (range.cidr.contains(address)) return range.kind;
    return global;
}

std::string_view network_name(NetworkKind kind) {
    return kNames[static_cast<size_t>(kind)].name;
}

std::string_view network_title(NetworkKind kind, Language language) {
    return kNames[static_cast<size_t>(kind)].title.in(language);
}

std::span<const std::string_view> network_names() {
    static const auto kAll = [] {
        std::array<std::string_view, std::size(kNames)> out;
        for (size_t i = 0; i < out.size(); ++i) out[i] = kNames[i].name;
        return out;
    }();
    return kAll;
}

}  // namespace yagura::enrich
