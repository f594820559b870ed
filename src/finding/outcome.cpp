#include "finding/outcome.h"

namespace yagura::finding {

bool is_failure(event::Event& event, const logtype::LogType& type) {
    const int code = type.roles.error_code;
    if (code >= 0 && !event.text(static_cast<event::SlotId>(code)).empty()) return true;
    const auto outcome = type.dictionary().find("event_outcome");
    return outcome && event.text(*outcome) == "failure";
}

}  // namespace yagura::finding
