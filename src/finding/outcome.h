// Whether what an event tells of came to nothing.
//
//   if (is_failure(event, type)) ++failed;
//
// An error code says so, but not every failure has one: a refused console sign-in does not. The log
// type knows (its column event_outcome); one that keeps no outcome has no failures.
#pragma once

#include "event/event.h"
#include "logtype/log_type.h"

namespace yagura::finding {

bool is_failure(event::Event& event, const logtype::LogType& type);

}  // namespace yagura::finding
