#include "rule/yaml_common.h"

#include <algorithm>
#include <utility>

#include "rule/yaml_builder.h"

// One pass down the lines. A line that holds more than blanks and a comment begins or continues a
// collection, told by its column; every value ends before such a line. Each function leaves the
// reader at the next one and answers whether it still knows what it is reading.

namespace yagura::rule {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_key_character(char c) {
    return is_letter_or_digit(c) ||
           std::string_view("_.|-/@$*()+").find(c) != std::string_view::npos;
}

// Characters that YAML takes for line breaks, or that may not be in it: beyond ASCII only what is
// surely neither.
bool is_ordinary(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<uint8_t>(text[i]);
        if (byte < 0x80) {
            if (byte == '\t' || byte == '\r') return false;
        } else if (byte >= 0xC0) {  // valid UTF-8, so what follows is there
            const auto next = static_cast<uint8_t>(text[i + 1]);
            if (byte == 0xC2 && next < 0xA0) return false;
            if (byte == 0xE2 && next == 0x80 && (static_cast<uint8_t>(text[i + 2]) & 0xFE) == 0xA8)
                return false;
            if (byte == 0xEF && (next == 0xBB || next == 0xBF)) return false;
        }
    }
    return true;
}

class CommonReader {
  public:
    CommonReader(std::string_view text, YamlBuilder& builder) : text_(text), builder_(builder) {}

    bool read() {
        next_line();
        if (!at_marker_) {
            if (is_at_end() || !document()) return false;
        }
        while (at_marker_) {
            if (rest() != "---") return false;
            at_ = end_of_line() + 1;
            ++line_;
            next_line();
            if (at_marker_ || is_at_end() || !document()) return false;
        }
        return is_at_end();
    }

  private:
    static constexpr uint32_t kMaxDepth = 16;
    static constexpr size_t kMaxKey = 200;

    // --- where we are: `at_` is in the line that begins at `line_start_` ---

    bool is_at_end() const { return at_ >= text_.size(); }
    size_t column() const { return at_ - line_start_; }  // in bytes; of what follows blanks only
    size_t end_of_line() const { return text_.find('\n', at_); }  // the text ends with one
    std::string_view rest() const { return text_.substr(at_, end_of_line() - at_); }

    YamlNode& make_here() {
        uint32_t place = 1;
        for (size_t i = line_start_; i < at_; ++i)
            place += (static_cast<uint8_t>(text_[i]) & 0xC0) != 0x80;
        return builder_.make({line_, place}, static_cast<uint32_t>(at_));
    }

    // From the start of a line to the first character of one that says something.
    void next_line() {
        at_marker_ = false;
        for (; !is_at_end(); at_ = end_of_line() + 1, ++line_) {
            line_start_ = at_;
            at_ = text_.find_first_not_of(' ', at_);
            if (text_[at_] == '\n' || text_[at_] == '#') continue;
            at_marker_ = column() == 0 && (rest().starts_with("---") || rest().starts_with("..."));
            return;
        }
        line_start_ = at_;
    }

    // After a value: only a comment may follow on its line.
    bool finish_line() {
        at_ = text_.find_first_not_of(' ', at_);
        if (text_[at_] == '#' && text_[at_ - 1] == ' ') at_ = end_of_line();
        if (text_[at_] != '\n') return false;
        ++at_;
        ++line_;
        next_line();
        return true;
    }

    bool is_below(size_t column_of_parent) const {
        return is_at_end() || at_marker_ || column() < column_of_parent;
    }
    bool is_list_entry() const { return text_.compare(at_, 2, "- ") == 0; }

    // --- collections ---

    bool document() {
        if (column() != 0) return false;
        builder_.begin_document();
        if (!collection(0)) return false;
        builder_.end_document();
        return is_at_end() || at_marker_;
    }

