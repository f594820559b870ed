// Which build this is.
#pragma once

#include <string_view>

namespace yagura::cli {

std::string_view program_version();  // "0.1.0"
std::string_view program_build();    // "release" or "debug"

}  // namespace yagura::cli
