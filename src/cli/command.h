// What a command file sees: the options every command shares, and how it joins the program.
//
// cli/<name>.cpp defines `void add_<name>(CLI::App& program, Session& session)`, which declares the
// subcommand with its options and a callback; the callback sets session.exit_code. One line in
// commands.def.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "server/assets.h"

namespace CLI {
class App;
}

namespace yagura::cli {

// Exit codes of the contract (docs/cli.md).
enum Exit : int { kOk = 0, kFailed = 1, kUsage = 2, kFound = 3, kPartial = 4, kInterrupted = 130 };

struct Session {
    int exit_code = kOk;
    bool quiet = false;
    bool no_color = false;                  // --no-color, NO_COLOR, TERM=dumb or not a terminal
    uint32_t threads = 0;                   // 0: one per core
    std::vector<std::string> lists;         // files and folders of lists that rules ask for
    std::span<const server::Asset> assets;  // the browser side, for `serve`
};

#define COMMAND(name) void add_##name(CLI::App& program, Session& session);
#include "cli/commands.def"
#undef COMMAND

}  // namespace yagura::cli
