// Rules that are switched off: what a set of rules is without them, and the file that remembers
// them.
//
//   - rule: 3c3bd63c-0ab3-4b4d-9d3c-7f6f1b0b3c5e
//     title: A user was given administrator rights
//     who: alice
//     when: 2026-11-22T03:04:05Z
//     reason: The platform team does this every Monday.
//
//   Problems problems("disabled.yml");
//   const std::vector<Disabled> disabled = read_disabled(text, problems);
//   leave_out(set, ids_of(disabled));
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "rule/problems.h"

namespace yagura::rule {

struct RuleSet;

using DisabledIds = std::set<std::string, std::less<>>;

struct Disabled {
    std::string rule;   // id
    std::string title;  // as it was then, for whoever reads the file
    std::string who;
    Timestamp when{};
    std::string reason;
    friend bool operator==(const Disabled&, const Disabled&) = default;
};

constexpr size_t kMaxDisabled = 4000;
constexpr size_t kMaxReasonBytes = 500;

// Entries without a mistake; an id comes once, the last time it stands there.
std::vector<Disabled> read_disabled(std::string_view text, Problems& problems);

// What read_disabled() reads back.
std::string disabled_text(const std::vector<Disabled>& disabled);

DisabledIds ids_of(const std::vector<Disabled>& disabled);

// Takes the rules, first-seen rules and correlations of these ids out of the set. (Filters are
// switched off while rules are loaded, as they are a part of them: LoadOptions.) Those that one
// which stays looks at stay too, but are told of no more: their matches are a tag on the event.
// Rules that a correlation made silent stay silent when that correlation is disabled.
void leave_out(RuleSet& set, const DisabledIds& disabled);

}  // namespace yagura::rule
