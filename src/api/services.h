// What the resources of the API work with. Made once by whoever serves; all of it may be used from
// any worker thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "auth/principal.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"

namespace yagura {
class Metrics;
}

namespace yagura::auth {
class Gate;
}
namespace yagura::enrich {
class GeoBook;
}
namespace yagura::console {
class Console;
}
namespace yagura::desk {
class CostBook;
class RuleDesk;
}  // namespace yagura::desk
namespace yagura::pipeline {
class LiveIngest;
}
namespace yagura::query {
class EnginePool;
class RuleHits;
}  // namespace yagura::query

namespace yagura::api {

class LiveHub;
class Pulse;

struct Services {
    std::filesystem::path lake;
    std::function<Timestamp()> now;
    std::string version;         // of the program
    Metrics* metrics = nullptr;  // numbers about the program; null in tests
    auth::Gate* gate =
        nullptr;  // people, sessions, tokens, audit log; identity.h makes `identify` of it
    console::Console* console = nullptr;  // what people decide: triage, exceptions, views, …
    desk::RuleDesk* rules = nullptr;
    enrich::GeoBook* geo = nullptr;        // where addresses are; null: no databases
    desk::CostBook* costs = nullptr;       // what rules cost; may be null
    query::RuleHits* rule_hits = nullptr;  // how often each rule matched
    query::EnginePool* engines = nullptr;
    Pulse* pulse = nullptr;                // numbers of the whole lake for the overview
    pipeline::LiveIngest* live = nullptr;  // followed folders, jobs
    LiveHub* hub = nullptr;                // news to open streams
    // Who asks; nullopt when nobody is signed in. An error when what was presented is refused.
    std::function<Result<std::optional<auth::Principal>>(const http::Request&)> identify;
};

}  // namespace yagura::api
