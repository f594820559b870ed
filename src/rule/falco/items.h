// Reads the items of Falco files into definitions: what is new, what replaces, what is appended.
//
//   ItemReader reader(definitions, mistakes);
//   for (…) reader.read(yaml, file_number);       // in the order the files are given
//
// The YAML must outlive the definitions.
#pragma once

#include <vector>

#include "rule/falco/definitions.h"

namespace yagura::rule::falco {

class ItemReader {
  public:
    ItemReader(Definitions& definitions, std::vector<Mistake>& mistakes)
        : definitions_(definitions), mistakes_(mistakes) {}

    // False when the file asks for a newer engine than ours: nothing of it was taken.
    bool read(const YamlFile& yaml, uint32_t file);

  private:
    // One entry of a file: its map and how it is meant to be applied.
    struct Item {
        const YamlNode* map;
        std::string_view kind;  // rule, macro, list
        std::string name;
        bool appends = false;
        const YamlNode* overrides = nullptr;
    };

    Place place(const YamlNode& node) const { return {file_, node.at}; }
    bool refuse(const YamlNode& node, std::string message, std::string hint = "");
    void warn(const YamlNode& node, std::string message, std::string hint = "");

    bool engine_suffices(const YamlNode& version);
    void read_plugins(const YamlNode& list);
    void read_item(const YamlNode& map);
    bool read_manner(Item& item);
    bool check_overrides(const Item& item);
    bool appends(const Item& item, std::string_view key) const;
    void read_list(const Item& item);
    void read_macro(const Item& item);
    void read_rule(const Item& item);
    void read_new_rule(const Item& item);
    void change_rule(const Item& item, RuleItem& rule);
    void fill_rule(const Item& item, RuleItem& rule);
    void read_exceptions(const Item& item, RuleItem& rule);
    bool read_exception(const YamlNode& map, Exception& out);
    bool read_text(const YamlNode& map, std::string_view key, std::string& out);
    void read_flag(const YamlNode& map, std::string_view key, bool& out);
    RuleItem* find_rule(std::string_view name);

    Definitions& definitions_;
    std::vector<Mistake>& mistakes_;
    const YamlFile* yaml_ = nullptr;
    uint32_t file_ = 0;
};

// What the version of Falco's engine is that these rules follow.
constexpr uint32_t kEngineMinor = 63;  // 0.63.0

}  // namespace yagura::rule::falco