    // The size of the key that begins here, 0 if none does.
    size_t key_size() const {
        if (!is_letter_or_digit(text_[at_]) && text_[at_] != '_') return 0;
        size_t i = at_;
        while (is_key_character(text_[i]) || (text_[i] == ' ' && is_key_character(text_[i + 1])))
            ++i;
        const bool is_key = text_[i] == ':' && (text_[i + 1] == ' ' || text_[i + 1] == '\n');
        return is_key && i - at_ <= kMaxKey ? i - at_ : 0;
    }

    bool collection(uint32_t depth) {
        if (depth >= kMaxDepth) return false;
        if (is_list_entry()) return list(depth);
        return key_size() != 0 && map(depth);
    }

    bool map(uint32_t depth) {
        const size_t own = column();
        builder_.open(make_here(), YamlNode::Kind::map);
        do {
            const size_t size = key_size();
            if (size == 0) return false;
            builder_.add_scalar(make_here(), text_.substr(at_, size), true);
            at_ = text_.find_first_not_of(' ', at_ + size + 1);
            if (!value_of_key(own, depth)) return false;
        } while (!is_below(own) && column() == own);
        builder_.close();
        return is_below(own);
    }

    bool value_of_key(size_t own, uint32_t depth) {
        if (text_[at_] != '\n' && text_[at_] != '#') return scalar(own);
        if (!finish_line() || is_below(own)) return false;
        // A list may stand as far left as its key.
        return (column() > own || is_list_entry()) && collection(depth + 1);
    }

    bool list(uint32_t depth) {
        const size_t own = column();
        builder_.open(make_here(), YamlNode::Kind::list);
        do {
            at_ = text_.find_first_not_of(' ', at_ + 1);
            if (text_[at_] == '\n' || text_[at_] == '#') return false;
            const bool nests = is_list_entry() || key_size() != 0;
            if (!(nests ? collection(depth + 1) : scalar(own))) return false;
        } while (!is_below(own) && column() == own && is_list_entry());
        builder_.close();
        return is_below(own) || column() == own;
    }

    // --- scalars, and lists in brackets ---

    bool scalar(size_t column_of_parent) {
        switch (text_[at_]) {
            case '\'':
            case '"':
                return quoted() && finish_line();
            case '|':
            case '>':
                return block(column_of_parent);
            case '[':
                return brackets() && finish_line();
            default:
                return plain() && finish_line();
        }
    }

    bool plain() {
        constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";
        const std::string_view line = rest();
        const bool is_dash = line.size() > 1 && line[0] == '-' && is_letter_or_digit(line[1]);
        if (kIndicators.find(line[0]) != std::string_view::npos && !is_dash) return false;
        size_t size = line.find(" #");
        if (size == std::string_view::npos) size = line.size();
        while (line[size - 1] == ' ') --size;
        const std::string_view text = line.substr(0, size);
        if (text.back() == ':' || text.find(": ") != std::string_view::npos) return false;
        builder_.add_scalar(make_here(), text, true);
        at_ += size;
        return true;
    }

    // On one line; in double quotes without escapes.
    bool quoted() {
        const char quote = text_[at_];
        const std::string_view inside = rest().substr(1);
        YamlNode& node = make_here();
        size_t size = 0;
        bool doubled = false;
        for (;; ++size) {
            if (size == inside.size() || (quote == '"' && inside[size] == '\\')) return false;
            if (inside[size] != quote) continue;
            const bool is_double = size + 1 < inside.size() && inside[size + 1] == quote;
            if (quote == '"' || !is_double) break;
            doubled = true;
            ++size;
        }
        const std::string_view text = inside.substr(0, size);
        if (doubled) {
            scratch_.clear();
            for (size_t i = 0; i < text.size(); ++i) {
                scratch_ += text[i];
                i += text[i] == quote ? 1 : 0;
            }
        }
        builder_.add_scalar(node, doubled ? std::string_view(scratch_) : text, false);
        at_ += size + 2;
        return true;
    }

