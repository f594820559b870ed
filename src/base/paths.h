// Where the files shipped with the program are, wherever it was put.
#pragma once

#include <filesystem>

namespace yagura {

// The rules we ship: $YAGURA_RULES when set, else ../share/yagura/rules beside the program when
// that is a folder (installed), else rules/ of the source tree it was built from. May not exist.
std::filesystem::path shipped_rules_dir();

// The folder of the running program; empty when the system does not tell.
std::filesystem::path program_dir();

}  // namespace yagura
