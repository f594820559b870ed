#include "rule/yaml.h"

#include <istream>
#include <memory>
#include <streambuf>
#include <unordered_map>
#include <unordered_set>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/hash.h"
#include "base/language.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/yaml_scalar.h"

// yaml-cpp's event interface feeds our own tree: its Node type is ten times slower, types scalars
// by other rules than YAML 1.1 and follows aliases without a bound. Everything that could grow is
// counted here as the events arrive, and the first broken bound ends the reading by an exception of
// our own.

namespace yagura::rule {

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const YamlEntry& entry : entries) {
        if (entry.key->text == key) return entry.value;
    }
    return nullptr;
}

namespace {

// Ends the parse from inside a callback.
struct Refused {
    Position at;
    std::string message;
};

// yaml-cpp reads from a stream; this one reads the caller's bytes in place.
class ViewBuffer : public std::streambuf {
  public:
    explicit ViewBuffer(std::string_view text) {
        char* begin =
            const_cast<char*>(text.data());  // never written: the buffer is used for input only
        setg(begin, begin, begin + text.size());
    }
};

Position position_at(std::string_view text, size_t offset) {
    Position at{1, 1};
    offset = std::min(offset, text.size());
    for (size_t i = 0; i < offset; ++i) {
        if (text[i] == '\n') {
            ++at.line;
            at.column = 1;
        } else if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80) {
            ++at.column;
        }
    }
    return at;
}

// YAML allows tab, line breaks and printable characters. yaml-cpp takes byte 4 for the end of the
// file and NULs for UTF-16, so none of these may reach it.
size_t find_control_character(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<uint8_t>(text[i]);
        if (byte == 0x7F || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r')) return i;
    }
    return std::string_view::npos;
}

// Whether the quoted scalar that begins at `offset` ends before the file does: yaml-cpp takes a
// missing quote for one at the end of the file when a line break precedes it.
bool is_closed(std::string_view text, size_t offset) {
    const char quote = offset < text.size() ? text[offset] : '\0';
    if (quote != '\'' && quote != '"') return true;
    for (size_t i = offset + 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            const bool doubled = quote == '\'' && i + 1 < text.size() && text[i + 1] == quote;
            if (!doubled) return true;
            ++i;
        }
    }
    return false;
}

}  // namespace

class YamlBuilder : public YAML::EventHandler {
  public:
    YamlBuilder(YamlFile& file, Problems& problems) : file_(file), problems_(problems) {
        ascii_ = true;
        for (char c : file.text_) ascii_ &= static_cast<uint8_t>(c) < 0x80;
        if (ascii_) return;
        line_starts_.push_back(0);
        for (size_t i = 0; i < file.text_.size(); ++i) {
            if (file.text_[i] == '\n') line_starts_.push_back(i + 1);
        }
    }

    Position position(const YAML::Mark& mark) const {
        if (mark.is_null()) return {};
        const auto line = static_cast<size_t>(mark.line);
        if (ascii_ || line >= line_starts_.size()) {
            return {static_cast<uint32_t>(mark.line) + 1, static_cast<uint32_t>(mark.column) + 1};
        }
        const size_t from = line_starts_[line];
        const size_t to = std::min(from + static_cast<size_t>(mark.column), file_.text_.size());
        uint32_t column = 1;
        for (size_t i = from; i < to; ++i) {
            column += (static_cast<uint8_t>(file_.text_[i]) & 0xC0) != 0x80;
        }
        return {static_cast<uint32_t>(mark.line) + 1, column};
    }

