#include "cli/usage.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/diagnostic.h"
#include "base/messages/cli.h"
#include "base/text.h"

namespace yagura::cli {
namespace {

class Help final : public CLI::Formatter {
  public:
    Help() {
        label("Usage", say(message::usage_heading));
        label("OPTIONS", say(message::usage_options_word));
        label("SUBCOMMAND", say(message::usage_command_word));
        label("Positionals", say(message::usage_arguments));
        label("REQUIRED", say(message::usage_required));
        label("Options", say(message::usage_options));
        label("Subcommands", say(message::usage_commands));
        label("Needs", say(message::usage_needs));
        label("Excludes", say(message::usage_excludes));
    }
    std::string make_group(std::string group,
                           bool is_positional,
                           std::vector<const CLI::Option*> options) const override {
        return CLI::Formatter::make_group(get_label(group), is_positional, std::move(options));
    }
    std::string make_subcommands(const CLI::App* app, CLI::AppFormatMode mode) const override {
        constexpr std::string_view kHeading = "\nSubcommands:";
        std::string text = CLI::Formatter::make_subcommands(app, mode);
        if (text.starts_with(kHeading))
            text.replace(0, kHeading.size(), "\n" + get_label("Subcommands") + ":");
        return text;
    }
};

// From the program down to the last command that was understood.
std::vector<const CLI::App*> path_of(const CLI::App& program) {
    std::vector<const CLI::App*> path = {&program};
    while (!path.back()->get_subcommands().empty())
        path.push_back(path.back()->get_subcommands().back());
    return path;
}

template <class Options>
const CLI::Option* find_option(const Options& path, std::string_view name) {
    for (const CLI::App* app : path) {
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_name() == name) return option;
        }
    }
    return nullptr;
}

std::string unknown_option(const std::vector<const CLI::App*>& path, std::string_view word) {
    const std::string name(word.substr(0, word.find('=')));
    std::vector<std::string> names;
    for (const CLI::App* app : path) {
        for (const CLI::Option* option : app->get_options()) {
            for (const std::string& known : option->get_lnames()) names.push_back("--" + known);
        }
    }
    return with_suggestion(say(message::usage_unknown_option, printable(name)), name, names);
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

// Words that no option, argument or command took; empty when there are none.
std::string unexpected(const CLI::App& program, const std::vector<const CLI::App*>& path) {
    const std::vector<std::string> words = program.remaining(true);
    for (const std::string& word : words) {
        if (word.size() > 1 && word[0] == '-' && word != "--") return unknown_option(path, word);
    }
    for (const std::string& word : words) {
        const std::vector<std::string> commands = command_names(*path.back());
        if (commands.empty()) return say(message::usage_unexpected, printable(word));
        return with_suggestion(say(message::man_unknown, printable(word)), word, commands);
    }
    return {};
}

std::string missing(const std::vector<const CLI::App*>& path, std::string said) {
    const CLI::App& command = *path.back();
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_required() && option->count() == 0)
            return say(message::usage_missing, option->get_name());
    }
    const std::vector<std::string> commands = command_names(command);
    if (!commands.empty()) return say(message::usage_command_needed, fmt::join(commands, ", "));
    return said;
}

// "--format: cvs not in {csv,jsonl}", "--threads: Value 0 not in range 1 to 1024", or a sentence of
// our own.
std::string bad_value(const std::vector<const CLI::App*>& path, const std::string& said) {
    const size_t colon = said.find(": ");
    const CLI::Option* option =
        colon == std::string::npos ? nullptr : find_option(path, said.substr(0, colon));
    if (!option) return said;
    const std::string value = option->results().empty() ? "" : option->results().back();
    const std::string name = option->get_name();
    if (const std::string own = said.substr(colon + 2); own.starts_with(name)) return own;
    if (const std::vector<std::string> choices = choices_of(*option); !choices.empty()) {
        const std::vector<std::string> given = option->results();
        const auto wrong = std::find_if(given.begin(), given.end(), [&](const std::string& one) {
            return std::find(choices.begin(), choices.end(), one) == choices.end();
        });
        const std::string word = wrong == given.end() ? value : *wrong;
        return with_suggestion(say(message::usage_bad_choice,
                                   name,
                                   printable(word),
                                   fmt::format("{}", fmt::join(choices, ", "))),
                               word,
                               choices);
    }
    constexpr std::string_view kRange = " not in range ";
    if (const size_t at = said.find(kRange); at != std::string::npos) {
        const std::string range = said.substr(at + kRange.size());
        const size_t to = range.find(" to ");
        if (to != std::string::npos)
            return say(message::usage_not_in_range,
                       name,
                       range.substr(0, to),
                       range.substr(to + 4),
                       printable(value));
    }
    return printable(said);
}

