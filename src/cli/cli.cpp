#include "cli/cli.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/cli.h"
#include "base/system_reason.h"
#include "cli/command.h"
#include "cli/screen.h"
#include "cli/settings.h"
#include "cli/usage.h"
#include "cli/version.h"

namespace yagura::cli {
namespace {

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// --lang decides before anything is said, so help and errors come in the right language too; then
// YAGURA_LANG, then the configuration file, then the locale.
Language wanted_language(int argc, char** argv, const Settings& settings) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with("--lang=")) return language_from_tag(word.substr(7));
        if (word == "--lang" && i + 1 < argc) return language_from_tag(argv[i + 1]);
    }
    if (const Setting* setting = settings.find("language"))
        return language_from_tag(setting->values[0]);
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        if (*environment(name)) return language_from_tag(environment(name));
    }
    return Language::english;
}

// Commands that help with a configuration that is wrong, so they run in spite of it.
constexpr std::string_view kHelpful[] = {"config", "doctor", "version", "completion", "man"};

struct WrongConfiguration {};

// A wrong setting stops every other command before it starts.
void refuse_wrong_settings(CLI::App& program, const Settings& settings) {
    if (settings.problems.empty()) return;
    for (CLI::App* command : program.get_subcommands([](CLI::App*) { return true; })) {
        if (std::find(std::begin(kHelpful), std::end(kHelpful), command->get_name()) !=
            std::end(kHelpful))
            continue;
        command->preparse_callback([&settings](size_t) {
            for (const Diagnostic& problem : settings.problems)
                fmt::print(stderr, "{}\n", to_string(problem));
            throw WrongConfiguration();
        });
    }
}

// Parses the command line, which runs its command.
int obey(CLI::App& program, int argc, char** argv, const Session& session) {
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return program.exit(error), kOk;  // help or version
        complain(usage_sentence(program, error));
        fmt::print(stderr, "{}\n", say(message::usage_see_help, command_line_of(program)));
        return kUsage;
    } catch (const WrongConfiguration&) {
        return kUsage;
    }
    return session.exit_code;
}

// What was printed may still wait in a buffer; on a full disk, whoever reads it later must learn
// that it is not whole. `refused` is why a stream took no more, if one did.
int with_output_written(int exit_code, int refused = 0) {
    const bool had_failed = std::ferror(stdout) != 0;
    errno = 0;
    const bool fails = std::fflush(stdout) != 0 || had_failed;
    if (!fails && refused == 0) return exit_code;
    std::string sentence = system_reason(errno ? errno : refused ? refused : EIO);
    if (fails) sentence = say(message::cannot_write, say(message::standard_output), sentence);
    std::fputs(("yagura: " + sentence + "\n").c_str(), stderr);  // never throws, as fmt does
    return kFailed;
}

}  // namespace

int run(int argc, char** argv, std::span<const server::Asset> assets) {
    set_language(wanted_language(argc, argv, {}));
    Settings settings = read_settings();
    if (const Language wanted = wanted_language(argc, argv, settings); wanted != language()) {
        set_language(wanted);
        settings = read_settings();  // what it complains of comes in that language too
    }
    Session session;
    session.assets = assets;
    session.no_color = *environment("NO_COLOR") ||
                       std::string_view(environment("TERM")) == "dumb" || !isatty(STDERR_FILENO);

    CLI::App program(say(message::cli_program), "yagura");
    speak(program);
    program.set_help_flag("-h,--help", say(message::cli_opt_help));
    program.set_version_flag(
        "--version", fmt::format("yagura {}", program_version()), say(message::cli_opt_version));
    program.require_subcommand(1);
    program.fallthrough();
    std::string lang;
    program.add_option("--lang", lang, say(message::cli_opt_lang))
        ->check(CLI::IsMember({"en", "ja"}));
    program.add_flag("-q,--quiet", session.quiet, say(message::cli_opt_quiet));
    program.add_flag("--no-color", session.no_color, say(message::cli_opt_no_color));
    program.add_option("--lists", session.lists, say(message::cli_opt_lists))
        ->allow_extra_args(false);
    program.add_option("-j,--threads", session.threads, say(message::cli_opt_threads))
        ->check(CLI::Range(1, 1024));
#define COMMAND(name) add_##name(program, session);
#include "cli/commands.def"
#undef COMMAND
    refuse_negative_counts(program);
    refuse_wrong_settings(program, settings);
    if (settings.problems.empty()) settings.apply(program);
    try {
        return with_output_written(obey(program, argc, argv, session));
    } catch (const std::system_error& error) {  // fmt's, of a stream that takes no more
        return with_output_written(kFailed, error.code().value());
    }
}

}  // namespace yagura::cli
