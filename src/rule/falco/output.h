// The line a Falco rule prints: a text with %fields in it.
//
//   YAGURA… parts = read_output(written, lowering, mistakes);      // when loading
//   std::string line = fill_output(rule.output, event);            // when it matched
#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "match/ir.h"
#include "rule/falco/definitions.h"
#include "rule/falco/lower.h"

namespace yagura::rule::falco {

// %ct.name, %json.value[/a/b] and %tolower(ct.name); %% is a percent sign.
std::vector<match::OutputPart> read_output(const Written& text,
                                           bool known,
                                           Lowering& lowering,
                                           std::vector<Mistake>& mistakes);

}  // namespace yagura::rule::falco
