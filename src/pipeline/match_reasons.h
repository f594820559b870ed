// What made a rule match an event, as compact JSON: the parts that held with the value that did,
// and what was asked and was not so where the rule says `not`.
//
//   [{"field":"eventName","asked":"eventName is \"StopLogging\"","value":"StopLogging"}]
#pragma once

#include <string>

#include "event/event.h"
#include "logtype/log_type.h"
#include "match/ir.h"

namespace yagura::pipeline {

// `event` is one that the rule matched. Of a list only the value that matched is told.
std::string match_reasons(const match::Rule& rule,
                          event::Event& event,
                          const logtype::LogType& type);

}  // namespace yagura::pipeline
