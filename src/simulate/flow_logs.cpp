#include "simulate/flow_logs.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "simulate/delivery.h"

namespace yagura::simulate {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Part = Interface::Part;

constexpr minutes kWindow(10);
constexpr size_t kMostInterfaces = 7;  // per account, so that flow logs do not outgrow the rest

constexpr std::string_view kCustomFields =
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start "
    "end action log-status "
    "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr flow-direction\n";
constexpr std::string_view kDefaultFields =
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start "
    "end action log-status\n";

int64_t epoch(Timestamp time) {
    return to_micros(time) / 1'000'000;
}

uint64_t packets_for(uint64_t bytes, Random& random) {
    return std::max<uint64_t>(1, bytes / (400 + random.below(1'000)));
}

uint16_t high_port(Random& random) {
    return static_cast<uint16_t>(1024 + random.below(64'000));
}

// Sizes of exchanges spread over orders of magnitude around `typical`.
uint64_t spread(uint64_t typical, Random& random) {
    return static_cast<uint64_t>(static_cast<double>(typical) *
                                 std::exp(2.4 * random.unit() - 1.2)) +
           40;
}

// Both directions of one exchange in the window.
void exchange(
    std::vector<Flow>& flows, Flow flow, uint64_t received, uint64_t sent, Random& random) {
    flow.outbound = false;
    flow.bytes = spread(received, random);
    flow.packets = packets_for(flow.bytes, random);
    flows.push_back(flow);
    flow.outbound = true;
    flow.bytes = spread(sent, random);
    flow.packets = packets_for(flow.bytes, random);
    flows.push_back(std::move(flow));
}

std::vector<Interface> make_interfaces(const Account& account, Random& random) {
    const Stock& stock = account.sites.front().stock;
    const auto& ids = stock[static_cast<size_t>(Slot::interface)];
    const auto& instances = stock[static_cast<size_t>(Slot::instance)];
    std::vector<Interface> interfaces;
    for (size_t i = 0; i < std::min({ids.size(), instances.size(), kMostInterfaces}); ++i) {
        const Part part = i == 0       ? Part::bastion
                          : i % 4 == 3 ? Part::database
                          : i % 4 == 2 ? Part::application
                                       : Part::web;
        interfaces.push_back(
            {ids[i],
             instances[i],
             random.pick(stock[static_cast<size_t>(Slot::subnet)]),
             stock[static_cast<size_t>(Slot::vpc)].front(),
             fmt::format("10.20.{}.{}", 16 * random.below(6), 10 + i * 7 + random.below(7)),
             part});
    }
    return interfaces;
}

void append_flow(std::string& out, const Account& account, const Flow& flow, bool custom) {
    const Interface& at = *flow.interface;
    const std::string& source = flow.outbound ? at.address : flow.peer;
    const std::string& target = flow.outbound ? flow.peer : at.address;
    fmt::format_to(std::back_inserter(out),
                   "{} {} {} {} {} {} {} 6 {} {} {} {} {} OK",
                   custom ? 5 : 2,
                   account.id,
                   at.id,
                   source,
                   target,
                   flow.outbound ? flow.port : flow.peer_port,
                   flow.outbound ? flow.peer_port : flow.port,
                   flow.packets,
                   flow.bytes,
                   epoch(flow.start),
                   epoch(flow.end),
                   flow.accepted ? "ACCEPT" : "REJECT");
    if (custom) {
        fmt::format_to(std::back_inserter(out),
                       " {} {} {} {} IPv4 {} {} {}",
                       at.vpc,
                       at.subnet,
                       at.instance,
                       flow.accepted ? (flow.outbound ? 18 : 3) : 2,
                       source,
                       target,
                       flow.outbound ? "egress" : "ingress");
    }
    out += '\n';
}

// An interface without traffic is logged too: NODATA, and dashes for what there is nothing to say
// of.
void append_silence(
    std::string& out, const Account& account, const Interface& at, Timestamp start, bool custom) {
    fmt::format_to(std::back_inserter(out),
                   "{} {} {} - - - - - - - {} {} - NODATA",
                   custom ? 5 : 2,
                   account.id,
                   at.id,
                   epoch(start),
                   epoch(start + kWindow));
    if (custom)
        fmt::format_to(
            std::back_inserter(out), " {} {} {} - - - - -", at.vpc, at.subnet, at.instance);
    out += '\n';
}

}  // namespace

FlowLogs::FlowLogs(const World& world, LogFiles& files) : files_(files) {
    for (const Account& account : world.accounts) {
        Network network{
            &account, "fl-0", Random(world.seed).fork("flow " + account.id), {}, {}, {}};
        append_hex(network.log_id, network.random, 16);
        network.interfaces = make_interfaces(account, network.random);
        for (int i = 0; i < 400; ++i) network.visitors.push_back(make_home_address(network.random));
        networks_.push_back(std::move(network));
    }
}

FlowLogs::Network& FlowLogs::network_of(const Account& account) {
    return *std::find_if(networks_.begin(), networks_.end(), [&](const Network& n) {
        return n.account == &account;
    });
}

const std::vector<Interface>& FlowLogs::interfaces(const Account& account) {
    return network_of(account).interfaces;
}

void FlowLogs::add(const Account& account, Flow flow) {
    network_of(account).planned.push_back(std::move(flow));
}

void FlowLogs::run_hour(Timestamp hour) {
    for (Network& network : networks_) {
        for (int i = 0; i < 6; ++i) write_window(network, hour + i * kWindow);
    }
}

void FlowLogs::write_window(Network& network, Timestamp start) {
    std::vector<Flow> flows;
    for (const Interface& interface : network.interfaces)
        add_ordinary(network, interface, start, flows);
    std::copy_if(
        network.planned.begin(),
        network.planned.end(),
        std::back_inserter(flows),
        [&](const Flow& flow) { return flow.start >= start && flow.start < start + kWindow; });
    std::stable_sort(
        flows.begin(), flows.end(), [](const Flow& a, const Flow& b) { return a.start < b.start; });

    const bool custom = &network == &networks_.front();
    std::string text(custom ? kCustomFields : kDefaultFields);
    for (const Flow& flow : flows) append_flow(text, *network.account, flow, custom);
    for (const Interface& interface : network.interfaces) {
        const bool silent = std::none_of(flows.begin(), flows.end(), [&](const Flow& flow) {
            return flow.interface == &interface;
        });
        if (silent) append_silence(text, *network.account, interface, start, custom);
    }
    const std::string& region = network.account->sites.front().region;
    std::string name = fmt::format("AWSLogs/{0}/vpcflowlogs/{1}{2}{0}_vpcflowlogs_{1}_{3}_{4}_",
                                   network.account->id,
                                   region,
                                   folder_of_day(start),
                                   network.log_id,
                                   stamp_of_minute(start));
    append_hex(name, network.random, 8);
    files_.add(name + ".log.gz", std::move(text));
    records_ += flows.size();
}

// What one interface does in ten minutes of an ordinary day.
void FlowLogs::add_ordinary(Network& network,
                            const Interface& interface,
                            Timestamp start,
                            std::vector<Flow>& flows) {
    Random& random = network.random;
    const double busy = network.account->weight;
    const auto flow = [&](std::string peer, uint16_t port, uint16_t peer_port) {
        const Timestamp begin = start + seconds(random.below(540));
        const Timestamp end = begin + seconds(random.between(5, 59));
        return Flow{&interface, std::move(peer), port, peer_port, false, true, 0, 0, begin, end};
    };
    if (interface.part == Part::web) {
        for (uint64_t i = random.poisson(4 * busy); i > 0; --i) {
            exchange(flows,
                     flow(random.pick_zipf(network.visitors), 443, high_port(random)),
                     4'000,
                     60'000,
                     random);
        }
    }
    const Interface& store = random.pick(network.interfaces);
    if (store.part == Part::database && interface.part != Part::database) {
        exchange(flows, flow(store.address, high_port(random), 5432), 30'000, 9'000, random);
    }
    // Object storage and other public services.
    for (uint64_t i = random.poisson(0.6 * busy); i > 0; --i) {
        exchange(
            flows, flow(make_aws_address(random), high_port(random), 443), 200'000, 40'000, random);
    }
    // What knocks on every public address, and is turned away.
    for (uint64_t i = random.poisson(interface.part == Part::bastion ? 3 : 0.3); i > 0; --i) {
        constexpr std::array<uint16_t, 8> kKnocked = {22, 23, 3389, 445, 8080, 5900, 6379, 9200};
        Flow knock = flow(make_home_address(random), random.pick_zipf(kKnocked), high_port(random));
        knock.accepted = false;
        knock.packets = 1 + random.below(3);
        knock.bytes = knock.packets * 40;
        flows.push_back(std::move(knock));
    }
}

}  // namespace yagura::simulate
