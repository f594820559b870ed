// `yagura completion bash|zsh|fish`: a script for the shell, generated from the commands and
// options themselves, so it can never miss one.
//
//   source <(yagura completion bash)
//   yagura completion zsh > ~/.zfunc/_yagura
//   yagura completion fish > ~/.config/fish/completions/yagura.fish
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/language.h"
#include "cli/command.h"
#include "cli/usage.h"

namespace yagura::cli {
namespace {

constexpr Text kHelp{"print a completion script for bash, zsh or fish",
                     "bash、zsh、fish の補完スクリプトを出力する"};
constexpr Text kShellHelp{"bash, zsh or fish", "bash、zsh、fish のいずれか"};

// One command and what may follow it. `path` is "" for the program, "rules lint" for a command's
// command.
struct Place {
    std::string path;
    const CLI::App* command;
};

void gather(const CLI::App& command, const std::string& path, std::vector<Place>& places) {
    places.push_back({path, &command});
    for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
        gather(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), places);
    }
}

// Names to offer after `command`: its commands, what its arguments may be, its options, and the
// program's options everywhere.
std::string words_after(const CLI::App& command, const CLI::App& program) {
    std::string words;
    std::set<std::string> known;
    const auto add = [&](const std::string& word) {
        if (known.insert(word).second) words += (words.empty() ? "" : " ") + word;
    };
    for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; }))
        add(sub->get_name());
    const auto add_options = [&](const CLI::App& app) {
        for (const CLI::Option* option : app.get_options()) {
            if (option->get_positional())
                for (const std::string& choice : choices_of(*option)) add(choice);
            for (const std::string& name : option->get_lnames()) add("--" + name);
            for (const std::string& name : option->get_snames()) add("-" + name);
        }
    };
    add_options(command);
    if (&command != &program) add_options(program);
    return words;
}

// Both shells find the place by walking the words typed so far; what is no command does not move
// it.
std::string walk_of(const std::vector<Place>& places, std::string_view words) {
    std::string text = fmt::format(
        "    local place=\"\" word\n    for word in {}; do\n        case \"$place $word\" in\n",
        words);
    for (const Place& place : places) {
        if (place.path.empty()) continue;
        const size_t blank = place.path.rfind(' ');
        const std::string before = blank == std::string::npos ? "" : place.path.substr(0, blank);
        const std::string name =
            blank == std::string::npos ? place.path : place.path.substr(blank + 1);
        text += fmt::format("            \"{} {}\") place=\"{}\" ;;\n", before, name, place.path);
    }
    return text + "        esac\n    done\n";
}

std::string choice_of(const std::vector<Place>& places, const CLI::App& program) {
    std::string text = "    local choices=\"\"\n    case \"$place\" in\n";
    for (const Place& place : places) {
        text += fmt::format("        \"{}\") choices=\"{}\" ;;\n",
                            place.path,
                            words_after(*place.command, program));
    }
    return text + "    esac\n";
}

// After an option with a list of values only those are offered.
std::string values_of(const std::vector<Place>& places,
                      const CLI::App& program,
                      std::string_view previous) {
    std::string text = fmt::format("    local values=\"\"\n    case \"$place {}\" in\n", previous);
    for (const Place& place : places) {
        const std::string before =
            place.command == &program ? "*" : fmt::format("\"{}\"", place.path);
        for (const CLI::Option* option : place.command->get_options()) {
            std::string names;
            const auto add = [&](const std::string& name) {
                names += fmt::format("{}{}\" {}\"", names.empty() ? "" : "|", before, name);
            };
            for (const std::string& name : option->get_lnames()) add("--" + name);
            for (const std::string& name : option->get_snames()) add("-" + name);
            const std::vector<std::string> choices = choices_of(*option);
            if (choices.empty() || names.empty()) continue;
            text += fmt::format("        {}) values=\"{}\" ;;\n", names, fmt::join(choices, " "));
        }
    }
    return text + "    esac\n";
}

std::string bash_script(const std::vector<Place>& places, const CLI::App& program) {
    return "_yagura() {\n    local current=\"${COMP_WORDS[COMP_CWORD]}\"\n" +
           walk_of(places, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"") + choice_of(places, program) +
           values_of(places, program, "${COMP_WORDS[COMP_CWORD-1]}") +
           "    if [[ -n $values ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$values\" -- \"$current\"))\n"
           "        return\n    fi\n"
           "    COMPREPLY=($(compgen -W \"$choices\" -- \"$current\"))\n"
           "    [[ $current == -* ]] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
           "}\ncomplete -o filenames -F _yagura yagura\n";
}

std::string zsh_script(const std::vector<Place>& places, const CLI::App& program) {
    return "#compdef yagura\n_yagura() {\n" + walk_of(places, "\"${(@)words[2,CURRENT-1]}\"") +
           choice_of(places, program) + values_of(places, program, "${words[CURRENT-1]}") +
           "    if [[ -n $values ]]; then\n        compadd -- ${=values}\n        return\n    fi\n"
           "    compadd -- ${=choices}\n    _files\n}\ncompdef _yagura yagura\n";
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string fish_script(const std::vector<Place>& places, const CLI::App& program) {
    std::string text;
    for (const Place& place : places) {
        std::string condition = "-n '__fish_use_subcommand'";
        if (!place.path.empty()) {
            condition = fmt::format("-n '__fish_seen_subcommand_from {}'",
                                    place.path.substr(0, place.path.find(' ')));
        }
        const bool is_program = place.command == &program;
        for (const CLI::App* sub :
             place.command->get_subcommands([](const CLI::App*) { return true; })) {
            text += fmt::format("complete -c yagura {} -a {} -d {}\n",
                                condition,
                                sub->get_name(),
                                quoted(sub->get_description()));
        }
        for (const CLI::Option* option : place.command->get_options()) {
            std::string names;
            for (const std::string& name : option->get_lnames()) names += " -l " + name;
            for (const std::string& name : option->get_snames()) names += " -s " + name;
            const std::vector<std::string> choices = choices_of(*option);
            if (names.empty() && !choices.empty()) names = " -f";
            if (names.empty()) continue;
            if (!choices.empty()) names += fmt::format(" -x -a '{}'", fmt::join(choices, " "));
            text += fmt::format("complete -c yagura {}{} -d {}\n",
                                is_program ? "" : condition,
                                names,
                                quoted(option->get_description()));
        }
    }
    return text;
}

void print_script(const std::string& shell, const CLI::App& program) {
    std::vector<Place> places;
    gather(program, "", places);
    if (shell == "bash") fmt::print("{}", bash_script(places, program));
    if (shell == "zsh") fmt::print("{}", zsh_script(places, program));
    if (shell == "fish") fmt::print("{}", fish_script(places, program));
}

}  // namespace

void add_completion(CLI::App& program, Session&) {
    auto shell = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("completion", std::string(kHelp.in(language())));
    command->add_option("SHELL", *shell, std::string(kShellHelp.in(language())))
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([shell, &program] { print_script(*shell, program); });
}

}  // namespace yagura::cli
