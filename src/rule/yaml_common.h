// The YAML in which nearly all rules are written, read several times as fast as all of YAML.
//
//   if (auto file = parse_common_yaml(text)) …    // else ask parse_any_yaml()
//
// Known are block maps and lists, plain and quoted scalars of one line without escapes, block
// scalars (| and >), lists in brackets on one line, comments, and documents after "---". At
// anything else (an anchor, a tag, a key without a value, a tab, a key twice, …) it gives up as a
// whole, so all errors are told by the one road that knows them. What it does read is the same tree
// that parse_any_yaml() makes of it; a test compares the two on every rule at hand and on what
// random changes make of them.
#pragma once

#include <optional>
#include <string_view>

#include "rule/yaml.h"

namespace yagura::rule {

// Of valid UTF-8 without control characters, which must outlive the file; nullopt: not for this.
std::optional<YamlFile> parse_common_yaml(std::string_view text);

// The whole of YAML, as libyaml reads it.
YamlFile parse_any_yaml(std::string_view text, Problems& problems);

}  // namespace yagura::rule
