// GuardDuty findings (schema 2.0) as GuardDuty exports them to S3.
//
// Layout: AWSLogs/<account>/GuardDuty/<region>/YYYY/MM/DD/<uuid>.jsonl.gz, one finding a line.
// Source: GuardDuty user guide, "Finding format" and "Exporting findings".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulate/session.h"
#include "simulate/world.h"

namespace yagura::simulate {

struct FindingDraft {
    std::string_view type;  // "Stealth:IAMUser/CloudTrailLoggingDisabled"
    double severity = 2;
    std::string title, description;
    std::string resource;    // the resource object as JSON text, see below
    std::string action;      // the service.action object as JSON text
    std::string additional;  // service.additionalInfo, empty for none
    uint64_t count = 1;
    Timestamp first, last;
};

// Resource objects.
std::string access_key_resource(const Principal& who,
                                const std::string& key,
                                std::string_view user_type);
std::string instance_resource(const Scene& scene,
                              const std::string& instance,
                              const std::string& interface,
                              const std::string& address,
                              const Principal* role);
std::string bucket_resource(const Scene& scene,
                            const std::string& bucket,
                            const Principal& who,
                            const std::string& key);

// Actions. `remote` is a public address; where it is comes from a small invented table.
std::string api_call_action(std::string_view api,
                            std::string_view service,
                            const std::string& remote,
                            std::string_view user_agent);
std::string connection_action(const std::string& local,
                              uint16_t local_port,
                              const std::string& remote,
                              uint16_t remote_port,
                              bool outbound);
std::string probe_action(const std::string& local, uint16_t port, const std::string& remote);

// Writes the finding as one line; `id` receives its id.
std::string write_finding(const FindingDraft& draft, Scene& scene, std::string& id);

// "AWSLogs/…/<uuid>.jsonl.gz" of findings exported at `time`.
std::string finding_file(Scene& scene, Timestamp time);

}  // namespace yagura::simulate
