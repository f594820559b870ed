// First-seen rules: an ordinary Sigma rule whose matches matter only when a combination of their
// values was never there before. Sigma has no such thing, so it stands under a key of our own,
// which other tools pass over:
//
//   x-yagura:
//       first_seen: {fields: [userIdentity.arn, awsRegion], history: 14d, learning: 1d}
//
// The meaning of each key is docs/sigma.md.
#pragma once

#include <optional>

#include "match/first_seen.h"
#include "rule/sigma/detection.h"
#include "rule/sigma/document.h"

namespace yagura::rule::sigma {

// Reads the map under `first_seen`; info and rules are left to the caller. Nullopt after a problem.
std::optional<match::FirstSeen> read_first_seen(const YamlNode& node,
                                                const FieldCheck& check_field,
                                                Problems& problems);

}  // namespace yagura::rule::sigma
