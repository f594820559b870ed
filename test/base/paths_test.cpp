#include "base/paths.h"

#include <cstdlib>

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("the folder of the running program is known") {
    CHECK(std::filesystem::is_directory(program_dir()));
}

TEST_CASE("rules come from YAGURA_RULES when it is set") {
    setenv("YAGURA_RULES", "/somewhere/else", 1);
    CHECK(shipped_rules_dir() == "/somewhere/else");
    unsetenv("YAGURA_RULES");
}

TEST_CASE("a program that was not installed uses the rules of its source tree") {
    CHECK(shipped_rules_dir() == std::filesystem::path(YAGURA_SOURCE_DIR) / "rules");
}
