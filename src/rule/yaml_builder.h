// Grows the tree of a YAML file from what a reader meets, in the order of the text. Everything that
// could grow is counted here, and the first broken bound ends the reading by an exception.
//
//   YamlBuilder builder(file, problems);
//   builder.begin_document();
//   builder.open(builder.make(at, offset), YamlNode::Kind::map);
//   builder.add_scalar(builder.make(…), "key", true); builder.add_scalar(builder.make(…), …);
//   builder.close();
//   builder.end_document();
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/keyed_hash.h"
#include "rule/problems.h"
#include "rule/yaml.h"

namespace yagura::rule {

// Ends the reading from wherever it is.
struct Refused {
    Position at;
    std::string message;
};

class YamlBuilder {
  public:
    YamlBuilder(YamlFile& file, Problems& problems) : file_(file), problems_(problems) {}

    void begin_document();
    void end_document() { file_.documents_.push_back(document_); }

    // The next node, which is then opened or made a scalar. An anchor names it for aliases.
    YamlNode& make(Position at, uint32_t offset, std::string_view anchor = {});
    void add_scalar(YamlNode& node, std::string_view text, bool is_plain);
    void add_alias(Position at, std::string_view anchor);
    void open(YamlNode& node, YamlNode::Kind kind);
    void close();  // the map or list opened last

  private:
    struct Open {
        YamlNode* node;
        const YamlNode* key = nullptr;  // of a map, while its value is awaited
        // Of a map with many, seen so far.
        std::unordered_set<std::string_view, KeyedTextHash> keys{};
    };

    void place(const YamlNode& node);
    void take_key(Open& map, const YamlNode& key);
    static bool is_new_key(Open& map, std::string_view key);
    void merge_keys(YamlNode& map);

    YamlFile& file_;
    Problems& problems_;
    YamlDocument document_;
    std::unordered_map<std::string, YamlNode*, KeyedTextHash, std::equal_to<>> anchors_;
    std::vector<Open> open_;
    uint32_t aliases_ = 0;
};

}  // namespace yagura::rule
