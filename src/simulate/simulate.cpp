#include "simulate/simulate.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "base/messages/base.h"
#include "base/messages/simulate.h"
#include "base/system_reason.h"
#include "simulate/background.h"
#include "simulate/scenario.h"

namespace yagura::simulate {
namespace {

namespace fs = std::filesystem;

Result<const Scenario*> find_scenario(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Scenario& scenario : all_scenarios()) {
        if (scenario.name == name) return &scenario;
        names.push_back(scenario.name);
    }
    return fail(Code::not_found,
                say(message::simulate_unknown_scenario, name, fmt::join(names, ", ")));
}

Result<void> check(const Plan& plan) {
    if (plan.days < 1 || plan.days > 60)
        return fail(Code::invalid, say(message::simulate_out_of_range, "--days", 1, 60));
    if (plan.accounts < 1 || plan.accounts > 20)
        return fail(Code::invalid, say(message::simulate_out_of_range, "--accounts", 1, 20));
    if (plan.events > 100'000'000)
        return fail(Code::invalid, say(message::simulate_out_of_range, "--events", 0, 100'000'000));
    std::error_code error;
    if (fs::exists(plan.out / "logs", error)) {
        return fail(Code::invalid, say(message::simulate_exists, (plan.out / "logs").string()));
    }
    return {};
}

std::string truth_header(const Plan& plan, const World& world, Timestamp start, Timestamp end) {
    std::string accounts;
    for (const Account& account : world.accounts) {
        accounts += fmt::format(R"({}{{"id":"{}","name":"{}"}})",
                                accounts.empty() ? "" : ", ",
                                account.id,
                                account.name);
    }
    return fmt::format(
        "\n\"scenario\": \"{}\", \"seed\": {}, \"start\": \"{}\", \"end\": \"{}\",\n\"accounts\": "
        "[{}]",
        plan.scenario,
        plan.seed,
        format_iso8601(start),
        format_iso8601(end),
        accounts);
}

Result<void> write_truth(const fs::path& path, const std::string& text) {
    std::ofstream stream(path, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream)
        return fail(Code::io, say(message::cannot_write, path.string(), system_reason(errno)));
    return {};
}

}  // namespace

Result<Tally> simulate(const Plan& plan) {
    YAGURA_CHECK(check(plan));
    YAGURA_TRY(const Scenario* scenario, find_scenario(plan.scenario));
    const Timestamp start = std::chrono::floor<std::chrono::days>(plan.start);
    const Timestamp end = start + std::chrono::days(plan.days);
    const double scale =
        std::clamp(static_cast<double>(plan.events) / plan.days / 10'000, 0.5, 20.0);

    const World world = build_world(plan.seed, plan.accounts, scale);
    LogFiles files(
        plan.out / "logs",
        plan.threads > 0 ? plan.threads : std::max(1U, std::thread::hardware_concurrency()));
    Delivery delivery(world, files);
    FlowLogs flows(world, files);
    Truth truth;
    Stage stage(world, start, end, delivery, flows, files, truth);
    scenario->play(stage);

    Background background(world, plan.events, plan.days, start);
    for (Timestamp hour = start; hour < end; hour += std::chrono::hours(1)) {
        background.run_hour(hour, delivery);
        flows.run_hour(hour);
        delivery.deliver_before(hour + std::chrono::hours(1));
        YAGURA_CHECK(files.write());
    }
    delivery.deliver_all();
    YAGURA_CHECK(files.write());
    YAGURA_CHECK(write_truth(plan.out / "ground-truth.json",
                             truth.to_json(truth_header(plan, world, start, end))));
    return Tally{delivery.records(),
                 truth.events(),
                 flows.records(),
                 files.files(),
                 files.bytes(),
                 files.compressed()};
}

}  // namespace yagura::simulate
