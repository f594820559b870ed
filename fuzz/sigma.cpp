// Sigma YAML: whatever a file holds, reading it ends with rules or diagnostics, within the bounds,
// and both evaluators give the same answer on every rule that loads.
#include "rule/sigma/sigma.h"

#include <cstdint>
#include <string_view>

#include "rule/sigma/detection.h"
#include "rules.h"

using namespace yagura;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const rule::sigma::Reading reading = rule::sigma::read_rules(text, "x.yml", {.warnings = true});
    YAGURA_EXPECT(reading.quarantined <= reading.documents);
    size_t errors = 0;
    for (const Diagnostic& diagnostic : reading.diagnostics)
        errors += diagnostic.grade == Grade::error;
    YAGURA_EXPECT((errors == 0) == (reading.quarantined == 0));
    for (const match::Rule& rule : reading.rules) {
        YAGURA_EXPECT(!rule.info.id.empty() && rule.predicates.size() <= rule::sigma::kMaxOperands);
        fuzz::check_bounds(rule, rule.condition, 0);
    }
    if (!reading.rules.empty()) fuzz::check_answers(reading.rules);
    return 0;
}
