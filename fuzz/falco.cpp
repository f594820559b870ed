// Falco YAML: whatever a file holds, reading it ends with rules or diagnostics, within the bounds,
// both evaluators give the same answer on every rule that loads, and its output can be filled.
#include "rule/falco/falco.h"

#include <cstdint>
#include <string_view>

#include "rule/falco/lower.h"
#include "rules.h"

using namespace yagura;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // A second file that changes what the first defines: everything is read with and without it.
    constexpr std::string_view kLater =
        "- rule: R\n  append: true\n  condition: and ct.id exists\n";
    const rule::falco::File files[] = {{"x.yaml", text}, {"y.yaml", kLater}};
    for (const size_t count : {1, 2}) {
        const auto readings = rule::falco::read_files({files, count}, {.warnings = true});
        YAGURA_EXPECT(readings.size() == count);
        std::vector<match::Rule> rules = readings[0].rules;
        YAGURA_EXPECT(readings[0].quarantined <= readings[0].documents);
        for (const match::Rule& rule : rules) {
            YAGURA_EXPECT(!rule.info.id.empty() &&
                          rule.predicates.size() <= rule::falco::kMaxNodes);
            fuzz::check_bounds(rule, rule.condition, 0);
        }
        if (!rules.empty()) fuzz::check_answers(rules);
    }
    (void)rule::falco::is_falco(text);
    return 0;
}
