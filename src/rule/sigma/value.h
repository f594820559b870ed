// A value of a Sigma rule while its modifiers are applied: text with wildcards, a regular
// expression, a number, …
//
// Text is kept as plain bytes plus the places of its wildcards, so escapes are settled once, here:
//   `\*` `\?` are the characters themselves; `\\` is one backslash; a backslash before anything
//   else, or at the end, is itself. (Sigma specification 2.1, "Escaping"; the eleven cases are in
//   value_test.cpp.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/ir.h"
#include "rule/problems.h"
#include "rule/yaml.h"

namespace yagura::rule::sigma {

enum class Wild : uint8_t {
    any_run,  // `*`: any length, also none
    any_one,  // `?`: exactly one character
};

struct Pattern {
    struct Wildcard {
        uint32_t offset;  // it stands before text[offset]
        Wild wild;
        friend bool operator==(const Wildcard&, const Wildcard&) = default;
    };

    std::string text;                 // the literal parts, one after the other
    std::vector<Wildcard> wildcards;  // ascending by offset; never two any_run side by side

    static Pattern parse(std::string_view written);

    bool opens_wild() const;   // begins with any_run
    bool closes_wild() const;  // ends with any_run
    void open_start();         // puts any_run in front unless it is there
    void open_end();
    void append(const Pattern& other);

    // The literal parts between wildcards, in order; n wildcards give n + 1 parts.
    std::vector<std::string_view> parts() const;
    // The inverse of parts(): the same wildcards between other literals.
    static Pattern join(const std::vector<std::string>& parts,
                        const std::vector<Wildcard>& wildcards);

    friend bool operator==(const Pattern&, const Pattern&) = default;
};

struct Value {
    enum class Kind : uint8_t {
        text = 1,
        number = 2,
        boolean = 4,
        null = 8,
        regex = 16,
        cidr = 32,
        field = 64,
        existence = 128,
    };

    Kind kind = Kind::null;
    Pattern pattern;  // text
    std::string
        spelling;  // number, boolean: canonical; text: as written; regex, cidr, field: the operand
    double number = 0;                      // number; boolean and existence as 0 or 1
    match::Op compare = match::Op::equals;  // less … for numbers, field_… for fields
    Position at;
};

// A set of value kinds, for the table of modifiers.
using Kinds = uint8_t;
constexpr Kinds kText = static_cast<Kinds>(Value::Kind::text);
constexpr Kinds kNumber = static_cast<Kinds>(Value::Kind::number);
constexpr Kinds kBoolean = static_cast<Kinds>(Value::Kind::boolean);
constexpr Kinds kRegex = static_cast<Kinds>(Value::Kind::regex);
constexpr Kinds kField = static_cast<Kinds>(Value::Kind::field);
constexpr Kinds kAnything = 0xFF;

// "text", "a number", … in the user's language.
std::string kind_name(Value::Kind kind);

// The value a YAML scalar stands for. Dates, and numbers that are none (.nan, .inf), are refused:
// nullopt and a problem.
std::optional<Value> read_value(const YamlNode& scalar, Problems& problems);

}  // namespace yagura::rule::sigma
