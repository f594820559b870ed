// What ATT&CK calls its techniques: rules tag ids, people read names.
//
// Source: attack.mitre.org, matrix "Enterprise", version 17, as far as rules about clouds use them.
#pragma once

#include <string_view>

namespace yagura::finding {

// "Valid Accounts" for T1078 and "Cloud Accounts" for T1078.004; of an unknown sub-technique the
// name of its technique, else empty. Names are English in every language, as in ATT&CK.
std::string_view technique_name(std::string_view id);

}  // namespace yagura::finding
