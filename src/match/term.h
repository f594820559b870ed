// The values of terms (ir.h), for predicates that ask about them and for the lines rules print.
//
//   if (const auto text = term_text(term, event)) …      // absent: nullopt
//
// The fields a term names must be in the event's plan; others are absent. A string has its escapes
// resolved, numbers and booleans their spelling, an object or array its JSON text without blanks
// between tokens; JSON null is absent, unless the term says otherwise. Both evaluators use these
// very functions. They allocate: predicates with terms are decided last.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "match/ir.h"

namespace yagura::match {

// Terms nested deeper than this are absent.
constexpr uint32_t kMaxTermDepth = 32;

// No more values of one `each` are looked at.
constexpr size_t kMaxEachValues = 4096;

// The value of a term that has at most one; of several the first.
std::optional<std::string> term_text(const Term& term, const event::Event& event);

// Whether a predicate with terms holds.
bool terms_hold(const Predicate& predicate, const event::Event& event);

// The text of the value that `path` leads to in `json`, which should be valid: as in the JSON for
// objects, arrays, numbers and booleans, without quotes and escapes for a string. Nullopt when
// there is none, or it is null and `null_is_text` does not ask for that word.
std::optional<std::string> json_at(std::string_view json,
                                   const std::vector<Term::Step>& path,
                                   bool null_is_text = false);

// Calls `visit(name)` for every field a term looks at.
template <class Visit>
void for_each_field(const Term& term, Visit&& visit) {
    const bool names = term.kind == Term::Kind::field || term.kind == Term::Kind::each;
    if (names && !term.text.empty()) visit(term.text);
    for (const Term& inner : term.terms) for_each_field(inner, visit);
}

}  // namespace yagura::match
