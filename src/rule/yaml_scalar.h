// What a plain (unquoted) scalar means in YAML 1.1, with exactly the patterns PyYAML uses, since
// that is what rule authors test with.
#pragma once

#include <string_view>

#include "rule/yaml.h"

namespace yagura::rule {

// Sets kind, number and spelling of a plain scalar from its text. Numbers beyond 64 bits keep their
// digits as spelling when decimal; other spellings of such numbers are text.
void resolve_plain_scalar(YamlNode& node);

}  // namespace yagura::rule
