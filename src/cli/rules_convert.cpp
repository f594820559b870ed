// `yagura rules convert --to sql RULE…`: rules as SQL over the lake, to read, change and run.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/hunt.h"
#include "base/text.h"
#include "cli/chosen_rules.h"
#include "cli/rules_commands.h"
#include "cli/screen.h"
#include "query/rule_sql.h"

namespace yagura::cli {
namespace {

struct Options {
    std::vector<std::string> words;
    std::vector<std::string> more;
    bool no_default = false;
    std::string to = "sql";
};

int convert(const Options& options, const Session& session) {
    const auto chosen = choose_rules(options.words, options.more, options.no_default, session);
    if (!chosen) return kUsage;
    std::string out;
    for (const uint32_t index : chosen->chosen.rules) {
        const match::Rule& rule = chosen->set.rules[index];
        bool any = false;
        for (const logtype::LogType* type : logtype::all()) {
            if (!rule.source.covers(type->logsource)) continue;
            out += (out.empty() ? "" : "\n") + query::rule_select(rule, *type);
            any = true;
        }
        if (!any) complain(say(message::hunt_no_log_type, printable(rule.info.title)));
    }
    const auto refuse = [](const auto& list, const std::vector<uint32_t>& which) {
        for (const uint32_t index : which)
            complain(say(message::hunt_no_sql, printable(list[index].info.title)));
    };
    refuse(chosen->set.correlations, chosen->chosen.correlations);
    refuse(chosen->set.first_seen, chosen->chosen.first_seen);
    fmt::print("{}", out);
    return out.empty() ? kFailed : kOk;
}

}  // namespace

void add_rules_convert(CLI::App* rules, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = rules->add_subcommand("convert", say(message::hunt_convert));
    command->add_option("RULE", options->words, say(message::hunt_opt_rule))->required();
    command->add_option("--to", options->to, say(message::hunt_opt_to))
        ->check(CLI::IsMember({"sql"}));
    command->add_option("-r,--rules", options->more, say(message::hunt_opt_more))
        ->allow_extra_args(false);
    command->add_flag("--no-default-rules", options->no_default, say(message::hunt_opt_no_default));
    command->callback([options, &session] { session.exit_code = convert(*options, session); });
}

}  // namespace yagura::cli
