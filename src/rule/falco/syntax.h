// A Falco condition as a tree, before macros, lists and fields mean anything.
//
// Offsets are bytes into the text the condition was parsed from; Written::position() turns them
// into lines and columns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace yagura::rule::falco {

// What a comparison compares: a field, a transformer over others, or a word.
struct Value {
    enum class Kind : uint8_t { word, field, transformer };
    Kind kind = Kind::word;
    std::string name;           // word: its text; field: "json.value"; transformer: "tolower"
    std::string argument;       // field, getopt(): what stands in its brackets
    bool has_argument = false;  // field[] differs from field
    bool quoted = false;        // word: written in quotes, so never the name of a list
    std::vector<Value> values;  // transformer
    uint32_t offset = 0;
};

// How the values on the right are linked: any of them (the default), exactly one, all.
enum class Link : uint8_t { plain, oneof, anyof, allof };

struct Expression {
    enum class Kind : uint8_t { all, any, negation, check, macro };
    Kind kind = Kind::check;
    std::vector<Expression> children;  // all, any; negation (one)
    std::string name;                  // check: its operator ("=", "startswith"); macro: its name
    Value left;                        // check
    std::vector<Value> right;          // check: one, or those of the parentheses
    bool is_list = false;              // check: the right side stood in parentheses
    Link link = Link::plain;
    uint32_t offset = 0;  // of the operator, or of the macro's name
};

}  // namespace yagura::rule::falco
