// Every lint of `yagura rules lint`: what is wrong or likely a mistake in a rule. One row each.
//
//   problems.warn(Lint::needless_wildcard, at, say(…));      // where it is found
//   row_of(Lint::needless_wildcard).remedy.in(language())
#pragma once

#include <span>
#include <string_view>

#include "base/language.h"

namespace yagura::rule {

enum class Lint : uint8_t {
#define LINT(name, severity, english, japanese, remedy, remedy_ja) name,
#include "rule/lints.def"
#undef LINT
};

enum class LintSeverity : uint8_t {
    error,    // the rule is not used
    warning,  // it is used, and likely does not do what its author meant
    style,    // it does, and could be written better
};

struct LintRow {
    std::string_view code;  // "needless-wildcard"
    LintSeverity severity;
    Text sentence;
    Text remedy;
};

std::span<const LintRow> lints();
const LintRow& row_of(Lint lint);
const LintRow* find_lint(std::string_view code);
std::string_view severity_name(LintSeverity severity);  // "warning"

}  // namespace yagura::rule
