// What is wrong in text a person wrote (a rule, a query, a configuration), where, and what to write
// instead.
//
//   rules/x.yml:14:9: error: unknown modifier 'containz' (did you mean 'contains'?)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace yagura {

enum class Grade : uint8_t { error, warning };

// Lines and columns count from 1; 0 means "the whole file". Columns count Unicode code points.
struct Diagnostic {
    std::string file;
    uint32_t line = 0;
    uint32_t column = 0;
    Grade grade = Grade::error;
    std::string message;         // in the user's language
    std::string hint;            // what to write instead; may be empty
    std::string_view code = {};  // names the kind of problem (rule/lints.h); static, may be empty
};

// "file:line:column: error: message (hint) [code]", without control characters.
std::string to_string(const Diagnostic& diagnostic);

// The closest of `names` to a misspelt `word`, or an empty view when nothing is near.
// Distance is Damerau-Levenshtein without case, at most a third of the word's length.
std::string_view nearest_name(std::string_view word, std::span<const std::string_view> names);

// "did you mean 'contains'?" in the user's language, or empty.
std::string suggest(std::string_view word, std::span<const std::string_view> names);

}  // namespace yagura
