#include "cli/cli.h"

#include <cstdlib>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/cli.h"
#include "cli/command.h"

namespace yagura::cli {
namespace {

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// --lang decides before anything is said, so help and errors come in the right language too.
Language wanted_language(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with("--lang=")) return language_from_tag(word.substr(7));
        if (word == "--lang" && i + 1 < argc) return language_from_tag(argv[i + 1]);
    }
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        if (*environment(name)) return language_from_tag(environment(name));
    }
    return Language::english;
}

}  // namespace

int run(int argc, char** argv) {
    set_language(wanted_language(argc, argv));
    Session session;
    session.no_color = *environment("NO_COLOR") ||
                       std::string_view(environment("TERM")) == "dumb" || !isatty(STDERR_FILENO);

    CLI::App program(say(message::cli_program), "yagura");
    program.require_subcommand(1);
    program.fallthrough();
    std::string lang;
    program.add_option("--lang", lang, say(message::cli_opt_lang))
        ->check(CLI::IsMember({"en", "ja"}));
    program.add_flag("-q,--quiet", session.quiet, say(message::cli_opt_quiet));
    program.add_flag("--no-color", session.no_color, say(message::cli_opt_no_color));
    program.add_option("-j,--threads", session.threads, say(message::cli_opt_threads))
        ->check(CLI::Range(1, 1024));
#define COMMAND(name) add_##name(program, session);
#include "cli/commands.def"
#undef COMMAND
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kOk : kUsage;
    }
    return session.exit_code;
}

}  // namespace yagura::cli
