// Why a rule matched an event, as JSON: the tree of its condition with the truth of every part.
#pragma once

#include <string>

#include "match/explain.h"

namespace yagura::api {

// {label, ok, field?, values?, found?, nearest?, children?}
void append_explanation(std::string& out, const match::Explanation& part);

}  // namespace yagura::api
