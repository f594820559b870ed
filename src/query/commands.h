// The commands of the query language: one row each. Help, docs and suggestions are printed from
// here.
//
// A row without a parse function is a command Logs Insights has and this version does not run yet;
// naming it says so, where an unknown name is a mistake.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "query/syntax.h"

namespace yagura::query {

class Parser;

struct CommandRow {
    std::string_view name;
    std::string_view alias;  // "" when it has one name only
    std::string_view syntax;
    bool (*parse)(Parser& parser, Command& command);  // false after an error was reported
    Text sentence;
};

std::span<const CommandRow> commands();
// By name or alias, without case; null when there is none.
const CommandRow* find_command(std::string_view name);
std::vector<std::string_view> command_names();

}  // namespace yagura::query
