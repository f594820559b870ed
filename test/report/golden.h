// Compares text with a file under test/samples/report/; YAGURA_UPDATE=1 rewrites the file and the
// diff is the review.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

namespace yagura::report {

inline void check_golden(const std::string& name, const std::string& text) {
    const std::string path = std::string(YAGURA_SOURCE_DIR) + "/test/samples/report/" + name;
    if (std::getenv("YAGURA_UPDATE")) std::ofstream(path, std::ios::binary) << text;
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file, "no " << path << "; run with YAGURA_UPDATE=1 to write it");
    std::stringstream expected;
    expected << file.rdbuf();
    CHECK_MESSAGE(expected.str() == text, "differs from " << path);
}

}  // namespace yagura::report
