#include "auth/principal.h"

#include <iterator>

namespace yagura::auth {
namespace {

constexpr std::string_view kNames[] = {"viewer", "analyst", "responder", "admin"};

}  // namespace

std::string_view role_name(Role role) {
    return kNames[static_cast<size_t>(role)];
}

std::optional<Role> role_from_name(std::string_view name) {
    for (size_t i = 0; i < std::size(kNames); ++i) {
        if (kNames[i] == name) return static_cast<Role>(i);
    }
    return std::nullopt;
}

}  // namespace yagura::auth
