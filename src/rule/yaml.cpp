#include "rule/yaml.h"

#include <cstring>
#include <new>

#include <yaml.h>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/yaml_builder.h"
#include "rule/yaml_common.h"

// libyaml's events feed our own tree, whose scalars are typed and whose aliases are bounded. (It
// reads four times as fast as yaml-cpp, and a scan reads thousands of rules before its first
// event.) What is written as nearly all rules are goes by yaml_common.h, which is faster still.

namespace yagura::rule {

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const YamlEntry& entry : entries) {
        if (entry.key->text == key) return entry.value;
    }
    return nullptr;
}

namespace {

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

// Where text that is not UTF-8 stops being it.
size_t first_invalid_utf8(std::string_view text) {
    size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<uint8_t>(text[at]);
        const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (!is_valid_utf8(text.substr(at, size))) return at;
        at += size;
    }
    return text.size();
}

// YAML allows tab, line breaks and printable characters.
size_t find_control_character(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<uint8_t>(text[i]);
        if (byte == 0x7F || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r')) return i;
    }
    return std::string_view::npos;
}

// Where libyaml's marks are, which count code points. Marks come in the order of the text, nearly
// always, so going from one to the next is one pass over it.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    void go_to(const yaml_mark_t& mark) {
        while (index_ < mark.index && offset_ < text_.size()) step_forward();
        while (index_ > mark.index && offset_ > 0) step_back();
    }
    Position position() const { return at_; }
    uint32_t offset() const { return static_cast<uint32_t>(offset_); }

  private:
    bool is_inside_code_point() const {
        return offset_ < text_.size() && (static_cast<uint8_t>(text_[offset_]) & 0xC0) == 0x80;
    }
    void step_forward() {
        const bool ends_line = text_[offset_] == '\n';
        do ++offset_;
        while (is_inside_code_point());
        ++index_;
        at_ = ends_line ? Position{at_.line + 1, 1} : Position{at_.line, at_.column + 1};
    }
    void step_back() {
        do --offset_;
        while (offset_ > 0 && is_inside_code_point());
        --index_;
        at_ = at_.column > 1 ? Position{at_.line, at_.column - 1} : position_at(text_, offset_);
    }

    std::string_view text_;
    size_t index_ = 0;
    size_t offset_ = 0;
    Position at_{1, 1};
};

std::string_view view_of(const yaml_char_t* text) {
    return text ? reinterpret_cast<const char*>(text) : std::string_view();
}

struct Parser {
    explicit Parser(std::string_view text) {
        if (!yaml_parser_initialize(&raw)) throw std::bad_alloc();
        yaml_parser_set_encoding(&raw, YAML_UTF8_ENCODING);
        // An empty view may point nowhere, which the library asserts against.
        const char* bytes = text.empty() ? "" : text.data();
        yaml_parser_set_input_string(
            &raw, reinterpret_cast<const unsigned char*>(bytes), text.size());
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    ~Parser() { yaml_parser_delete(&raw); }

    yaml_parser_t raw;
};

struct Event {
    Event() { std::memset(&raw, 0, sizeof raw); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { yaml_event_delete(&raw); }

    yaml_event_t raw;
};

// Hands libyaml's events to a builder.
class EventReader {
  public:
    EventReader(std::string_view text, YamlBuilder& builder, Problems& problems)
        : text_(text), builder_(builder), problems_(problems), cursor_(text) {}

    // Takes events until the end of the file or the first syntax error.
    void read() {
        Parser parser(text_);
        for (;;) {
            Event event;
            if (!yaml_parser_parse(&parser.raw, &event.raw)) return tell(parser.raw);
            if (event.raw.type == YAML_STREAM_END_EVENT || event.raw.type == YAML_NO_EVENT) return;
            take(event.raw);
        }
    }

  private:
    void tell(const yaml_parser_t& parser) {
        const std::string_view problem = parser.problem ? parser.problem : "";
        if (parser.error == YAML_READER_ERROR) {
            problems_.error(position_at(text_, parser.problem_offset), say(message::yaml_control));
        } else if (problem == "found unexpected end of stream") {
            problems_.error(position(parser.context_mark), say(message::yaml_unclosed_quote));
        } else {
            problems_.error(position(parser.problem_mark), say(message::yaml_syntax, problem));
        }
    }

