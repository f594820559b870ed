// Does an exception cover a finding, of which only the rule and its entities are known?
//
//   if (covers(exception, finding)) …         // every event of it would have been held back
//
// An exception was written for events: it may ask for things a finding does not keep. So its
// condition is decided with three answers (yes, no, unknown), and only a certain yes covers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "match/policy.h"
#include "store/findings.h"

namespace yagura::console {

// Also true when it has expired or only counts; that is for the caller to look at.
bool covers(const match::Exception& exception, const store::KeptFinding& finding);

// The two halves of it: findings of one rule share the first.
bool covers_rule(const match::Exception& exception, const store::KeptFinding& finding);
bool covers_entities(const match::Exception& exception, const store::KeptFinding& finding);

// The accounts outside of which it certainly holds nothing; nullopt when it may hold in any.
std::optional<std::vector<std::string>> accounts_of(const match::Exception& exception);

}  // namespace yagura::console
