// One line for what a person did that others may ask about later.
//
//   YAGURA_CHECK(audit(call, "rule.disable", id, reason));      // after it was done
//
// Written to the audit log with who asked and from where. Names of actions are "thing.verb". Never
// put a secret into it.
#pragma once

#include <string_view>

#include "api/route.h"
#include "auth/people.h"

namespace yagura::api {

Result<void> audit(const Call& call,
                   std::string_view action,
                   std::string_view target,
                   std::string_view detail = {},
                   std::string_view result = "ok");

// Who asks, for what writes its rows itself.
auth::Actor actor_of(const Call& call);

}  // namespace yagura::api
