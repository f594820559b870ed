// Cuts the text of a Logs Insights query into tokens.
//
//   Lexer lexer(text);
//   for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) …
//
// A slash divides or opens a regex, and a blank may end an unquoted URL: only the parser knows
// which, so it asks for the same place to be read again (rescan_…). Text is UTF-8; invalid bytes
// are kept as they stand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "query/syntax.h"

namespace yagura::query {

struct Token {
    enum class Kind : uint8_t { end, name, text, number, period, regex, symbol, bad };
    Kind kind = Kind::end;
    Span span;
    std::string text;  // content of a literal, a symbol's spelling, a name as path text
    double number = 0;
    std::vector<Segment> path;  // name
    std::string problem;        // bad: what is wrong, in the user's language

    bool is_symbol(std::string_view spelling) const {
        return kind == Kind::symbol && text == spelling;
    }
    // A name that could be a keyword: one step, no back-ticks. ASCII case does not count.
    bool is_word(std::string_view keyword) const;
    bool is_plain_word() const;
};

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Token next();

    // Reads again from the start of `token` (a "/") as a regex literal; \/ stands for a slash.
    Token rescan_regex(const Token& token);
    // Reads again from the start of `token` as text up to the next blank, comma, pipe or closing
    // parenthesis.
    Token rescan_unquoted(const Token& token);

    std::string_view text() const { return text_; }

  private:
    void skip_blanks();
    Token make(Token::Kind kind, size_t start) const;
    Token bad(size_t start, std::string problem);
    Token read_name();
    bool read_segment(Token& token);
    Token read_text(char quote);
    Token read_number();
    Token read_symbol();

    std::string_view text_;
    size_t at_ = 0;
};

// Line and column (both from 1, columns in code points) of a byte offset, as a Diagnostic wants
// them.
Diagnostic diagnostic_at(
    std::string_view text, Span span, Grade grade, std::string message, std::string hint = "");

}  // namespace yagura::query