    Position position(const yaml_mark_t& mark) {
        cursor_.go_to(mark);
        return cursor_.position();
    }

    YamlNode& make(const yaml_mark_t& mark, const yaml_char_t* anchor, const yaml_char_t* tag) {
        const Position at = position(mark);
        if (tag && view_of(tag) != "!") throw Refused{at, say(message::yaml_tag)};
        return builder_.make(at, cursor_.offset(), view_of(anchor));
    }

    void take(const yaml_event_t& event) {
        const yaml_mark_t& at = event.start_mark;
        switch (event.type) {
            case YAML_DOCUMENT_START_EVENT:
                builder_.begin_document();
                break;
            case YAML_DOCUMENT_END_EVENT:
                builder_.end_document();
                break;
            case YAML_SCALAR_EVENT: {
                const auto& scalar = event.data.scalar;
                const bool is_plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && !scalar.tag;
                builder_.add_scalar(make(at, scalar.anchor, scalar.tag),
                                    {reinterpret_cast<const char*>(scalar.value), scalar.length},
                                    is_plain);
                break;
            }
            case YAML_ALIAS_EVENT:
                builder_.add_alias(position(at), view_of(event.data.alias.anchor));
                break;
            case YAML_SEQUENCE_START_EVENT: {
                const auto& list = event.data.sequence_start;
                builder_.open(make(at, list.anchor, list.tag), YamlNode::Kind::list);
                break;
            }
            case YAML_MAPPING_START_EVENT: {
                const auto& map = event.data.mapping_start;
                builder_.open(make(at, map.anchor, map.tag), YamlNode::Kind::map);
                break;
            }
            case YAML_MAPPING_END_EVENT:
            case YAML_SEQUENCE_END_EVENT:
                builder_.close();
                break;
            default:
                break;
        }
    }

    std::string_view text_;
    YamlBuilder& builder_;
    Problems& problems_;
    Cursor cursor_;
};

}  // namespace

YamlFile parse_any_yaml(std::string_view text, Problems& problems) {
    YamlFile file(text);
    YamlBuilder builder(file, problems);
    try {
        EventReader(text, builder, problems).read();
    } catch (const Refused& refused) {
        problems.error(refused.at, refused.message);
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
        problems.error(position_at(text, first_invalid_utf8(text)),
                       say(message::yaml_utf8),
                       say(message::yaml_utf8_hint));
        return {};
    }
    if (const size_t at = find_control_character(text); at != std::string_view::npos) {
        problems.error(position_at(text, at), say(message::yaml_control));
        return {};
    }
    if (auto file = parse_common_yaml(text)) return std::move(*file);
    return parse_any_yaml(text, problems);
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
    return inside_lines(scalar, offset);
}

// Folding and indentation change blanks only, so the other characters are followed one by one.
Position YamlFile::inside_lines(const YamlNode& scalar, size_t offset) const {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    const std::string_view raw = text_.substr(std::min<size_t>(scalar.offset, text_.size()));
    Position at = scalar.at;
    size_t next = 0;
    const auto step = [&] {
        const char c = raw[next++];
        if (c == '\n') {
            at = {at.line + 1, 1};
        } else if ((static_cast<uint8_t>(c) & 0xC0) != 0x80) {
            ++at.column;
        }
    };
    if (raw.starts_with('|') || raw.starts_with('>')) {
        while (next < raw.size() && raw[next] != '\n') step();
    } else if (raw.starts_with('"') || raw.starts_with('\'')) {
        step();
    }
    const auto skip_blanks = [&] {
        while (next < raw.size() && is_blank(raw[next])) step();
    };
    for (size_t i = 0; i < std::min(offset, scalar.text.size()); ++i) {
        if (is_blank(scalar.text[i])) continue;
        skip_blanks();
        if (next >= raw.size() || raw[next] != scalar.text[i]) return scalar.at;
        step();
    }
    if (offset < scalar.text.size() && !is_blank(scalar.text[offset])) skip_blanks();
    return at;
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
