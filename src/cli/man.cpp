// `yagura man [COMMAND…]`: a manual page in roff, printed from the very commands and options, so it
// can never miss one.
//
//   yagura man | man -l -
//   yagura man rules lint --lang ja | man -l -
//
// The page is plain ASCII: other characters are written as roff names (\[u3042]), so every roff
// reads it the same, whatever it takes its input for. Macros: groff_man(7).
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/cli.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/screen.h"
#include "cli/settings.h"

namespace yagura::cli {
namespace {

struct ExitRow {
    int code;
    Text meaning;
};
constexpr ExitRow kExits[] = {
    {kOk, {"All went well.", "正常に終了しました。"}},
    {kFailed, {"It failed, or a check found errors.", "失敗したか、検査で誤りが見つかりました。"}},
    {kUsage,
     {"The command line or the configuration is wrong.",
      "コマンドラインまたは設定に誤りがあります。"}},
    {kFound,
     {"scan matched something at or above --fail-level.",
      "scan で --fail-level 以上の一致がありました。"}},
    {kPartial,
     {"Some input could not be read; it was listed.",
      "一部の入力を読み取れませんでした（一覧を表示します）。"}},
    {kInterrupted,
     {"Interrupted; what was done until then was kept.",
      "中断されました（それまでの結果は残ります）。"}},
};

// Text as roff shows it unchanged, wherever in a line it stands.
std::string roff(std::string_view text) {
    std::string out = "\\&";  // a full stop or a quote first in a line would be a request
    for (size_t at = 0; at < text.size();) {
        const uint32_t point = next_code_point(text, at);
        switch (point) {
            case '\\':
                out += "\\e";
                break;
            case '-':
                out += "\\-";
                break;
            case '\'':
                out += "\\(aq";
                break;
            case '"':
                out += "\\(dq";
                break;
            case '^':
                out += "\\(ha";
                break;
            case '`':
                out += "\\(ga";
                break;
            case '~':
                out += "\\(ti";
                break;
            case 0x2026:  // … is no character of every output device
                out += "\\&...";
                break;
            case '\n':
                out += ' ';
                break;
            default:
                if (point < 0x20 || point == 0x7F) continue;
                if (point < 0x7F) {
                    out += static_cast<char>(point);
                } else {
                    out += fmt::format("\\[u{:04X}]", point);
                }
        }
    }
    return out;
}

// Without the guard: for text that begins with a letter, where mandb reads the page too.
std::string unguarded(const std::string& text) {
    return text.substr(2);
}

std::string bold(std::string_view text) {
    return "\\fB" + roff(text) + "\\fR";
}
std::string italic(std::string_view text) {
    return "\\fI" + roff(text) + "\\fR";
}

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return text;
}

// What stands for the value of an option: PATH, N, en|ja.
std::string value_of(const CLI::Option& option) {
    if (option.get_items_expected_max() == 0) return {};
    std::string type = option.get_type_name();
    if (const size_t open = type.find('{'); open != std::string::npos) {  // TEXT:{csv,jsonl}
        std::string choices = type.substr(open + 1, type.find('}') - open - 1);
        for (char& c : choices) c = c == ',' ? '|' : c;
        return choices;
    }
    if (type.starts_with("UINT") || type.starts_with("INT")) return "N";
    return type.starts_with("TEXT") || type.empty() ? "VALUE" : type.substr(0, type.find(':'));
}

bool is_flag(const CLI::Option& option) {
    return option.get_items_expected_max() == 0;
}

class Page {
  public:
    Page(const CLI::App& program, std::vector<const CLI::App*> path)
        : program_(program), path_(std::move(path)) {}

    std::string draw() {
        const std::string name = joined("-");
        const CLI::App& command = *path_.back();
        line(".\\\" Printed by `yagura man`; edit the program, not this page.");
        if (language() == Language::japanese) line(".mso ja.tmac");
        line(fmt::format(".TH {} 1 \"\" \"Yagura\" \"{}\"", upper(name), roff(title())));
        line(".ad l");  // Japanese has no blanks to stretch
        heading(message::man_name);
        line(unguarded(roff(name)) + " \\- " +
             unguarded(roff(is_whole() ? say(message::man_brief) : command.get_description())));
        heading(message::man_synopsis);
        synopsis();
        if (has_arguments(command)) {
            heading(message::man_arguments);
            arguments(command);
        }
        if (has_options(command)) {
            heading(message::man_options);
            options(command);
        }
        if (!subcommands(command).empty()) {
            heading(message::man_commands);
            for (const CLI::App* sub : subcommands(command)) commands(*sub, sub->get_name());
        }
        if (!is_whole()) {
            heading(message::man_global_options);
            options(program_);
        }
        ending();
        return std::move(out_);
    }

