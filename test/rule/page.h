// The examples that pages under docs/ show.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::test {

inline std::string page(std::string_view name) {
    std::ifstream stream(std::string(YAGURA_SOURCE_DIR) + "/docs/" + std::string(name));
    return {std::istreambuf_iterator<char>(stream), {}};
}

// The fenced blocks of one language.
inline std::vector<std::string> examples(std::string_view text, std::string_view language) {
    std::vector<std::string> out;
    const std::string fence = "\n```" + std::string(language) + "\n";
    for (size_t at = text.find(fence); at != std::string_view::npos; at = text.find(fence, at)) {
        at += fence.size();
        out.emplace_back(text.substr(at, text.find("\n```", at) + 1 - at));
    }
    return out;
}

}  // namespace yagura::test
