// A YAML file a person wrote, as a tree whose every node knows where it stands.
//
//   Problems problems("rules/x.yml");
//   const YamlFile file = parse_yaml(text, problems);
//   for (const YamlDocument& document : file.documents()) …
//
// Scalars are typed as YAML 1.1 does (yes/no/on/off are booleans, 010 is 8, 12:30:45 is 45045);
// quoted ones are text. The file is hostile: at most 1 MiB, 64 levels, 64 aliases, 100,000 nodes
// once aliases are followed; no tags, no control characters, no key twice in a map. A tree never
// holds a cycle.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "rule/problems.h"

namespace yagura::rule {

constexpr size_t kMaxYamlBytes = 1 << 20;
constexpr uint32_t kMaxYamlDepth = 64;
constexpr uint32_t kMaxYamlAliases = 64;
constexpr uint32_t kMaxYamlNodes = 100'000;

struct YamlEntry;

struct YamlNode {
    enum class Kind : uint8_t { null, boolean, integer, real, date, text, list, map };

    Kind kind = Kind::null;
    Position at;
    uint32_t offset = 0;   // of `at`, in bytes from the start of the file
    std::string text;      // scalars: as written, quotes and escapes resolved
    std::string spelling;  // integer, real, boolean: the canonical spelling ("8", "0.5", "true")
    double number = 0;     // integer, real; boolean as 0 or 1
    std::vector<const YamlNode*> items;  // list
    std::vector<YamlEntry> entries;      // map, in the order written

    uint32_t expanded = 1;  // nodes below and including this one, aliases followed
    uint32_t height = 1;    // levels from here down

    bool is_text() const { return kind == Kind::text; }
    bool is_number() const { return kind == Kind::integer || kind == Kind::real; }
    bool is_scalar() const { return kind != Kind::list && kind != Kind::map; }

    // The value of `key` in a map; null when absent or when this is no map.
    const YamlNode* find(std::string_view key) const;
};

// Keys are scalars; their text is what counts, whatever type it would have as a value.
struct YamlEntry {
    const YamlNode* key;
    const YamlNode* value;
};

struct YamlDocument {
    const YamlNode* root = nullptr;  // null for an empty document
    bool broken = false;             // had an error of its own (a key twice); do not use
};

class YamlFile {
  public:
    YamlFile() = default;
    // Without documents yet; `text` must outlive it.
    explicit YamlFile(std::string_view text) : text_(text) {}

    const std::vector<YamlDocument>& documents() const { return documents_; }

    // Where byte `offset` of a scalar's text stands, on whichever of its lines, when it was written
    // without escapes; else where the scalar begins.
    Position inside(const YamlNode& scalar, size_t offset) const;

  private:
    Position inside_lines(const YamlNode& scalar, size_t offset) const;

    friend class YamlBuilder;
    std::string_view text_;  // the caller's; used by inside()
    std::deque<YamlNode> nodes_;
    std::vector<YamlDocument> documents_;
};

// `text` must outlive the file returned. Documents before a syntax error are kept.
YamlFile parse_yaml(std::string_view text, Problems& problems);

// "a map", "a list", "text", "a number", … for messages, in the user's language.
std::string kind_name(YamlNode::Kind kind);

}  // namespace yagura::rule
