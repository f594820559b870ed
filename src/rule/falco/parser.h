// The grammar of Falco conditions (falcosecurity/libs, userspace/libsinsp/filter/parser.h).
//
//   auto parsed = parse_condition(text);
//   if (!parsed.expression) … parsed.message at parsed.offset
//
// Precedence: or < and < not. Blanks, line breaks included, part words; `not(`, `and(` and `or(`
// need none. Bounded: 64 parentheses deep, 20,000 checks and values.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/language.h"
#include "rule/falco/syntax.h"

namespace yagura::rule::falco {

// One row per operator; `yagura rules falco-fields` and the documentation list them.
struct Operator {
    std::string_view name;
    enum class Takes : uint8_t { nothing, one, list } takes;
    Text sentence;
};
std::span<const Operator> operators();
const Operator* find_operator(std::string_view name);

struct Transformer {
    std::string_view name;
    uint32_t min_values;
    uint32_t max_values;
    Text sentence;
};
std::span<const Transformer> transformers();
const Transformer* find_transformer(std::string_view name);

struct Parsed {
    std::optional<Expression> expression;
    std::string message;  // when there is none: why not, and
    uint32_t offset = 0;  // where
    std::string hint;
};
Parsed parse_condition(std::string_view text);

// "(a, b, 'c d')" or "a": the values of an exception written as one text. Empty when malformed.
std::optional<std::vector<Value>> parse_values(std::string_view text);

// "ct.name", "json.value[/a/b]" or a transformer of one, all of `text`.
std::optional<Value> parse_field(std::string_view text);

// The same at the start of `text`, as outputs have them behind a '%'; `length` becomes its bytes.
std::optional<Value> parse_leading_field(std::string_view text, size_t& length);

bool is_identifier(std::string_view text);  // the name a macro or list can have in a condition

}  // namespace yagura::rule::falco
