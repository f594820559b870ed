// Rule folders made for one test, and what loading them gives.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "rule/loader.h"
#include "support/folder.h"

namespace doctest {

// One line per text, so that a failure can be read.
template <>
struct StringMaker<std::vector<std::string>> {
    static String convert(const std::vector<std::string>& lines) {
        std::string out;
        for (const std::string& line : lines) out += "\n    " + line;
        return out.c_str();
    }
};

}  // namespace doctest

namespace yagura::test {

namespace fs = std::filesystem;

// A rule "T <event>" about one event name of CloudTrail; `more` are lines before its logsource.
inline std::string rule_text(std::string_view id,
                             std::string_view event,
                             std::string_view more = "") {
    return fmt::format(
        "title: T {1}\nid: {0}\n{2}logsource: {{product: aws, service: cloudtrail}}\ndetection:\n"
        "    s: {{eventName: {1}}}\n    condition: s\n",
        id,
        event,
        more);
}

inline rule::RuleSet load(const rule::LoadOptions& options) {
    auto set = rule::load_rules(options);
    REQUIRE(set.has_value());
    return std::move(*set);
}

// "2.yml:7:9: no rule … (did you mean …?)" for each, without the folders in front.
inline std::vector<std::string> lines_of(const std::vector<Diagnostic>& diagnostics) {
    std::vector<std::string> out;
    for (const Diagnostic& d : diagnostics) {
        std::string line = fmt::format(
            "{}:{}:{}: {}", fs::path(d.file).filename().string(), d.line, d.column, d.message);
        if (!d.hint.empty()) line += " (" + d.hint + ")";
        out.push_back(std::move(line));
    }
    return out;
}

}  // namespace yagura::test