// "Could not convert: --principals = abc"
std::string not_a_number(const std::vector<const CLI::App*>& path, const std::string& said) {
    const size_t from = said.find(": ");
    const size_t to = said.find(" = ");
    if (from == std::string::npos || to == std::string::npos || to < from) return printable(said);
    const std::string name = said.substr(from + 2, to - from - 2);
    const CLI::Option* option = find_option(path, name);
    if (!option || option->results().empty()) return printable(said);
    return say(message::usage_not_number, name, printable(option->results().back()));
}

// "--since excludes --from", "--since requires --lake"
std::string pair(const Text& sentence, const std::string& said, std::string_view between) {
    const size_t at = said.find(between);
    if (at == std::string::npos) return said;
    return say(sentence, said.substr(0, at), said.substr(at + between.size()));
}

}  // namespace

void speak(CLI::App& program) {
    program.formatter(std::make_shared<Help>());
}

void refuse_negative_counts(CLI::App& program) {
    for (CLI::Option* option : program.get_options()) {
        if (!option->get_type_name().starts_with("UINT")) continue;
        option->check([option](const std::string& value) {
            return value.starts_with('-')
                       ? say(message::usage_not_number, option->get_name(), printable(value))
                       : std::string();
        });
    }
    for (CLI::App* command : program.get_subcommands([](CLI::App*) { return true; }))
        refuse_negative_counts(*command);
}

std::string usage_sentence(const CLI::App& program, const CLI::ParseError& error) {
    const std::vector<const CLI::App*> path = path_of(program);
    const std::string said = error.what();
    // An option that does not exist explains why an argument seems to be missing, or to be too
    // many.
    const auto* required = dynamic_cast<const CLI::RequiredError*>(&error);
    if (required || dynamic_cast<const CLI::ExtrasError*>(&error)) {
        const std::string sentence = unexpected(program, path);
        if (!sentence.empty()) return sentence;
    }
    if (required) return missing(path, said);
    if (dynamic_cast<const CLI::ValidationError*>(&error)) return bad_value(path, said);
    if (dynamic_cast<const CLI::ConversionError*>(&error)) return not_a_number(path, said);
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) && said.find(": ") != std::string::npos)
        return say(message::usage_needs_value, said.substr(0, said.find(": ")));
    if (dynamic_cast<const CLI::RequiresError*>(&error))
        return pair(message::usage_requires, said, " requires ");
    if (dynamic_cast<const CLI::ExcludesError*>(&error))
        return pair(message::usage_not_together, said, " excludes ");
    return printable(said);
}

// "TEXT:{csv,jsonl}" → csv, jsonl
std::vector<std::string> choices_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const size_t open = type.find('{');
    const size_t close = type.find('}', open == std::string::npos ? 0 : open);
    if (open == std::string::npos || close == std::string::npos) return {};
    return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::string with_suggestion(std::string sentence,
                            std::string_view word,
                            const std::vector<std::string>& names) {
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string hint = suggest(word, views);
    return hint.empty() ? sentence : say(message::usage_hint, sentence, hint);
}

std::string command_line_of(const CLI::App& program) {
    std::string words;
    for (const CLI::App* app : path_of(program)) {
        if (!words.empty()) words += ' ';
        words += app->get_name();
    }
    return words;
}

}  // namespace yagura::cli
