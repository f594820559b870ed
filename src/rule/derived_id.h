// Ids for rules whose language or author gave them none.
#pragma once

#include <string>

#include "base/hash.h"

namespace yagura::rule {

// Made of the hash of what the rule says, so that it stays the same until the rule changes (RFC
// 9562, version 8: a UUID of our own making).
std::string derived_id(const Hash128& content);

}  // namespace yagura::rule
