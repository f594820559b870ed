// What the console area says, in both languages; the sentences are in console.def.
#pragma once

#include "base/language.h"

#pragma push_macro("MESSAGE")  // doctest has a macro of this name too
#undef MESSAGE
namespace yagura::message {

#define MESSAGE(name, english, japanese) inline constexpr Text name{english, japanese};
#include "base/messages/console.def"
#undef MESSAGE

}  // namespace yagura::message
#pragma pop_macro("MESSAGE")
