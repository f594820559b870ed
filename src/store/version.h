// Which reading of the logs filled a lake: kept with quarantined records, so that a later program
// knows what to try again. Raise it when a parser learns to read what it could not.
#pragma once

#include <string_view>

namespace yagura::store {

constexpr std::string_view kParserVersion = "1";

}  // namespace yagura::store
