// How the five levels of rules are named, weighed and coloured wherever people see them.
#pragma once

#include <string_view>

#include "base/language.h"
#include "match/ir.h"

namespace yagura::finding {

using match::Level;

struct Severity {
    Level level;
    std::string_view name;  // in files: "high"
    std::string_view
        brief;  // in narrow columns, as Hayabusa's users know them: "high", "med", "info"
    Text title;
    double weight;            // in rankings (docs/ranking.md)
    std::string_view colour;  // SGR parameters for terminals
};

const Severity& severity(Level level);

}  // namespace yagura::finding
