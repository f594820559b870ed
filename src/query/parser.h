// Text of a Logs Insights query → syntax tree, or what is wrong with it and where.
//
//   const Parsed parsed = parse("filter eventName = 'ConsoleLogin' | stats count(*) by
//   sourceIPAddress"); if (!parsed.query) show(parsed.notes);
//
// Keywords and command names are read without case. Names are not looked up here; see planner.h.
// Grammar: CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax" (2026-10).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "query/lexer.h"
#include "query/syntax.h"

namespace yagura::query {

struct Parsed {
    std::optional<Query> query;     // absent when `notes` holds an error
    std::vector<Diagnostic> notes;  // errors and warnings, in the order of the text
};

Parsed parse(std::string_view text);

// What a command's own parse function works with. The first error sticks; after it every call
// fails.
class Parser {
  public:
    Parser(std::string_view text, std::vector<Diagnostic>& notes);

    std::optional<Query> parse_query();

    const Token& peek() const { return token_; }
    Token take();
    bool take_symbol(std::string_view symbol);
    bool take_word(std::string_view keyword);
    bool at_end_of_command() const;

    // Null after an error.
    ExprPtr parse_expression();
    // A field, a call or something in parentheses, without operators behind it.
    ExprPtr parse_operand() { return parse_postfix(); }
    // `a.b.c`; null (and an error) when something else stands here.
    ExprPtr parse_field();
    // expr [as name], …; false after an error.
    bool parse_items(std::vector<Item>& items);
    // A slash here opens a regex; the token is then of kind regex.
    bool open_regex();
    // The text of what stands between two offsets, blanks collapsed outside quotes.
    std::string spelling(uint32_t from, uint32_t to) const;
    uint32_t previous_end() const { return previous_end_; }

    // Always false, for `return parser.error(…)`.
    bool error(Span span, std::string message, std::string hint = "");
    bool unexpected(std::string_view wanted);
    void warning(Span span, std::string message, std::string hint = "");
    bool failed() const { return failed_; }

  private:
    bool parse_command(Query& query);
    ExprPtr parse_logical(Op op);
    ExprPtr parse_not();
    ExprPtr parse_comparison();
    ExprPtr parse_right_side(Op op);
    ExprPtr parse_list(Op op, ExprPtr subject);
    ExprPtr parse_sum();
    ExprPtr parse_product();
    ExprPtr parse_power();
    ExprPtr parse_unary();
    ExprPtr parse_postfix();
    ExprPtr parse_primary();
    ExprPtr parse_call(Token name);
    ExprPtr make(Op op, Span start, std::vector<ExprPtr> operands);
    ExprPtr leaf(Expr::Kind kind, Token token);
    ExprPtr two(Op op, ExprPtr left, ExprPtr right);
    bool deeper();

    Lexer lexer_;
    Token token_;
    uint32_t previous_end_ = 0;
    uint32_t depth_ = 0;
    bool failed_ = false;
    std::vector<Diagnostic>& notes_;
};

}  // namespace yagura::query
