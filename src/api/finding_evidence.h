// What stands behind a finding: its rule as it is now, and its first events.
#pragma once

#include <string>

#include "api/route.h"
#include "base/json_text.h"
#include "store/findings.h"

namespace yagura::api {

// Members description, false_positives, references, rule_file, rule_source; nothing for a rule that
// is gone.
void write_rule(JsonObject& row,
                std::string& out,
                const Call& call,
                const store::KeptFinding& finding);

// Member events. What an event says is there as far as the lake still has it.
Result<void> write_evidence(JsonObject& row,
                            std::string& out,
                            const Call& call,
                            const store::KeptFinding& finding);

}  // namespace yagura::api
