// What the items of Falco files define, once appends and overrides are applied: lists, macros and
// rules, each remembering where its parts were written.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rule/falco/syntax.h"
#include "rule/yaml.h"

namespace yagura::rule::falco {

// A place in one of the files read together.
struct Place {
    uint32_t file = 0;
    Position at;
};

struct Mistake {
    Place place;
    std::string message;
    std::string hint;
    bool is_unknown_field = false;  // what skip-if-unknown-filter forgives
    bool is_warning = false;
};

// A text put together from an item and what later items appended to it. Points into their YAML.
class Written {
  public:
    Written() = default;
    explicit Written(Place whole) : whole_(whole) {}  // no text: everything about it is here

    void set(const YamlFile& yaml, const YamlNode& node, uint32_t file) {
        text_.clear();
        pieces_.clear();
        append(yaml, node, file);
    }
    // Behind a blank, as Falco does: the precedence of the whole is that of the joined text.
    void append(const YamlFile& yaml, const YamlNode& node, uint32_t file) {
        if (!text_.empty()) text_ += ' ';
        pieces_.push_back({&yaml, &node, file, text_.size()});
        text_ += node.text;
    }
    const std::string& text() const { return text_; }
    Place place(size_t offset) const {
        Place out = whole_;
        for (const Piece& piece : pieces_) {
            if (piece.from > offset) break;
            out = {piece.file, piece.yaml->inside(*piece.node, offset - piece.from)};
        }
        return out;
    }

  private:
    struct Piece {
        const YamlFile* yaml;
        const YamlNode* node;
        uint32_t file;
        size_t from;
    };
    std::string text_;
    std::vector<Piece> pieces_;
    Place whole_;
};

struct List {
    struct Item {
        std::string text;
        Place place;
    };
    std::vector<Item> items;
    std::vector<std::string> values;  // with the lists it names resolved
    enum class State : uint8_t { fresh, resolving, resolved } state = State::fresh;
};

struct Macro {
    Written condition;
    std::optional<Expression> expression;  // empty when it does not parse; said once
};

struct Exception {
    std::string name;
    Place place;
    const YamlFile* yaml = nullptr;
    bool is_single = false;  // `fields` is one text, and `values` are its values
    std::vector<std::string> fields;
    std::vector<std::string> comps;
    std::vector<const YamlNode*> values;
};

struct RuleItem {
    std::string name;
    Place place;
    Written condition;
    Written output;
    std::string description;
    std::string priority;
    std::string source = "syscall";
    std::vector<std::string> tags;
    std::vector<Exception> exceptions;
    bool enabled = true;
    bool skip_if_unknown = false;
};

struct Definitions {
    std::map<std::string, List, std::less<>> lists;
    std::map<std::string, Macro, std::less<>> macros;
    std::vector<RuleItem> rules;  // in the order first met

    template <class Map>
    static std::vector<std::string_view> names(const Map& map) {
        std::vector<std::string_view> out;
        for (const auto& [name, value] : map) out.push_back(name);
        return out;
    }
};

}  // namespace yagura::rule::falco
