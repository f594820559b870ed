// The command line: one file per command under cli/, one line each in commands.def.
#pragma once

#include <span>

#include "server/assets.h"

namespace yagura::cli {

// Runs the program. Returns the exit code of the contract: 0 ok, 1 failed, 2 usage, 3 found at or
// above --fail-level, 4 partial (some input unreadable), 130 interrupted.
int run(int argc, char** argv, std::span<const server::Asset> assets = {});

}  // namespace yagura::cli