  private:
    void line(std::string_view text) {
        out_ += text;
        out_ += '\n';
    }
    // Our headings begin with a letter; mandb wants NAME without a guard before it.
    void heading(const Text& text) { line(".SH " + unguarded(roff(say(text)))); }
    bool is_whole() const { return path_.size() == 1; }
    static std::string title() { return say(message::man_title); }

    std::string joined(std::string_view separator) const {
        std::string out = "yagura";
        for (const CLI::App* part : path_) {
            if (part != &program_) out += std::string(separator) + part->get_name();
        }
        return out;
    }

    static std::vector<const CLI::App*> subcommands(const CLI::App& command) {
        return command.get_subcommands([](const CLI::App*) { return true; });
    }
    static bool has_arguments(const CLI::App& command) {
        return !command.get_options([](const CLI::Option* o) { return o->get_positional(); })
                    .empty();
    }
    static bool has_options(const CLI::App& command) {
        return !command
                    .get_options([&](const CLI::Option* o) {
                        return o->nonpositional() && o != command.get_help_ptr();
                    })
                    .empty();
    }

    static std::string argument_text(const CLI::Option& argument) {
        std::string text = italic(upper(argument.get_name(true)));
        if (argument.get_items_expected_max() > 1) text += "\\&...";
        return argument.get_required() ? text : "[" + text + "]";
    }

    void synopsis() {
        const CLI::App& command = *path_.back();
        std::string text = bold(joined(" "));
        if (has_options(command)) text += " [" + italic(say(message::man_option)) + "]\\&...";
        if (!subcommands(command).empty()) text += " " + italic(say(message::man_command));
        for (const CLI::Option* option : command.get_options()) {
            if (option->get_positional()) text += " " + argument_text(*option);
        }
        line(text);
    }

    void item(const std::string& tag, const std::string& text) {
        line(".TP");
        line(tag);
        line(roff(text));
    }

    void arguments(const CLI::App& command) {
        for (const CLI::Option* option : command.get_options()) {
            if (option->get_positional()) item(argument_text(*option), option->get_description());
        }
    }

    void options(const CLI::App& command) {
        for (const CLI::Option* option : command.get_options()) {
            // --help is said once, among the options of every command.
            if (!option->nonpositional() ||
                (&command != &program_ && option == command.get_help_ptr()))
                continue;
            std::string tag;
            const auto add = [&](const std::string& name) {
                tag += (tag.empty() ? "" : ", ") + bold(name);
            };
            for (const std::string& name : option->get_snames()) add("-" + name);
            for (const std::string& name : option->get_lnames()) add("--" + name);
            if (!is_flag(*option)) tag += " " + italic(value_of(*option));
            item(tag, option->get_description());
        }
    }

    // A command in the page of the one above it: its own section, then those below it.
    void commands(const CLI::App& command, const std::string& name) {
        line(".SS " + roff(name));
        line(roff(command.get_description()));
        arguments(command);
        options(command);
        for (const CLI::App* sub : subcommands(command))
            commands(*sub, name + " " + sub->get_name());
    }

    void ending() {
        heading(message::man_exit_status);
        for (const ExitRow& row : kExits)
            item(bold(std::to_string(row.code)), std::string(row.meaning.in(language())));
        heading(message::man_environment);
        for (const EnvironmentRow& row : environment_rows())
            item(bold(row.name), std::string(row.sentence.in(language())));
        heading(message::man_files);
        item(italic("~/.config/yagura/config.yaml"), say(message::man_file_config));
        item(italic("/usr/share/yagura/rules"), say(message::man_file_rules));
        item(italic("/usr/share/doc/yagura"), say(message::man_file_docs));
    }

    const CLI::App& program_;
    std::vector<const CLI::App*> path_;
    std::string out_;
};

int print_page(const CLI::App& program, const std::vector<std::string>& words) {
    std::vector<const CLI::App*> path{&program};
    for (const std::string& word : words) {
        const CLI::App* next = nullptr;
        std::vector<std::string_view> names;
        for (const CLI::App* sub :
             path.back()->get_subcommands([](const CLI::App*) { return true; })) {
            if (sub->get_name() == word) next = sub;
            names.push_back(sub->get_name());
        }
        if (!next) {
            const std::string hint = suggest(word, names);
            complain(say(message::man_unknown, word) + (hint.empty() ? "" : " (" + hint + ")"));
            return kUsage;
        }
        path.push_back(next);
    }
    fmt::print("{}", Page(program, path).draw());
    return kOk;
}

}  // namespace

void add_man(CLI::App& program, Session& session) {
    auto words = std::make_shared<std::vector<std::string>>();
    CLI::App* command = program.add_subcommand("man", say(message::man_help));
    command->add_option("COMMAND", *words, say(message::man_opt_command));
    command->callback(
        [words, &program, &session] { session.exit_code = print_page(program, *words); });
}

}  // namespace yagura::cli
