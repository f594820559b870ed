#include "query/lexer.h"

#include <algorithm>
#include <charconv>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"

namespace yagura::query {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_name_start(char c) {
    return is_letter(c) || c == '_' || c == '@' || c == '`' || (c & 0x80);
}
bool is_name_part(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '@' || (c & 0x80);
}

// Characters word processors put where a program wants plain ones, and what was meant.
struct Lookalike {
    std::string_view bytes;
    std::string_view meant;
};
constexpr Lookalike kLookalikes[] = {
    {"“", "\""},
    {"”", "\""},
    {"‘", "'"},
    {"’", "'"},
    {"｜", "|"},
    {"＝", "="},
    {"（", "("},
    {"）", ")"},
    {"，", ","},
    {"、", ","},
    {"＂", "\""},
    {"　", " "},
    {"\xC2\xA0", " "},
    {"＞", ">"},
    {"＜", "<"},
};

const Lookalike* lookalike(std::string_view rest) {
    for (const Lookalike& row : kLookalikes) {
        if (rest.starts_with(row.bytes)) return &row;
    }
    return nullptr;
}

constexpr std::string_view kSymbols[] = {
    "!=", "==", "=~", "<=", ">=", "<>", "&&", "||", "{{", "}}", "=", "<", ">", "!", "+", "-",
    "*",  "/",  "^",  "%",  "(",  ")",  "[",  "]",  "{",  "}",  ",", "|", ".", ":", ";", "$",
};

}  // namespace

std::string path_text(const std::vector<Segment>& path) {
    std::string out;
    for (const Segment& segment : path) {
        if (!out.empty()) out += '.';
        out += segment.name;
    }
    return out;
}

bool Token::is_plain_word() const {
    return kind == Kind::name && path.size() == 1 && !path[0].quoted;
}

bool Token::is_word(std::string_view keyword) const {
    return is_plain_word() && equals_ignore_case(path[0].name, keyword);
}

void Lexer::skip_blanks() {
    while (at_ < text_.size()) {
        if (is_blank(text_[at_])) {
            ++at_;
        } else if (text_[at_] == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else {
            return;
        }
    }
}

Token Lexer::make(Token::Kind kind, size_t start) const {
    Token token;
    token.kind = kind;
    token.span = {static_cast<uint32_t>(start), static_cast<uint32_t>(at_ - start)};
    return token;
}

Token Lexer::bad(size_t start, std::string problem) {
    Token token = make(Token::Kind::bad, start);
    token.problem = std::move(problem);
    at_ = text_.size();
    return token;
}

Token Lexer::next() {
    skip_blanks();
    if (at_ >= text_.size()) return make(Token::Kind::end, at_);
    const char c = text_[at_];
    if (const Lookalike* row = lookalike(text_.substr(at_))) {
        return bad(at_, say(message::query_lookalike, row->bytes, row->meant));
    }
    if (is_name_start(c)) return read_name();
    if (is_digit(c)) return read_number();
    if (c == '"' || c == '\'') return read_text(c);
    return read_symbol();
}

// Letters, digits, _ and @, or anything between back-ticks; "@`…`" is one step too.
bool Lexer::read_segment(Token& token) {
    Segment segment;
    while (at_ < text_.size() && text_[at_] == '@') segment.name += text_[at_++];
    if (at_ < text_.size() && text_[at_] == '`') {
        const size_t close = text_.find('`', at_ + 1);
        if (close == std::string_view::npos) return false;
        segment.name += text_.substr(at_ + 1, close - at_ - 1);
        segment.quoted = true;
        at_ = close + 1;
    } else {
        while (at_ < text_.size() && is_name_part(text_[at_]) && !lookalike(text_.substr(at_))) {
            segment.name += text_[at_++];
        }
    }
    token.path.push_back(std::move(segment));
    return true;
}

Token Lexer::read_name() {
    const size_t start = at_;
    Token token;
    if (!read_segment(token)) return bad(start, say(message::query_open_backtick));
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '.' && at_ + 1 < text_.size() &&
            (is_name_part(text_[at_ + 1]) || text_[at_ + 1] == '`')) {
            ++at_;
            if (!read_segment(token)) return bad(start, say(message::query_open_backtick));
        } else if (c == '[' && !token.is_word("in")) {
            // list[0]; anything else in brackets is a list of values.
            const size_t close = text_.find_first_not_of("0123456789", at_ + 1);
            if (close == std::string_view::npos || close == at_ + 1 || text_[close] != ']') break;
            token.path.push_back(
                {std::string(text_.substr(at_ + 1, close - at_ - 1)), false, true});
            at_ = close + 1;
        } else {
            break;
        }
    }
    Token made = make(Token::Kind::name, start);
    made.path = std::move(token.path);
    made.text = path_text(made.path);
    return made;
}

