#include "base/paths.h"

#include <cstdlib>
#include <system_error>

namespace yagura {

namespace fs = std::filesystem;

fs::path program_dir() {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::path() : program.parent_path();
}

fs::path shipped_rules_dir() {
    std::error_code error;
    if (const char* wanted = std::getenv("YAGURA_RULES"); wanted && *wanted) return wanted;
    const fs::path installed = program_dir().parent_path() / "share/yagura/rules";
    if (fs::is_directory(installed, error)) return installed;
    return YAGURA_SOURCE_RULES;
}

}  // namespace yagura
