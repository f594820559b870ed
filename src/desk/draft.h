// A Sigma rule to begin with, made from what somebody saw in an event.
//
//   const std::string text = draft_text({.type = type, .fields = {{"eventName",
//   {"DeleteTrail"}}}});
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "logtype/log_type.h"

namespace yagura::desk {

struct Draft {
    const logtype::LogType* type = nullptr;
    // What must hold, by the name as people write it; several values are alternatives.
    std::vector<std::pair<std::string, std::vector<std::string>>> fields;
    std::string author;
    Timestamp now{};
};

// In the language of this thread where it is prose. Loads without a mistake.
std::string draft_text(const Draft& draft);

}  // namespace yagura::desk
