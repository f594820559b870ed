// The fields a Falco rule can name over CloudTrail: those of the cloudtrail plugin (0.17.1), the
// json plugin and the basics of evt.
//
// One row per field in fields.cpp: its name, type and meaning, and the term that computes it from
// the record. `yagura rules falco-fields` prints them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/language.h"
#include "match/ir.h"
#include "rule/falco/syntax.h"

namespace yagura::rule::falco {

enum class FieldType : uint8_t {
    text,
    number,   // whole and not negative
    texts,    // a list: only exists, in and intersects
    ordinal,  // a number that is at least 1
};

struct Field {
    std::string_view name;
    FieldType type;
    match::Term (*term)(const std::string& argument);
    Text sentence;
    bool takes_argument = false;
};

std::span<const Field> fields();
const Field* find_field(std::string_view name);

// "aws_cloudtrail": the one source of Falco whose logs we read.
constexpr std::string_view kCloudtrailSource = "aws_cloudtrail";
// Sources as Falco's own plugins call them; a misspelt one is told from one we do not have.
std::span<const std::string_view> known_sources();

std::string_view type_name(FieldType type);  // "string", "uint64", "string list", as Falco has them

}  // namespace yagura::rule::falco
