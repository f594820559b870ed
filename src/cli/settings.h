// What a person sets once instead of on every command line: a configuration file and the
// environment.
//
//   const Settings settings = read_settings();    // ~/.config/yagura/config.yaml, YAGURA_…
//   settings.apply(program);                       // become the defaults of the options
//
// The command line beats the environment, which beats the file, which beats the defaults. Every
// setting is one row of settings(): docs/configuration.md and `yagura config` are about those rows.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/language.h"

namespace CLI {
class App;
}

namespace yagura::cli {

struct SettingRow {
    enum class Kind : uint8_t {
        boolean,
        number,  // 1 to 1024
        word,    // one of `choices`
        path,
        paths,  // a list; in the environment separated by colons
    };
    std::string_view key;  // in the file
    Kind kind;
    std::string_view environment;  // variable; may be empty
    std::string_view option;       // whose default it becomes, in every command that has it
    bool negates;                  // the option switches off what the setting switches on
    std::span<const std::string_view> choices;
    Text fallback;  // what holds when nobody says anything
    Text sentence;
};
std::span<const SettingRow> settings();

// Environment variables the program reads, settings and others, for the manual.
struct EnvironmentRow {
    std::string_view name;
    Text sentence;
};
std::vector<EnvironmentRow> environment_rows();

// One setting that somebody made.
struct Setting {
    const SettingRow* row;
    std::vector<std::string> values;  // one, except for paths; booleans are "true" or "false"
    std::string origin;               // "/home/a/.config/yagura/config.yaml:3", "$YAGURA_LAKE"
};

struct Settings {
    std::filesystem::path file;  // where the file is looked for; empty when there is none to read
    bool found = false;          // and it is there
    std::vector<Setting> made;   // at most one a row; environment over file
    std::vector<Diagnostic> problems;

    const Setting* find(std::string_view key) const;

    // Makes them the defaults of the options of the program and its commands. Only what has no
    // problems may be applied.
    void apply(CLI::App& program) const;
};

// Reads $YAGURA_CONFIG when it is set (and nothing when it is set to nothing), else
// $XDG_CONFIG_HOME/yagura/config.yaml, else ~/.config/yagura/config.yaml; then the environment.
// A file that was named and is not there is a problem.
Settings read_settings();

// The same for one file and no environment.
Settings read_settings_file(const std::filesystem::path& file);

}  // namespace yagura::cli
