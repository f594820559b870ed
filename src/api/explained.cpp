#include "api/explained.h"

#include "api/asking.h"
#include "base/messages/hunt.h"
#include "rule/readable.h"

namespace yagura::api {
namespace {

std::string label_of(const match::Explanation& part) {
    using Kind = match::Condition::Kind;
    switch (part.kind) {
        case Kind::all:
            return say(message::hunt_all);
        case Kind::any:
            return say(message::hunt_any);
        case Kind::negation:
            return say(message::hunt_not);
        case Kind::predicate:
            if (part.asked.predicate) return rule::readable(*part.asked.predicate);
            break;
        case Kind::constant:
            break;
    }
    return say(message::hunt_constant);
}

// What the event held where it was asked.
std::string found_in(const match::Asked& asked) {
    switch (asked.outcome) {
        case match::Outcome::missing:
            return say(message::hunt_missing);
        case match::Outcome::null:
            return say(message::hunt_is_null);
        case match::Outcome::holds:
            if (!asked.value.empty()) return asked.value;
            break;
        case match::Outcome::differs:
            break;
    }
    std::string out;
    for (const std::string& value : asked.values) out += (out.empty() ? "" : ", ") + value;
    return asked.more_values ? out + ", …" : out;
}

}  // namespace

void append_explanation(std::string& out, const match::Explanation& part) {
    JsonObject one(out);
    put_text(one, out, "label", label_of(part));
    one.boolean("ok", part.holds);
    if (part.asked.predicate) {
        const match::Asked& asked = part.asked;
        if (!asked.predicate->field.empty()) put_text(one, out, "field", asked.predicate->field);
        one.key("values");
        JsonList values(out);
        for (const match::Operand& operand : asked.predicate->operands) {
            if (operand.kind == match::Operand::Kind::text)
                append_json(values.next(), operand.text);
        }
        values.close();
        if (const std::string found = found_in(asked); !found.empty())
            put_text(one, out, "found", found);
        if (!asked.nearest.empty()) put_text(one, out, "nearest", asked.nearest);
    }
    if (!part.parts.empty()) {
        one.key("children");
        JsonList children(out);
        for (const match::Explanation& child : part.parts)
            append_explanation(children.next(), child);
        children.close();
    }
    one.close();
}

}  // namespace yagura::api
