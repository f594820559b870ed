// Text as YAML that reads back as that very text, whatever is in it.
#pragma once

#include <string>
#include <string_view>

namespace yagura::rule {

// In double quotes. Invalid UTF-8 becomes U+FFFD; controls, bidi marks and what cannot be seen are
// escapes.
std::string yaml_quoted(std::string_view text);

// As a person would write it: without quotes where YAML then still reads a text.
std::string yaml_scalar(std::string_view text);

}  // namespace yagura::rule
