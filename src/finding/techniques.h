// Which tactics of ATT&CK a technique serves: rules tag both, ATT&CK says which belong together.
//
// Source: attack.mitre.org, matrix "Enterprise", version 17, techniques of cloud platforms,
// containers and preparation. A sub-technique stands in the table only where it differs from its
// technique.
#pragma once

#include <optional>
#include <string_view>

#include "finding/attack.h"

namespace yagura::finding {

// "T1078" or "T1078.004"; nullopt for one that is not in the table, nor its technique.
std::optional<TacticSet> tactics_of_technique(std::string_view technique);

}  // namespace yagura::finding
