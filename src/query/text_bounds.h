// Functions of SQL that make much text out of little, kept within bounds.
//
// The engine counts what it keeps of an answer, but not the text of one call: repeat('x',
// 2000000000) takes what it says whatever the limit of memory. So those functions are shadowed by
// macros of the same name, on one connection, that refuse before any of the text is made.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace yagura::query {

// True for the functions below: they may not be called by their full name, past the macro.
bool is_text_maker(std::string_view function);

// Those of these names, in lower case; making all the macros takes longer than a short query.
Result<void> bound_text_makers(sql::Connection& connection, std::span<const std::string> functions);

}  // namespace yagura::query
