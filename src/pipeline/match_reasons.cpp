#include "pipeline/match_reasons.h"

#include "base/json_text.h"
#include "match/explain.h"
#include "rule/readable.h"

namespace yagura::pipeline {
namespace {

constexpr size_t kMaxOperands = 8;

// The predicate with what matters of its list.
match::Predicate told(const match::Asked& asked) {
    match::Predicate out = *asked.predicate;
    if (asked.operand >= 0) out.operands = {out.operands[static_cast<size_t>(asked.operand)]};
    if (out.operands.size() > kMaxOperands) out.operands.resize(kMaxOperands);
    return out;
}

}  // namespace

std::string match_reasons(const match::Rule& rule,
                          event::Event& event,
                          const logtype::LogType& type) {
    const match::Explanation why = match::explain(rule, event, type.shape);
    std::string out = "[";
    for (const match::Explanation* part : match::reasons(why)) {
        const match::Asked& asked = part->asked;
        if (!asked.predicate) continue;
        if (out.size() > 1) out += ',';
        JsonObject one(out);
        one.text("field", asked.predicate->field);
        one.text("asked", rule::readable(told(asked)));
        if (!part->holds) one.raw("holds", "false");
        if (asked.operand >= 0) {
            one.text("value", asked.value);
        } else if (!asked.values.empty()) {
            one.text("value", asked.values.front());
        }
        one.close();
    }
    return out + "]";
}

}  // namespace yagura::pipeline
