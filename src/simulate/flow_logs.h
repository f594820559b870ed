// VPC Flow Logs: what the instances of each account exchange, in windows of ten minutes.
//
// Layout: AWSLogs/<account>/vpcflowlogs/<region>/YYYY/MM/DD/
//         <account>_vpcflowlogs_<region>_<fl-…>_<YYYYMMDDTHHmmZ>_<8 hex>.log.gz
// The first account logs a custom format (version 5 fields), the others the default one (version
// 2). Source: VPC user guide, "Flow log records" and "Publish flow logs to Amazon S3".
#pragma once

#include <string>
#include <vector>

#include "simulate/log_files.h"
#include "simulate/world.h"

namespace yagura::simulate {

struct Interface {
    std::string id, instance, subnet, vpc, address;
    enum class Part : uint8_t { web, application, database, bastion } part = Part::web;
};

// One record: traffic one way between an interface and a peer.
struct Flow {
    const Interface* interface = nullptr;
    std::string peer;
    uint16_t port = 0;  // of the interface
    uint16_t peer_port = 0;
    bool outbound = false;
    bool accepted = true;
    uint64_t packets = 0, bytes = 0;
    Timestamp start, end;
};

class FlowLogs {
  public:
    FlowLogs(const World& world, LogFiles& files);

    // The interfaces logged in an account (its home Region).
    const std::vector<Interface>& interfaces(const Account& account);

    // A flow of the scenario. Must come before run_hour() of its hour; cut at the window's end.
    void add(const Account& account, Flow flow);

    // Writes the six files of the hour for every account.
    void run_hour(Timestamp hour);

    uint64_t records() const { return records_; }

  private:
    struct Network {
        const Account* account;
        std::string log_id;
        Random random;
        std::vector<Interface> interfaces;
        std::vector<Flow> planned;
        std::vector<std::string> visitors;
    };
    Network& network_of(const Account& account);
    void write_window(Network& network, Timestamp start);
    void add_ordinary(Network& network,
                      const Interface& interface,
                      Timestamp start,
                      std::vector<Flow>& flows);

    LogFiles& files_;
    std::vector<Network> networks_;
    uint64_t records_ = 0;
};

}  // namespace yagura::simulate
