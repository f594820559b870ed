// `yagura logtype list|fields`: the field dictionary, printed from the registry.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/diagnostic.h"
#include "base/messages/cli.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/table.h"
#include "logtype/log_type.h"

namespace yagura::cli {
namespace {

struct Options {
    std::string type;
    std::string format = "table";
};

void list_types(const Options& options) {
    std::vector<std::vector<std::string>> rows;
    for (const logtype::LogType* type : logtype::all()) {
        if (options.format == "json") {
            fmt::print(R"({{"name":{},"title":{},"fields":{},"ocsf_class":{},"source":{}}})"
                       "\n",
                       json_quote(type->name),
                       json_quote(type->title.in(language())),
                       type->fields.size(),
                       json_quote(type->ocsf_class),
                       json_quote(type->source));
            continue;
        }
        rows.push_back({std::string(type->name),
                        std::string(type->title.in(language())),
                        say(message::logtype_field_count, type->fields.size()),
                        std::string(type->ocsf_class),
                        std::string(type->source)});
    }
    print_table(rows);
}

void print_fields(const logtype::LogType& type, const Options& options) {
    std::vector<std::vector<std::string>> rows;
    if (options.format == "table") {
        rows.push_back({say(message::logtype_native),
                        say(message::logtype_column),
                        say(message::logtype_kind),
                        "ECS",
                        "OCSF",
                        say(message::logtype_meaning)});
    }
    for (const event::Field& field : type.fields) {
        const std::string_view sentence = field.sentence.in(language());
        if (options.format == "json") {
            fmt::print(
                R"({{"log_type":{},"name":{},"column":{},"type":{},"ecs":{},"ocsf":{},"also":{},"description":{}}})"
                "\n",
                json_quote(type.name),
                json_quote(field.name),
                json_quote(field.column),
                json_quote(event::type_name(field.type)),
                json_quote(field.ecs),
                json_quote(field.ocsf),
                json_quote(field.also),
                json_quote(sentence));
            continue;
        }
        rows.push_back({std::string(field.name),
                        std::string(field.column),
                        std::string(event::type_name(field.type)),
                        field.ecs.empty() ? "-" : std::string(field.ecs),
                        field.ocsf.empty() ? "-" : std::string(field.ocsf),
                        std::string(sentence)});
    }
    print_table(rows);
}

int show_fields(const Options& options) {
    if (options.type.empty()) {
        for (const logtype::LogType* type : logtype::all()) print_fields(*type, options);
        return kOk;
    }
    if (const logtype::LogType* type = logtype::find(options.type)) {
        print_fields(*type, options);
        return kOk;
    }
    std::vector<std::string_view> names;
    for (const logtype::LogType* type : logtype::all()) names.push_back(type->name);
    fmt::print(
        stderr,
        "yagura: {}\n",
        say(message::logtype_unknown, printable(options.type), suggest(options.type, names)));
    return kUsage;
}

}  // namespace

void add_logtype(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("logtype", say(message::logtype_help));
    command->require_subcommand(1);
    const auto add_format = [&](CLI::App* sub) {
        sub->add_option("-f,--format", options->format, say(message::logtype_opt_format))
            ->check(CLI::IsMember({"table", "json"}));
    };
    CLI::App* list = command->add_subcommand("list", say(message::logtype_help_list));
    add_format(list);
    list->callback([options] { list_types(*options); });
    CLI::App* fields = command->add_subcommand("fields", say(message::logtype_help_fields));
    fields->add_option("TYPE", options->type, say(message::logtype_opt_type));
    add_format(fields);
    fields->callback([options, &session] { session.exit_code = show_fields(*options); });
}

}  // namespace yagura::cli
