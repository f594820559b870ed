// A hand-written descent, one function per level of binding strength:
//   or < and < not < comparison (= like in …) < + - < * / % < ^ (from the right) < - ! < a.b[0] ( )
#include "query/parser.h"

#include <algorithm>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/commands.h"

namespace yagura::query {
namespace {

constexpr uint32_t kMaxCommands = 200;

struct SymbolOp {
    std::string_view symbol;
    Op op;
};
constexpr SymbolOp kComparisons[] = {
    {"=", Op::equal},
    {"==", Op::equal},
    {"!=", Op::not_equal},
    {"<>", Op::not_equal},
    {"<", Op::less},
    {">", Op::greater},
    {"<=", Op::less_equal},
    {">=", Op::greater_equal},
    {"=~", Op::like},
};

// What a token looks like in a message.
std::string shown(const Token& token, std::string_view text) {
    if (token.kind == Token::Kind::end) return say(message::query_end_of_query);
    return "'" + printable(shorten(text.substr(token.span.offset, token.span.length), 40)) + "'";
}

uint32_t tallest(const std::vector<ExprPtr>& operands) {
    uint32_t height = 0;
    for (const ExprPtr& operand : operands) height = std::max(height, operand->height);
    return height;
}

}  // namespace

Parsed parse(std::string_view text) {
    Parsed parsed;
    if (text.size() > kMaxQueryBytes) {
        parsed.notes.push_back(
            diagnostic_at(text, {}, Grade::error, say(message::query_too_long, kMaxQueryBytes)));
        return parsed;
    }
    Parser parser(text, parsed.notes);
    parsed.query = parser.parse_query();
    return parsed;
}

Parser::Parser(std::string_view text, std::vector<Diagnostic>& notes)
    : lexer_(text), notes_(notes) {
    token_ = lexer_.next();
}

bool Parser::error(Span span, std::string message, std::string hint) {
    if (!failed_)
        notes_.push_back(
            diagnostic_at(lexer_.text(), span, Grade::error, std::move(message), std::move(hint)));
    failed_ = true;
    return false;
}

void Parser::warning(Span span, std::string message, std::string hint) {
    notes_.push_back(
        diagnostic_at(lexer_.text(), span, Grade::warning, std::move(message), std::move(hint)));
}

bool Parser::unexpected(std::string_view wanted) {
    if (token_.kind == Token::Kind::bad) return error(token_.span, token_.problem);
    return error(token_.span, say(message::query_unexpected, shown(token_, lexer_.text()), wanted));
}

Token Parser::take() {
    Token taken = std::move(token_);
    previous_end_ = taken.span.offset + taken.span.length;
    token_ = lexer_.next();
    return taken;
}

bool Parser::take_symbol(std::string_view symbol) {
    if (!token_.is_symbol(symbol)) return false;
    take();
    return true;
}

bool Parser::take_word(std::string_view keyword) {
    if (!token_.is_word(keyword)) return false;
    take();
    return true;
}

bool Parser::at_end_of_command() const {
    return token_.kind == Token::Kind::end || token_.is_symbol("|");
}

bool Parser::open_regex() {
    if (!token_.is_symbol("/")) return token_.kind == Token::Kind::regex;
    token_ = lexer_.rescan_regex(token_);
    return token_.kind == Token::Kind::regex;
}

std::string Parser::spelling(uint32_t from, uint32_t to) const {
    std::string out;
    char quote = 0;
    for (const char c : lexer_.text().substr(from, to - from)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (quote == 0 && blank) {
            if (!out.empty() && out.back() != ' ') out += ' ';
            continue;
        }
        if (quote == 0 && (c == '"' || c == '\'' || c == '`')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        }
        out += c;
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

std::optional<Query> Parser::parse_query() {
    Query query;
    query.text = lexer_.text();
    do {
        if (query.commands.size() == kMaxCommands) {
            error(token_.span, say(message::query_too_many_commands, kMaxCommands));
            return std::nullopt;
        }
        if (!parse_command(query)) return std::nullopt;
    } while (take_symbol("|"));
    if (token_.kind != Token::Kind::end) {
        unexpected(say(message::query_wanted_pipe));
        return std::nullopt;
    }
    return query;
}

bool Parser::parse_command(Query& query) {
    if (token_.is_symbol("$")) return error(token_.span, say(message::query_not_yet, "$Name(…)"));
    if (!token_.is_plain_word()) return unexpected(say(message::query_wanted_command));
    const Token name = take();
    const CommandRow* row = find_command(name.text);
    if (row == nullptr) {
        const auto names = command_names();
        return error(name.span,
                     say(message::query_unknown_command, printable(name.text)),
                     suggest(name.text, names));
    }
    if (row->parse == nullptr) return error(name.span, say(message::query_not_yet, row->name));
    Command command;
    command.row = row;
    command.span = name.span;
    if (!row->parse(*this, command) || failed_) return false;
    if (!at_end_of_command()) return unexpected(say(message::query_wanted_pipe));
    query.commands.push_back(std::move(command));
    return true;
}

bool Parser::parse_items(std::vector<Item>& items) {
    do {
        Item item;
        item.span = token_.span;
        const uint32_t from = token_.span.offset;
        item.expr = parse_expression();
        if (!item.expr) return false;
        const uint32_t to = previous_end_;
        if (take_word("as")) {
            if (token_.kind != Token::Kind::name)
                return unexpected(say(message::query_wanted_name));
            item.span = token_.span;
            item.name = take().text;
            item.has_alias = true;
        } else {
            item.name = item.expr->kind == Expr::Kind::field ? path_text(item.expr->path)
                                                             : spelling(from, to);
        }
        items.push_back(std::move(item));
    } while (take_symbol(","));
    return true;
}

// --- expressions ---

bool Parser::deeper() {
    if (depth_ < kMaxHeight) return true;
    return error(token_.span, say(message::query_too_deep, kMaxHeight));
}

ExprPtr Parser::make(Op op, Span start, std::vector<ExprPtr> operands) {
    auto expr = std::make_unique<Expr>();
    expr->kind = Expr::Kind::operation;
    expr->op = op;
    expr->span = {start.offset, previous_end_ - start.offset};
    expr->height = tallest(operands) + 1;
    expr->operands = std::move(operands);
    if (expr->height > kMaxHeight) {
        error(expr->span, say(message::query_too_deep, kMaxHeight));
        return nullptr;
    }
    return expr;
}

ExprPtr Parser::two(Op op, ExprPtr left, ExprPtr right) {
    if (!left || !right) return nullptr;
    const Span start = left->span;
    std::vector<ExprPtr> operands;
    operands.push_back(std::move(left));
    operands.push_back(std::move(right));
    return make(op, start, std::move(operands));
}

ExprPtr Parser::leaf(Expr::Kind kind, Token token) {
    auto expr = std::make_unique<Expr>();
    expr->kind = kind;
    expr->span = token.span;
    expr->text = std::move(token.text);
    expr->number = token.number;
    expr->path = std::move(token.path);
    return expr;
}

ExprPtr Parser::parse_expression() {
    if (!deeper()) return nullptr;
    ++depth_;
    ExprPtr expr = parse_logical(Op::logical_or);
    --depth_;
    return expr;
}

// `a or b or c` is one node of three, so that long lists of conditions stay flat.
ExprPtr Parser::parse_logical(Op op) {
    const bool is_or = op == Op::logical_or;
    const Span start = token_.span;
    std::vector<ExprPtr> operands;
    do {
        ExprPtr operand = is_or ? parse_logical(Op::logical_and) : parse_not();
        if (!operand) return nullptr;
        operands.push_back(std::move(operand));
    } while (is_or ? take_word("or") || take_symbol("||") : take_word("and") || take_symbol("&&"));
    if (operands.size() == 1) return std::move(operands[0]);
    return make(op, start, std::move(operands));
}

ExprPtr Parser::parse_not() {
    if (!token_.is_word("not") && !token_.is_symbol("!")) return parse_comparison();
    if (!deeper()) return nullptr;
    const Span start = take().span;
    ++depth_;
    ExprPtr operand = parse_not();
    --depth_;
    if (!operand) return nullptr;
    std::vector<ExprPtr> operands;
    operands.push_back(std::move(operand));
    return make(Op::logical_not, start, std::move(operands));
}

ExprPtr Parser::parse_comparison() {
    ExprPtr left = parse_sum();
    if (!left) return nullptr;
    for (const SymbolOp& row : kComparisons) {
        if (!token_.is_symbol(row.symbol)) continue;
        take();
        ExprPtr right = parse_right_side(row.op);
        return two(row.op, std::move(left), std::move(right));
    }
    const bool negated = token_.is_word("not");
    if (negated) take();
    if (take_word("like")) {
        const Op op = negated ? Op::not_like : Op::like;
        ExprPtr right = parse_right_side(op);
        return two(op, std::move(left), std::move(right));
    }
    if (take_word("in")) return parse_list(negated ? Op::not_in : Op::in, std::move(left));
    if (negated) {
        unexpected("like, in");
        return nullptr;
    }
    return left;
}

// After a comparison: a regex, an unquoted URL (published samples hold some), or an expression.
ExprPtr Parser::parse_right_side(Op op) {
    if (op == Op::like || op == Op::not_like) {
        if (open_regex()) return leaf(Expr::Kind::regex, take());
    }
    if (token_.is_plain_word()) {
        const std::string_view rest = lexer_.text().substr(token_.span.offset + token_.span.length);
        if (rest.starts_with("://")) {
            token_ = lexer_.rescan_unquoted(token_);
            warning(token_.span,
                    say(message::query_unquoted_text),
                    "\"" + printable(token_.text) + "\"");
            return leaf(Expr::Kind::text, take());
        }
    }
    return parse_sum();
}

ExprPtr Parser::parse_list(Op op, ExprPtr subject) {
    if (token_.is_symbol("(")) {
        error(token_.span, say(message::query_not_yet_subquery), "in [\"a\", \"b\"]");
        return nullptr;
    }
    if (!take_symbol("[")) {
        unexpected("[");
        return nullptr;
    }
    const Span start = subject->span;
    std::vector<ExprPtr> operands;
    operands.push_back(std::move(subject));
    while (!token_.is_symbol("]")) {
        ExprPtr value = parse_expression();
        if (!value) return nullptr;
        operands.push_back(std::move(value));
        if (!take_symbol(",")) break;
    }
    if (!take_symbol("]")) {
        unexpected("]");
        return nullptr;
    }
    return make(op, start, std::move(operands));
}

ExprPtr Parser::parse_sum() {
    ExprPtr left = parse_product();
    while (left && (token_.is_symbol("+") || token_.is_symbol("-"))) {
        const Op op = take().text == "+" ? Op::add : Op::subtract;
        ExprPtr right = parse_product();
        left = two(op, std::move(left), std::move(right));
    }
    return left;
}

ExprPtr Parser::parse_product() {
    ExprPtr left = parse_power();
    while (left && (token_.is_symbol("*") || token_.is_symbol("/") || token_.is_symbol("%"))) {
        const std::string symbol = take().text;
        const Op op = symbol == "*" ? Op::multiply : symbol == "/" ? Op::divide : Op::modulo;
        ExprPtr right = parse_power();
        left = two(op, std::move(left), std::move(right));
    }
    return left;
}

ExprPtr Parser::parse_power() {
    ExprPtr base = parse_unary();
    if (!base || !token_.is_symbol("^")) return base;
    if (!deeper()) return nullptr;
    take();
    ++depth_;
    ExprPtr exponent = parse_power();
    --depth_;
    return two(Op::power, std::move(base), std::move(exponent));
}

ExprPtr Parser::parse_unary() {
    if (!token_.is_symbol("-")) return parse_postfix();
    if (!deeper()) return nullptr;
    const Span start = take().span;
    ++depth_;
    ExprPtr operand = parse_unary();
    --depth_;
    if (!operand) return nullptr;
    std::vector<ExprPtr> operands;
    operands.push_back(std::move(operand));
    return make(Op::negate, start, std::move(operands));
}

// jsonParse(x).a.b: a name already carries its own path, so this is for calls and parentheses.
ExprPtr Parser::parse_postfix() {
    ExprPtr base = parse_primary();
    if (!base || !(token_.is_symbol(".") || token_.is_symbol("[")) ||
        token_.span.offset != previous_end_)
        return base;
    auto access = std::make_unique<Expr>();
    access->kind = Expr::Kind::access;
    access->span = base->span;
    while ((token_.is_symbol(".") || token_.is_symbol("[")) &&
           token_.span.offset == previous_end_) {
        if (take().text == ".") {
            if (token_.kind != Token::Kind::name)
                return unexpected(say(message::query_wanted_name)), nullptr;
            Token name = take();
            std::move(name.path.begin(), name.path.end(), std::back_inserter(access->path));
        } else {
            if (token_.kind != Token::Kind::number)
                return unexpected(say(message::query_wanted_number)), nullptr;
            access->path.push_back({take().text, false, true});
            if (!take_symbol("]")) return unexpected("]"), nullptr;
        }
    }
    access->span.length = previous_end_ - access->span.offset;
    access->height = base->height + 1;
    access->operands.push_back(std::move(base));
    return access;
}

ExprPtr Parser::parse_primary() {
    switch (token_.kind) {
        case Token::Kind::text:
            return leaf(Expr::Kind::text, take());
        case Token::Kind::number:
            return leaf(Expr::Kind::number, take());
        case Token::Kind::period:
            return leaf(Expr::Kind::period, take());
        case Token::Kind::name: {
            if (token_.is_word("true") || token_.is_word("false"))
                return leaf(Expr::Kind::boolean, take());
            Token name = take();
            const bool is_call =
                token_.is_symbol("(") && name.path.size() == 1 && !name.path[0].quoted;
            return is_call ? parse_call(std::move(name)) : leaf(Expr::Kind::field, std::move(name));
        }
        default:
            break;
    }
    if (take_symbol("(")) {
        ExprPtr inner = parse_expression();
        if (inner && !take_symbol(")")) return unexpected(")"), nullptr;
        return inner;
    }
    if (token_.is_symbol("{{")) {
        error(token_.span, say(message::query_not_yet, "{{…}}"));
    } else if (open_regex()) {
        error(token_.span, say(message::query_regex_place));
    } else {
        unexpected(say(message::query_wanted_expression));
    }
    return nullptr;
}

ExprPtr Parser::parse_call(Token name) {
    take();  // (
    auto call = std::make_unique<Expr>();
    call->kind = Expr::Kind::call;
    call->span = name.span;
    call->text = std::move(name.text);
    while (!token_.is_symbol(")")) {
        if (token_.is_symbol("*")) {
            call->operands.push_back(leaf(Expr::Kind::star, take()));
        } else {
            // Functions that take a pattern may be given one as /re/.
            ExprPtr operand = open_regex() ? leaf(Expr::Kind::regex, take()) : parse_expression();
            if (!operand) return nullptr;
            call->operands.push_back(std::move(operand));
        }
        if (!take_symbol(",")) break;
    }
    if (!take_symbol(")")) return unexpected(")"), nullptr;
    call->span.length = previous_end_ - call->span.offset;
    call->height = tallest(call->operands) + 1;
    if (call->height > kMaxHeight)
        return error(call->span, say(message::query_too_deep, kMaxHeight)), nullptr;
    return call;
}

ExprPtr Parser::parse_field() {
    if (token_.kind != Token::Kind::name)
        return unexpected(say(message::query_wanted_name)), nullptr;
    return leaf(Expr::Kind::field, take());
}

}  // namespace yagura::query
