// The `correlation` documents of Sigma, as far as one file tells: the rules they are about are
// still names, which rule/resolve.h looks up when every file is read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "match/correlation.h"
#include "rule/sigma/document.h"

namespace yagura::rule::sigma {

constexpr size_t kMaxReferences = 1000;        // of one correlation
constexpr size_t kMaxTemporalReferences = 64;  // whose order or combination counts
constexpr size_t kMaxCorrelationFields = 16;   // in group-by, and as many to count

struct CorrelationDraft {
    // A name for fields that are called differently in the rules' logs.
    struct Alias {
        std::string name;
        Position at;
        struct Field {
            Mention rule;
            std::string field;
        };
        std::vector<Field> fields;
    };

    match::Correlation correlation;  // complete but for `references`
    Position at;
    std::vector<Mention> rules;     // become the references, in this order
    std::vector<Mention> group_by;  // correlation.group_by with places
    std::vector<Mention> value_fields;
    std::vector<Alias> aliases;
    bool says_generate = false;  // `generate` is written, not the default
    Hash128 content{};           // of `correlation`
};

// The keys of a correlation.
std::span<const std::string_view> correlation_keys();

// Nullopt after a problem.
std::optional<CorrelationDraft> read_correlation(const YamlFile& file,
                                                 const YamlNode& root,
                                                 Problems& problems);

}  // namespace yagura::rule::sigma
