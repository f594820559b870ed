// API operations that matter when an account is attacked, each with the reason a person is shown.
//
//   if (const SensitiveApi* api = find_sensitive_api("iam", "CreateAccessKey")) …
//   api->reason.in(language())
//
// The list is ours, from the AWS API references and what attacks on AWS accounts are known to call;
// it sorts summaries, it is no detection (rules are).
#pragma once

#include <span>
#include <string_view>

#include "base/language.h"
#include "finding/attack.h"

namespace yagura::finding {

struct SensitiveApi {
    std::string_view service;  // event source without ".amazonaws.com"
    std::string_view
        name;  // operation, without a version suffix ("ListFunctions20150331" is ListFunctions)
    Tactic tactic;
    Text reason;
};

const SensitiveApi* find_sensitive_api(std::string_view service, std::string_view name);
std::span<const SensitiveApi> sensitive_apis();

// "iam.amazonaws.com" → "iam"
std::string_view service_of(std::string_view event_source);

}  // namespace yagura::finding
