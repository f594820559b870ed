// A password from a person at a terminal, unseen, or from a pipe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace yagura::cli {

// Asks on the terminal without echo, and again to be sure. Code::unsupported when there is no
// terminal, Code::cancelled after Ctrl+C, Code::invalid when the two differ.
Result<std::string> ask_new_password(std::string_view name);

// The first line of standard input, without its end.
Result<std::string> password_from_stdin();

}  // namespace yagura::cli
