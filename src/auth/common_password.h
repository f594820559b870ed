// Passwords that are long enough and still among the first that are tried.
//
//   is_common("Password1234!")   → true
//   is_common("correct horse")   → false
//
// Lists of stolen passwords hold, at twelve characters and more, mostly the same few parts put
// together: a word or two everybody takes, a year or a row of digits, a walk over the keyboard, a
// character or a group repeated. What falls wholly into such parts is common (OWASP ASVS 5.0, 6.2.4
// and 6.2.11).
#pragma once

#include <string_view>

namespace yagura::auth {

bool is_common(std::string_view password);

}  // namespace yagura::auth