// \" \' \\ \n \t are resolved; any other backslash stays, so that Windows paths need no doubling.
Token Lexer::read_text(char quote) {
    const size_t start = at_++;
    std::string content;
    while (at_ < text_.size() && text_[at_] != quote) {
        char c = text_[at_++];
        if (c == '\\' && at_ < text_.size()) {
            const char escaped = text_[at_];
            if (escaped == '"' || escaped == '\'' || escaped == '\\') {
                c = escaped;
                ++at_;
            } else if (escaped == 'n' || escaped == 't') {
                c = escaped == 'n' ? '\n' : '\t';
                ++at_;
            }
        }
        content += c;
    }
    if (at_ >= text_.size())
        return bad(start, say(message::query_open_quote, std::string(1, quote)));
    ++at_;
    Token token = make(Token::Kind::text, start);
    token.text = std::move(content);
    return token;
}

Token Lexer::read_number() {
    const size_t start = at_;
    const auto digits = [this] {
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    };
    digits();
    if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
        ++at_;
        digits();
    }
    if (at_ + 1 < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
        const size_t sign = text_[at_ + 1] == '+' || text_[at_ + 1] == '-' ? 1 : 0;
        if (at_ + 1 + sign < text_.size() && is_digit(text_[at_ + 1 + sign])) {
            at_ += 1 + sign;
            digits();
        }
    }
    const size_t number_end = at_;
    while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    const bool has_unit = at_ > number_end;
    if (at_ < text_.size() && is_name_part(text_[at_])) {
        while (at_ < text_.size() && is_name_part(text_[at_])) ++at_;
        return bad(start,
                   say(message::query_bad_number, printable(text_.substr(start, at_ - start))));
    }
    Token token = make(has_unit ? Token::Kind::period : Token::Kind::number, start);
    token.text = text_.substr(start, at_ - start);
    std::from_chars(text_.data() + start, text_.data() + number_end, token.number);
    return token;
}

Token Lexer::read_symbol() {
    const size_t start = at_;
    for (const std::string_view symbol : kSymbols) {
        if (!text_.substr(at_).starts_with(symbol)) continue;
        at_ += symbol.size();
        Token token = make(Token::Kind::symbol, start);
        token.text = symbol;
        return token;
    }
    return bad(start, say(message::query_bad_character, printable(text_.substr(at_, 1))));
}

Token Lexer::rescan_regex(const Token& token) {
    const size_t start = token.span.offset;
    at_ = start + 1;
    std::string content;
    while (at_ < text_.size() && text_[at_] != '/') {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
            if (text_[at_ + 1] != '/') content += '\\';
            content += text_[at_ + 1];
            at_ += 2;
        } else {
            content += text_[at_++];
        }
    }
    if (at_ >= text_.size()) return bad(start, say(message::query_open_regex));
    ++at_;
    Token made = make(Token::Kind::regex, start);
    made.text = std::move(content);
    return made;
}

Token Lexer::rescan_unquoted(const Token& token) {
    const size_t start = token.span.offset;
    at_ = start;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '|' && text_[at_] != ',' &&
           text_[at_] != ')')
        ++at_;
    Token made = make(Token::Kind::text, start);
    made.text = text_.substr(start, at_ - start);
    return made;
}

Diagnostic diagnostic_at(
    std::string_view text, Span span, Grade grade, std::string message, std::string hint) {
    Diagnostic diagnostic;
    diagnostic.file = "query";
    diagnostic.grade = grade;
    diagnostic.message = std::move(message);
    diagnostic.hint = std::move(hint);
    const size_t offset = std::min<size_t>(span.offset, text.size());
    const std::string_view before = text.substr(0, offset);
    diagnostic.line = 1 + static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
    const size_t line_start =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    diagnostic.column = 1;
    for (size_t i = line_start; i < offset; ++diagnostic.column) next_code_point(text, i);
    return diagnostic;
}

}  // namespace yagura::query
