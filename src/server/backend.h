// Everything the console of one lake works with, made in order and taken down in reverse.
//
//   YAGURA_TRY(const auto backend, Backend::open(options));
//   Site site({.services = backend->services(), .metrics = backend->metrics(), …});
//
// A part is added in backend.cpp: a member, the lines of open() that make it and put it into
// api::Services, and, when it can fail later, a line in checks().
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "api/services.h"
#include "base/metrics.h"
#include "base/result.h"
#include "match/policy.h"
#include "rule/loader.h"
#include "server/site.h"

namespace yagura::pipeline {
class LiveIngest;
}

namespace yagura::server {

struct BackendOptions {
    std::filesystem::path lake;              // made when it is missing
    std::vector<std::string> folders;        // whose logs are read as they are written
    rule::LoadOptions rules;                 // the console's own rule folder comes on top
    match::Policy policy;                    // of --context
    std::vector<std::filesystem::path> geo;  // databases of addresses
    std::string version;
    uint32_t threads = 0;  // 0: one per core
};

class Backend {
  public:
    static Result<std::unique_ptr<Backend>> open(BackendOptions options);
    ~Backend();

    const api::Services& services() const;
    Metrics& metrics();
    // What /readyz asks.
    std::vector<Check> checks() const;
    // Is there somebody who can sign in? Until then only this machine may be served.
    Result<bool> has_administrator() const;
    // Looks again at what may have been replaced: databases of addresses.
    void renew();
    // Ends what runs on its own (reading of folders), while streams can still be told.
    void stop();

  private:
    struct Parts;
    explicit Backend(std::unique_ptr<Parts> parts);
    static Result<std::unique_ptr<pipeline::LiveIngest>> start_live(const Parts& parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace yagura::server
