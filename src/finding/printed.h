// The lines rules print about the events they match, for languages that have such lines (Falco).
//
//   std::optional<Printed> line = print(rule, event, object, ordinal);   // while the event lives
//   sort_printed(lines);                                                 // once all are there
//
// Made only when somebody asked for them: a line costs about as much as reading its event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "match/ir.h"

namespace yagura::finding {

struct Printed {
    const match::RuleInfo* rule = nullptr;  // must outlive it
    Timestamp time{};
    std::string object;  // where the event was read, and
    uint64_t ordinal = 0;
    std::string text;    // the rule's template, filled; <NA> for an absent field
    std::string fields;  // {"ct.name":"CreateUser","ct.error":null}, the fields of the template
};

// No more lines than this are kept in one scan.
constexpr uint64_t kMaxPrinted = 500'000;

// Nullopt for a rule that prints none.
std::optional<Printed> print(const match::Rule& rule,
                             const event::Event& event,
                             std::string_view object,
                             uint64_t ordinal);

// By time, then rule, object and ordinal, whatever the order they came in.
void sort_printed(std::vector<Printed>& lines);

}  // namespace yagura::finding