    void OnDocumentStart(const YAML::Mark&) override {
        document_ = {};
        anchors_.clear();
        open_.clear();
        aliases_ = 0;
    }
    void OnDocumentEnd() override { file_.documents_.push_back(document_); }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        place(make(mark, anchor, ""));
    }

    void OnScalar(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode& node = make(mark, anchor, tag);
        node.text = value;
        node.kind = YamlNode::Kind::text;
        if (tag == "?") resolve_plain_scalar(node);
        if (tag == "!" && !is_closed(file_.text_, node.offset)) {
            throw Refused{node.at, say(message::yaml_unclosed_quote)};
        }
        place(node);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const Position at = position(mark);
        const auto found = anchors_.find(anchor);
        for (const Open& open : open_) {
            if (found != anchors_.end() && open.node == found->second) {
                throw Refused{at, say(message::yaml_alias_cycle)};
            }
        }
        if (found == anchors_.end()) throw Refused{at, say(message::yaml_alias_unknown)};
        if (++aliases_ > kMaxYamlAliases)
            throw Refused{at, say(message::yaml_aliases, kMaxYamlAliases)};
        if (open_.size() + found->second->height > kMaxYamlDepth) {
            throw Refused{at, say(message::yaml_depth, kMaxYamlDepth)};
        }
        place(*found->second);
    }

    void OnSequenceStart(const YAML::Mark& mark,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(make(mark, anchor, tag), YamlNode::Kind::list);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark,
                    const std::string& tag,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(make(mark, anchor, tag), YamlNode::Kind::map);
    }
    void OnMapEnd() override {
        merge_keys(*open_.back().node);
        close();
    }

  private:
    struct Open {
        YamlNode* node;
        const YamlNode* key = nullptr;                // of a map, while its value is awaited
        std::unordered_set<std::string_view> keys{};  // of a map, seen so far
    };

    YamlNode& make(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
        const Position at = position(mark);
        if (!tag.empty() && tag != "?" && tag != "!") throw Refused{at, say(message::yaml_tag)};
        if (file_.nodes_.size() >= kMaxYamlNodes)
            throw Refused{at, say(message::yaml_nodes, kMaxYamlNodes)};
        YamlNode& node = file_.nodes_.emplace_back();
        node.at = at;
        node.offset = mark.is_null() ? 0 : static_cast<uint32_t>(mark.pos);
        if (anchor != 0) anchors_[anchor] = &node;
        return node;
    }

    void open(YamlNode& node, YamlNode::Kind kind) {
        node.kind = kind;
        if (open_.size() >= kMaxYamlDepth - 1)
            throw Refused{node.at, say(message::yaml_depth, kMaxYamlDepth)};
        open_.push_back({&node});
    }

    void close() {
        const YamlNode& done = *open_.back().node;
        open_.pop_back();
        place(done);
    }

    // Puts a finished node where it belongs: the root, a list, or a map as key or value.
    void place(const YamlNode& node) {
        if (open_.empty()) {
            document_.root = &node;
            return;
        }
        Open& parent = open_.back();
        YamlNode& into = *parent.node;
        into.height = std::max(into.height, node.height + 1);
        into.expanded += node.expanded;
        if (into.expanded > kMaxYamlNodes)
            throw Refused{node.at, say(message::yaml_nodes, kMaxYamlNodes)};
        if (into.kind == YamlNode::Kind::list) {
            into.items.push_back(&node);
        } else if (parent.key == nullptr) {
            take_key(parent, node);
        } else {
            into.entries.push_back({parent.key, &node});
            parent.key = nullptr;
        }
    }

    void take_key(Open& map, const YamlNode& key) {
        if (!key.is_scalar()) throw Refused{key.at, say(message::yaml_key_kind)};
        map.key = &key;
        if (map.keys.insert(key.text).second) return;
        document_.broken = true;
        problems_.error(key.at, say(message::yaml_duplicate_key, key.text));
    }

    // "<<: *base" (yaml.org/type/merge): the keys of `base` unless the map has its own.
    void merge_keys(YamlNode& map) {
        const YamlNode* merged = nullptr;
        std::erase_if(map.entries, [&](const YamlEntry& entry) {
            if (entry.key->text != "<<") return false;
            merged = entry.value;
            return true;
        });
        if (!merged) return;
        std::vector<const YamlNode*> sources = merged->items;
        if (merged->kind != YamlNode::Kind::list) sources = {merged};
        std::unordered_set<std::string_view>& keys = open_.back().keys;
        for (const YamlNode* source : sources) {
            if (source->kind != YamlNode::Kind::map)
                throw Refused{source->at, say(message::yaml_merge)};
            for (const YamlEntry& entry : source->entries) {
                if (keys.insert(entry.key->text).second) map.entries.push_back(entry);
            }
        }
    }

    YamlFile& file_;
    Problems& problems_;
    bool ascii_;
    std::vector<size_t> line_starts_;
    YamlDocument document_;
    std::unordered_map<YAML::anchor_t, YamlNode*> anchors_;
    std::vector<Open> open_;
    uint32_t aliases_ = 0;

    friend YamlFile parse_yaml(std::string_view text, Problems& problems);
    static YamlFile build(std::string_view text, Problems& problems);
};

YamlFile YamlBuilder::build(std::string_view text, Problems& problems) {
    YamlFile file;
    file.text_ = text;
    YamlBuilder builder(file, problems);
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Refused& refused) {
        problems.error(refused.at, refused.message);
    } catch (const YAML::Exception& error) {
        problems.error(builder.position(error.mark), say(message::yaml_syntax, error.msg));
    } catch (const std::exception& error) {
        problems.error({}, say(message::yaml_syntax, error.what()));
    }
    return file;
}

YamlFile parse_yaml(std::string_view text, Problems& problems) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.size() > kMaxYamlBytes) {
        problems.error({}, say(message::yaml_size, human_bytes(kMaxYamlBytes)));
        return {};
    }
    if (!is_valid_utf8(text)) {
        problems.error({}, say(message::yaml_utf8));
        return {};
    }
    if (const size_t at = find_control_character(text); at != std::string_view::npos) {
        problems.error(position_at(text, at), say(message::yaml_control));
        return {};
    }
    return YamlBuilder::build(text, problems);
}

Position YamlFile::inside(const YamlNode& scalar, size_t offset) const {
    for (size_t quote : {size_t{0}, size_t{1}}) {
        const size_t from = scalar.offset + quote;
        if (from > text_.size() || !text_.substr(from).starts_with(scalar.text)) continue;
        if (scalar.text.find('\n') != std::string::npos) break;
        const auto before = std::string_view(scalar.text).substr(0, offset);
        uint32_t columns = static_cast<uint32_t>(quote);
        for (char c : before) columns += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
        return {scalar.at.line, scalar.at.column + columns};
    }
    return scalar.at;
}

std::string kind_name(YamlNode::Kind kind) {
    switch (kind) {
        case YamlNode::Kind::null:
            return say(message::yaml_kind_null);
        case YamlNode::Kind::boolean:
            return say(message::yaml_kind_boolean);
        case YamlNode::Kind::integer:
        case YamlNode::Kind::real:
            return say(message::yaml_kind_number);
        case YamlNode::Kind::date:
            return say(message::yaml_kind_date);
        case YamlNode::Kind::text:
            return say(message::yaml_kind_text);
        case YamlNode::Kind::list:
            return say(message::yaml_kind_list);
        case YamlNode::Kind::map:
            return say(message::yaml_kind_map);
    }
    return {};
}

}  // namespace yagura::rule
