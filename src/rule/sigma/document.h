// What all kinds of Sigma documents share: the keys that describe them, and how they name each
// other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "match/ir.h"
#include "rule/problems.h"
#include "rule/yaml.h"

namespace yagura::rule {
class Lists;
}

namespace yagura::rule::sigma {

struct ReadOptions {
    bool warnings = false;         // also look for what is legal but likely a mistake (lint)
    const Lists* lists = nullptr;  // what `expand` takes values from
};

// A rule as another document names it: by id, name or title.
struct Mention {
    std::string text;
    Position at;
};

// A document that cannot be used, by what could be read of it: whoever names it is told so.
struct Refused {
    std::string id;
    std::string name;
    std::string title;
    Position at;
};

// The text of a scalar; empty for null, lists, maps and nothing at all.
std::string scalar_text(const YamlNode* node);

// A list of texts; a single text counts as a list of one.
std::vector<std::string> text_list(const YamlNode* node);

// The same with places, for lists that must hold text alone: `key` is what the message calls it.
// Nullopt after a problem; absent is empty.
std::optional<std::vector<Mention>> mention_list(const YamlNode* node,
                                                 std::string_view key,
                                                 size_t most,
                                                 Problems& problems);

// The value of `key`, or null after a problem when it is missing or empty.
const YamlNode* require(const YamlNode& map, std::string_view key, Problems& problems);

// Every key of `map` that is none of `known` is a problem, with the nearest name.
void refuse_unknown_keys(const YamlNode& map,
                         std::span<const std::string_view> known,
                         Problems& problems);

// title, id, level, tags, …; a problem where they are missing or wrong.
match::RuleInfo read_info(const YamlNode& root, Problems& problems);
match::RuleSource read_source(const YamlNode& root, Problems& problems);
Refused read_identity(const YamlNode& root);

// "30s", "15m", "1h", "1d", "2w", "1M", "1y" (s m h d as in the specification; months and years of
// average length, as pySigma has them) in microseconds; nullopt after a problem. `least` is the
// fewest microseconds allowed.
std::optional<int64_t> read_timespan(const YamlNode& node, int64_t least, Problems& problems);

// The same for equal content, wherever it stands in the file.
Hash128 content_hash(const YamlNode& node);

}  // namespace yagura::rule::sigma
