// `yagura config show|path|check`: what is set, where it was set, and whether the file is right.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/cli.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/screen.h"
#include "cli/settings.h"
#include "cli/table.h"

namespace yagura::cli {
namespace {

void print_problems(FILE* to, const Settings& settings) {
    for (const Diagnostic& problem : settings.problems) fmt::print(to, "{}\n", to_string(problem));
}

// How a value stands after everybody was asked; options of the command line come last.
struct Effective {
    std::vector<std::string> values;
    std::string origin;
};

Effective effective(const SettingRow& row, const Settings& settings, const CLI::App& program) {
    const CLI::Option* option = program.get_option_no_throw(std::string(row.option));
    if (option && option->count() > 0) {
        const bool is_flag = row.kind == SettingRow::Kind::boolean;
        return {
            is_flag ? std::vector<std::string>{row.negates ? "false" : "true"} : option->results(),
            std::string(row.option)};
    }
    if (const Setting* made = settings.find(row.key)) return {made->values, made->origin};
    return {{std::string(row.fallback.in(language()))}, say(message::config_default)};
}

int show(const std::string& format, const CLI::App& program) {
    const Settings settings = read_settings();
    std::vector<std::vector<std::string>> rows{{say(message::config_column_key),
                                                say(message::config_column_value),
                                                say(message::config_column_origin),
                                                say(message::config_column_meaning)}};
    for (const SettingRow& row : cli::settings()) {
        const Effective now = effective(row, settings, program);
        std::string shown;
        std::string list;
        for (const std::string& value : now.values) {
            shown += (shown.empty() ? "" : ", ") + printable(value);
            list += (list.empty() ? "" : ",") + json_quote(value);
        }
        if (format == "json") {
            fmt::print(R"({{"key":{},"values":[{}],"origin":{}}})"
                       "\n",
                       json_quote(row.key),
                       list,
                       json_quote(now.origin));
        }
        rows.push_back({std::string(row.key),
                        shown,
                        printable(now.origin),
                        std::string(row.sentence.in(language()))});
    }
    if (format == "table") print_table(rows);
    print_problems(stderr, settings);
    return settings.problems.empty() ? kOk : kUsage;
}

int tell_path(const Session& session) {
    const Settings settings = read_settings();
    if (settings.file.empty()) return complain(say(message::config_no_path)), kFailed;
    fmt::print("{}\n", printable(settings.file.string()));
    if (!settings.found && !session.quiet) fmt::print(stderr, "{}\n", say(message::config_no_file));
    return kOk;
}

int check(const std::string& file, const Session& session) {
    const Settings settings = file.empty() ? read_settings() : read_settings_file(file);
    print_problems(stdout, settings);
    if (!settings.problems.empty()) return kUsage;
    if (!session.quiet) {
        fmt::print(stderr,
                   "{}\n",
                   settings.found ? say(message::config_right,
                                        printable(settings.file.string()),
                                        settings.made.size())
                                  : say(message::config_no_file));
    }
    return kOk;
}

}  // namespace

void add_config(CLI::App& program, Session& session) {
    struct Options {
        std::string file;
        std::string format = "table";
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("config", say(message::config_help));
    command->require_subcommand(1);
    CLI::App* shown = command->add_subcommand("show", say(message::config_help_show));
    shown->add_option("-f,--format", options->format, say(message::rules_opt_format))
        ->check(CLI::IsMember({"table", "json"}));
    shown->callback(
        [options, &program, &session] { session.exit_code = show(options->format, program); });
    command->add_subcommand("path", say(message::config_help_path))->callback([&session] {
        session.exit_code = tell_path(session);
    });
    CLI::App* checked = command->add_subcommand("check", say(message::config_help_check));
    checked->add_option("FILE", options->file, say(message::config_opt_file));
    checked->callback([options, &session] { session.exit_code = check(options->file, session); });
}

}  // namespace yagura::cli
