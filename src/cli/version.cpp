// `yagura version`: which build this is; --json for programs and bug reports.
#include "cli/version.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/language.h"
#include "base/text.h"
#include "cli/command.h"
#include "logtype/log_type.h"

#ifndef YAGURA_VERSION
#error "YAGURA_VERSION comes from src/CMakeLists.txt"
#endif

namespace yagura::cli {
namespace {

constexpr Text kHelp{"print the version", "バージョンを表示する"};
constexpr Text kJsonHelp{"as JSON", "JSON で出力する"};

#ifdef NDEBUG
constexpr std::string_view kBuild = "release";
#else
constexpr std::string_view kBuild = "debug";
#endif

void print_version(bool json) {
    if (!json) {
        fmt::print("yagura {}\n", YAGURA_VERSION);
        return;
    }
    std::string types;
    for (const logtype::LogType* type : logtype::all()) {
        if (!types.empty()) types += ',';
        types += json_quote(type->name);
    }
    fmt::print(R"({{"name":"yagura","version":"{}","build":"{}","compiler":{},"log_types":[{}]}})"
               "\n",
               YAGURA_VERSION,
               kBuild,
               json_quote("gcc-compatible " __VERSION__),
               types);
}

}  // namespace

std::string_view program_version() {
    return YAGURA_VERSION;
}

std::string_view program_build() {
    return kBuild;
}

void add_version(CLI::App& program, Session&) {
    auto json = std::make_shared<bool>(false);
    CLI::App* command = program.add_subcommand("version", std::string(kHelp.in(language())));
    command->add_flag("--json", *json, std::string(kJsonHelp.in(language())));
    command->callback([json] { print_version(*json); });
}

}  // namespace yagura::cli
