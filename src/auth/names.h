// Texts from outside that are kept about people, brought into one form.
#pragma once

#include <string>
#include <string_view>

#include "base/account_scope.h"
#include "base/result.h"

namespace yagura::auth {

constexpr size_t kLongestName = 64;
constexpr size_t kMostAccounts = 1000;

// Who everyone on the loopback is until the first administrator exists. Nobody else may be it.
constexpr std::string_view kLocalName = "local";

// The name in lower case: letters, digits and . _ - @ + of ASCII, beginning with a letter or digit,
// at most kLongestName. Code::invalid otherwise, and for reserved names.
Result<std::string> normal_name(std::string_view text);

// Code::invalid unless each account is 1 to 64 letters, digits, '-' or '_', at most kMostAccounts.
Result<void> check_accounts(const AccountScope& accounts);

// At most `most` bytes of valid UTF-8, with … when something was cut.
std::string clipped(std::string_view text, size_t most);

// As the file keeps it: "111122223333,444455556666". Says nothing of all accounts.
std::string accounts_text(const AccountScope& accounts);
AccountScope accounts_from(std::string_view text);

}  // namespace yagura::auth
