// What the API area says, in both languages; the sentences are in api.def.
#pragma once

#include "base/language.h"

#pragma push_macro("MESSAGE")  // doctest has a macro of this name too
#undef MESSAGE
namespace yagura::message {

#define MESSAGE(name, english, japanese) inline constexpr Text name{english, japanese};
#include "base/messages/api.def"
#undef MESSAGE

}  // namespace yagura::message
#pragma pop_macro("MESSAGE")