    bool brackets() {
        builder_.open(make_here(), YamlNode::Kind::list);
        at_ = text_.find_first_not_of(' ', at_ + 1);
        while (text_[at_] != ']') {
            const bool is_quoted = text_[at_] == '\'' || text_[at_] == '"';
            if (!(is_quoted ? quoted() : plain_in_brackets())) return false;
            at_ = text_.find_first_not_of(' ', at_);
            if (text_[at_] == ']') break;
            if (text_[at_] != ',') return false;
            at_ = text_.find_first_not_of(' ', at_ + 1);
            if (text_[at_] == ']') return false;
        }
        ++at_;
        builder_.close();
        return true;
    }

    bool plain_in_brackets() {
        const size_t size = rest().find_first_of(",[]{}?:#&*!|>'\"%@`");
        if (size == std::string_view::npos) return false;
        std::string_view text = rest().substr(0, size);
        while (text.ends_with(' ')) text.remove_suffix(1);
        if (text.empty() || text[0] == '-') return false;
        builder_.add_scalar(make_here(), text, true);
        at_ += text.size();
        return true;
    }

    // Literal (|) or folded (>) lines, as libyaml's yaml_parser_scan_block_scalar() joins them.
    bool block(size_t column_of_parent) {
        const bool is_literal = text_[at_] == '|';
        YamlNode& node = make_here();
        ++at_;
        char chomping = ' ';
        if (text_[at_] == '-' || text_[at_] == '+') chomping = text_[at_++];
        at_ = text_.find_first_not_of(' ', at_);
        if (text_[at_] != '\n') return false;
        begin_line();
        size_t blank_lines = 0;
        for (; !is_at_end() && rest().empty(); begin_line()) ++blank_lines;
        if (is_at_end() || text_[at_] == '\n') return false;
        const size_t indent = text_.find_first_not_of(' ', at_) - at_;
        // A line of blanks before the first word may not say how far in the text stands.
        if (indent <= column_of_parent || text_[at_ + indent] == '\n') return false;

        std::string& text = scratch_;
        text.clear();
        bool has_break = false;     // after the line before
        bool was_indented = false;  // that line
        while (!is_at_end() && text_.find_first_not_of(' ', at_) - at_ >= indent) {
            const std::string_view line = rest().substr(indent);
            const bool is_indented = line.starts_with(' ');
            if (!is_literal && has_break && !was_indented && !is_indented) {
                if (blank_lines == 0) text += ' ';
            } else if (has_break) {
                text += '\n';
            }
            text.append(blank_lines, '\n');
            text += line;
            was_indented = is_indented;
            has_break = true;
            blank_lines = 0;
            begin_line();
            for (; !is_at_end() && is_blank_up_to(indent); begin_line()) ++blank_lines;
        }
        if (chomping != '-') text += '\n';
        if (chomping == '+') text.append(blank_lines, '\n');
        builder_.add_scalar(node, text, false);
        next_line();
        return true;
    }

    void begin_line() {
        at_ = line_start_ = end_of_line() + 1;
        ++line_;
    }
    // A line of no more than `indent` blanks.
    bool is_blank_up_to(size_t indent) const {
        return rest().size() <= indent && rest().find_first_not_of(' ') == std::string_view::npos;
    }

    std::string_view text_;
    YamlBuilder& builder_;
    std::string scratch_;
    size_t at_ = 0;
    size_t line_start_ = 0;
    uint32_t line_ = 1;
    bool at_marker_ = false;  // "---" or the like
};

}  // namespace

std::optional<YamlFile> parse_common_yaml(std::string_view text) {
    if (!text.ends_with('\n') || !is_ordinary(text)) return std::nullopt;
    std::optional<YamlFile> file(text);
    Problems problems("");
    YamlBuilder builder(*file, problems);
    try {
        if (CommonReader(text, builder).read() && problems.errors() == 0) return file;
    } catch (const Refused&) {
    }
    return std::nullopt;
}

}  // namespace yagura::rule
