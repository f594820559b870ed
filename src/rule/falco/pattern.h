// The patterns of Falco's operators in terms of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "match/ir.h"

namespace yagura::rule::falco {

// glob and iglob: fnmatch(3) without flags, so * also crosses '/'. Becomes Op::glob, or Op::regex
// for a pattern with brackets.
void set_glob(match::Predicate& predicate, std::string_view pattern);

// pmatch: the path itself and everything below it; each component may be a pattern of * ? [ ].
// An expression for Op::regex.
std::string path_expression(std::string_view path);

// regex: the whole text, ^ and $ at the ends of lines, as RE2 in POSIX mode has it.
std::string whole_expression(std::string_view pattern);

// "cafe" → the two bytes; nullopt when it is no hexadecimal of whole bytes.
std::optional<std::string> bytes_of_hex(std::string_view text);

}  // namespace yagura::rule::falco
