// yagura simulate SCENARIO -o DIR: see docs/simulate.md.
#include "simulate/simulate.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "base/language.h"
#include "base/messages/simulate.h"
#include "base/text.h"
#include "cli/command.h"
#include "simulate/scenario.h"

namespace yagura::cli {
namespace {

struct Options {
    simulate::Plan plan;
    std::string out;
    std::string start;
};

std::string scenario_names() {
    std::string names;
    for (const simulate::Scenario& scenario : simulate::all_scenarios()) {
        names += (names.empty() ? "" : "; ") + std::string(scenario.name) + " (" +
                 std::string(scenario.sentence.in(language())) + ")";
    }
    return names;
}

std::vector<std::string> scenario_choices() {
    std::vector<std::string> names;
    for (const simulate::Scenario& scenario : simulate::all_scenarios())
        names.emplace_back(scenario.name);
    return names;
}

int run_simulate(Options& options, const Session& session) {
    options.plan.out = options.out;
    options.plan.threads = session.threads;
    if (!options.start.empty()) {
        const auto start = parse_time_expression(options.start, options.plan.start);
        if (!start) {
            fmt::print(stderr, "yagura: {}\n", start.error().sentence());
            return kUsage;
        }
        options.plan.start = *start;
    }
    const auto tally = simulate::simulate(options.plan);
    if (!tally) {
        fmt::print(stderr, "yagura: {}\n", tally.error().sentence());
        return tally.error().code() == Code::io ? kFailed : kUsage;
    }
    if (session.quiet) return kOk;
    fmt::print(stderr,
               "{}\n",
               say(message::simulate_done,
                   with_thousands(tally->events),
                   with_thousands(tally->incident_events),
                   with_thousands(tally->flows),
                   with_thousands(tally->files),
                   human_bytes(tally->bytes),
                   human_bytes(tally->compressed)));
    fmt::print(stderr, "{}\n", say(message::simulate_next, (options.plan.out / "logs").string()));
    return kOk;
}

}  // namespace

void add_simulate(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    simulate::Plan& plan = options->plan;
    CLI::App* command = program.add_subcommand("simulate", say(message::simulate_command));
    command
        ->add_option(
            "SCENARIO", plan.scenario, say(message::simulate_opt_scenario, scenario_names()))
        ->required()
        ->check(CLI::IsMember(scenario_choices()));
    command->add_option("-o,--out", options->out, say(message::simulate_opt_out))->required();
    command->add_option("--seed", plan.seed, say(message::simulate_opt_seed, plan.seed));
    command->add_option("--days", plan.days, say(message::simulate_opt_days, plan.days));
    command->add_option(
        "--accounts", plan.accounts, say(message::simulate_opt_accounts, plan.accounts));
    command->add_option("--events", plan.events, say(message::simulate_opt_events, plan.events));
    command->add_option("--start", options->start, say(message::simulate_opt_start));
    command->callback([options, &session] { session.exit_code = run_simulate(*options, session); });
}

}  // namespace yagura::cli
