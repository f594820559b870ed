// Who asks, and what they may: the answer of signing in, asked for by every resource.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/account_scope.h"

namespace yagura::auth {

// Each role may do what those before it may.
enum class Role : uint8_t {
    viewer,     // read
    analyst,    // + triage, comments, saved views
    responder,  // + exceptions, rules
    admin,      // + people, tokens of others, audit log, settings
};

std::string_view role_name(Role role);  // "viewer", …
std::optional<Role> role_from_name(std::string_view name);

struct Principal {
    std::string name;
    Role role = Role::viewer;
    AccountScope accounts;
    std::string session;  // id of the session or token, never its secret
    std::string csrf;     // what a changing request of this session must carry; empty for tokens

    bool may(Role needed) const { return role >= needed; }
    // A program with an API token, which must not make itself more of them.
    bool is_token() const { return csrf.empty() && !session.empty(); }
};

}  // namespace yagura::auth
