// What a row must satisfy before it is worth asking the rules about it, in plain SQL.
#pragma once

#include <span>
#include <string>

#include "logtype/log_type.h"
#include "match/ir.h"

namespace yagura::query {

// A condition over the lake's columns that holds for every row one of these rules matches, and for
// some others. Empty when nothing cheap rules a row out. Never NULL where it matters: a row for
// which it is NULL is matched by no rule.
std::string prefilter_sql(const logtype::LogType& type, std::span<const match::Rule* const> rules);

}  // namespace yagura::query
