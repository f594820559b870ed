// The modifiers of Sigma (`field|contains|all`): one row each, with the function that carries it
// out.
//
//   Item item{.field = "userAgent", .values = …};
//   apply_modifiers(item, uses, problems);        // left to right; an unknown name is a problem
//
// Adding a modifier is one row in modifiers.cpp. The meaning of each, with every ruling, is
// docs/sigma.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "match/ir.h"
#include "rule/sigma/value.h"

namespace yagura::rule {
class Lists;
}

namespace yagura::rule::sigma {

// One field with its values ("eventName: [A, B]") while modifiers change them.
struct Item {
    std::string field;  // empty for keywords
    // Each value as written, with the alternatives it was expanded to: alternatives are OR even
    // under `all`.
    std::vector<std::vector<Value>> values;
    bool all = false;      // every value must match, not just one
    bool negated = false;  // neq: the whole item must not match
    bool cased = false;
    match::TimePart part = match::TimePart::none;
    std::string regex_flags;       // of "ims"
    const Lists* lists = nullptr;  // for `expand`
};

// One modifier as a rule uses it.
struct Use {
    std::string_view name;
    Position at;
    size_t index;  // how many modifiers stand before it
};

struct Modifier {
    std::string_view name;
    Kinds accepts;     // values it can be applied to
    bool first;        // must be the first modifier (cidr: or follow expand)
    bool needs_field;  // makes no sense for keywords
    void (*apply)(Item& item, const Use& use, Problems& problems);
    Text sentence;
};

std::span<const Modifier> modifiers();
const Modifier* find_modifier(std::string_view name);

constexpr size_t kMaxModifiers = 16;  // on one field

// What a regular expression value of `item` asks RE2 to look for, flags in front.
std::string regex_pattern(const Item& item, const Value& value);

// Applies `uses` in order; stops at the first problem. Returns false when there was one.
bool apply_modifiers(Item& item, std::span<const Use> uses, Problems& problems);

}  // namespace yagura::rule::sigma
