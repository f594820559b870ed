// What the sql area says, in both languages; the sentences are in sql.def.
#pragma once

#include "base/language.h"

#pragma push_macro("MESSAGE")  // doctest has a macro of this name too
#undef MESSAGE
namespace yagura::message {

#define MESSAGE(name, english, japanese) inline constexpr Text name{english, japanese};
#include "base/messages/sql.def"
#undef MESSAGE

}  // namespace yagura::message
#pragma pop_macro("MESSAGE")
