#include "simulate/actions.h"

#include <algorithm>
#include <array>
#include <vector>

namespace yagura::simulate {
namespace {

struct Row {
    std::string_view id, service, name;
    Access access;
    std::string_view request, response, extra, resources;
};

// clang-format off
constexpr Row kRows[] = {
#define ACTION(service, name, access, request, response, extra, resources) \
    {#service ":" #name, #service, #name, Access::access, request, response, extra, resources},
#include "simulate/actions.def"
#undef ACTION
};
// clang-format on

// Services with one endpoint for the whole partition: their calls are recorded in us-east-1.
bool is_global(std::string_view service) {
    constexpr std::array<std::string_view, 6> kGlobal = {
        "iam", "organizations", "health", "ce", "cloudfront", "signin"};
    return std::find(kGlobal.begin(), kGlobal.end(), service) != kGlobal.end();
}

std::vector<Action> build() {
    std::vector<Action> actions;
    for (const Row& row : kRows) {
        actions.push_back({row.id,
                           row.service,
                           row.name,
                           row.access,
                           is_global(row.service),
                           Template(row.request),
                           Template(row.response),
                           Template(row.extra),
                           Template(row.resources),
                           !row.extra.empty(),
                           !row.resources.empty()});
    }
    return actions;
}

}  // namespace

std::span<const Action> all_actions() {
    static const std::vector<Action> actions = build();
    return actions;
}

const Action* find_action(std::string_view id) {
    const auto actions = all_actions();
    const auto found = std::find_if(
        actions.begin(), actions.end(), [&](const Action& action) { return action.id == id; });
    return found == actions.end() ? nullptr : &*found;
}

}  // namespace yagura::simulate
