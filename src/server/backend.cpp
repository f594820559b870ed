#include "server/backend.h"

#include <utility>

#include <fmt/format.h>

#include "api/identity.h"
#include "api/live_hub.h"
#include "api/pulse.h"
#include "auth/gate.h"
#include "base/system_reason.h"
#include "console/console.h"
#include "desk/cost_book.h"
#include "desk/desk.h"
#include "enrich/geo_book.h"
#include "pipeline/live.h"
#include "query/pool.h"
#include "query/rule_hits.h"
#include "server/lake_numbers.h"
#include "server/process_numbers.h"
#include "store/catalog.h"

namespace yagura::server {

// In the order they are made. Destroyed in reverse: what uses another part stands below it.
struct Backend::Parts {
    BackendOptions options;
    Metrics metrics;
    api::Services services;
    std::unique_ptr<LakeNumbers> lake;
    std::unique_ptr<auth::Gate> gate;
    std::unique_ptr<enrich::GeoBook> geo;
    std::unique_ptr<console::Console> console;
    std::unique_ptr<query::EnginePool> engines;
    std::unique_ptr<api::Pulse> pulse;
    std::unique_ptr<desk::RuleDesk> rules;
    std::unique_ptr<desk::CostBook> costs;
    std::unique_ptr<query::RuleHits> rule_hits;
    std::unique_ptr<pipeline::LiveIngest> live;
    std::unique_ptr<api::LiveHub> hub;
};

namespace {

constexpr uint64_t kSpillBytes = 4ull << 30;  // for sorts that do not fit into an engine's memory

Result<void> make_lake(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed)
        return fail(Code::io,
                    fmt::format("{}: {}", folder.string(), system_reason(failed.value())));
    YAGURA_CHECK(store::Catalog::open(folder, true));
    return {};
}

// The rules on the desk, for who reads logs with them.
pipeline::RuleSource rules_of(desk::RuleDesk& desk) {
    return {.read = [&desk]() -> Result<rule::Reload> {
                YAGURA_TRY(const auto shelf, desk.reload());
                rule::Reload reload;
                reload.rules = shelf->in_use;
                reload.mistakes = shelf->mistakes;
                return reload;
            },
            .paths = [&desk] { return desk.paths(); }};
}

void add_engine_numbers(Metrics& metrics, const query::EnginePool& engines) {
    metrics.gauges("yagura_questions", "questions to the lake, now", "state", [&engines] {
        const auto load = engines.load();
        return Metrics::Samples{{"running", static_cast<double>(load.running)},
                                {"waiting", static_cast<double>(load.waiting)}};
    });
    metrics.total("yagura_questions_total", "questions to the lake that ended", [&engines] {
        return static_cast<double>(engines.load().asked);
    });
    metrics.total("yagura_questions_stopped_total",
                  "of them, stopped because nobody wanted the answer any more",
                  [&engines] { return static_cast<double>(engines.load().stopped); });
}

}  // namespace

Result<std::unique_ptr<pipeline::LiveIngest>> Backend::start_live(const Parts& parts) {
    const BackendOptions& given = parts.options;
    pipeline::LiveOptions live;
    live.lake = given.lake;
    live.watch = given.folders;
    live.rules = given.rules;
    live.source = rules_of(*parts.rules);
    live.policy = given.policy;
    live.costs = [book = parts.costs.get()](const match::RuleCosts& costs) { book->add(costs); };
    live.context = {console::exceptions_file(given.lake)};
    return pipeline::LiveIngest::start(std::move(live));
}

Backend::Backend(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Backend::~Backend() = default;

Result<std::unique_ptr<Backend>> Backend::open(BackendOptions options) {
    auto parts = std::make_unique<Parts>();
    parts->options = std::move(options);
    const BackendOptions& given = parts->options;
    api::Services& services = parts->services;
    services.lake = given.lake;
    services.now = current_time;
    services.version = given.version;
    services.metrics = &parts->metrics;

    YAGURA_CHECK(make_lake(given.lake));
    parts->lake = std::make_unique<LakeNumbers>(given.lake);
    parts->lake->add_to(parts->metrics);
    add_process_numbers(parts->metrics, given.version);

    YAGURA_TRY(parts->gate, auth::Gate::open(given.lake));
    services.gate = parts->gate.get();
    services.identify = [gate = services.gate](const http::Request& request) {
        return api::identify(*gate, request);
    };

    YAGURA_TRY(parts->geo, enrich::GeoBook::open(given.geo));
    services.geo = parts->geo.get();

    YAGURA_TRY(parts->console, console::Console::open(given.lake));
    services.console = parts->console.get();

    query::PoolOptions pool;
    pool.engine.temp_directory = given.lake / "console" / "spill";
    pool.engine.temp_limit_bytes = kSpillBytes;
    pool.engine.threads = given.threads;
    parts->engines = std::make_unique<query::EnginePool>(given.lake, pool);
    services.engines = parts->engines.get();
    add_engine_numbers(parts->metrics, *parts->engines);
    parts->pulse = std::make_unique<api::Pulse>(given.lake, *parts->engines);
    services.pulse = parts->pulse.get();

    YAGURA_TRY(parts->rules,
               desk::RuleDesk::open({.folder = given.lake / "console", .rules = given.rules}));
    services.rules = parts->rules.get();
    parts->costs = std::make_unique<desk::CostBook>(given.lake / "console");
    services.costs = parts->costs.get();
    parts->rule_hits = std::make_unique<query::RuleHits>(given.lake);
    services.rule_hits = parts->rule_hits.get();

    YAGURA_TRY(parts->live, start_live(*parts));
    services.live = parts->live.get();
    // A rule that is saved is in use when the answer comes.
    parts->rules->on_change([live = services.live](const auto&) { live->reload_rules(); });
    parts->hub = std::make_unique<api::LiveHub>(
        parts->live->newsroom(),
        api::LiveHub::Parts{services.engines, services.console, services.pulse});
    services.hub = parts->hub.get();

    return std::unique_ptr<Backend>(new Backend(std::move(parts)));
}

void Backend::renew() {
    parts_->geo->refresh();
}

void Backend::stop() {
    parts_->hub->stop();
    parts_->live->stop();
    parts_->engines->stop();
}

const api::Services& Backend::services() const {
    return parts_->services;
}

Metrics& Backend::metrics() {
    return parts_->metrics;
}

std::vector<Check> Backend::checks() const {
    Parts* const parts = parts_.get();
    return {
        {"lake", [parts] { return parts->lake->verify(); }},
        {"people",
         [parts]() -> Result<void> {
             YAGURA_CHECK(parts->gate->setup_required());
             return {};
         }},
    };
}

Result<bool> Backend::has_administrator() const {
    YAGURA_TRY(const bool is_missing, parts_->gate->setup_required());
    return !is_missing;
}

}  // namespace yagura::server
