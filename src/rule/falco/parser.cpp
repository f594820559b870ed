#include "rule/falco/parser.h"

#include "base/diagnostic.h"
#include "base/hex.h"
#include "base/messages/falco.h"
#include "base/messages/rule.h"
#include "base/text.h"

namespace yagura::rule::falco {
namespace {

using Takes = Operator::Takes;

// clang-format off
constexpr Operator kOperators[] = {
    {"exists", Takes::nothing, {"the field has a value", "フィールドに値がある"}},
    {"=", Takes::one, {"equal, case counts", "等しい（大文字と小文字を区別）"}},
    {"==", Takes::one, {"the same as =", "= と同じ"}},
    {"!=", Takes::one, {"has a value, and not this one", "値があり、それと異なる"}},
    {"<", Takes::one, {"less: numbers by value, texts by their bytes", "より小さい（数値は値、文字列はバイト順で比較）"}},
    {"<=", Takes::one, {"less or equal", "以下"}},
    {">", Takes::one, {"greater", "より大きい"}},
    {">=", Takes::one, {"greater or equal", "以上"}},
    {"contains", Takes::one, {"holds this text", "この文字列を含む"}},
    {"icontains", Takes::one, {"holds this text, case aside", "この文字列を含む（大文字と小文字を区別しない）"}},
    {"bcontains", Takes::one, {"holds these bytes, in hexadecimal", "この 16 進バイト列を含む"}},
    {"startswith", Takes::one, {"begins with this text", "この文字列で始まる"}},
    {"bstartswith", Takes::one, {"begins with these bytes, in hexadecimal", "この 16 進バイト列で始まる"}},
    {"endswith", Takes::one, {"ends with this text", "この文字列で終わる"}},
    {"glob", Takes::one, {"all of it fits a pattern of * ? [ ]", "全体が * ? [ ] のパターンに合う"}},
    {"iglob", Takes::one, {"all of it fits a pattern, case aside", "全体がパターンに合う（大文字と小文字を区別しない）"}},
    {"regex", Takes::one, {"all of it fits a regular expression of RE2", "全体が RE2 の正規表現に合う"}},
    {"in", Takes::list, {"every value is one of these", "すべての値がこの中にある"}},
    {"intersects", Takes::list, {"at least one value is one of these", "少なくとも 1 つの値がこの中にある"}},
    {"pmatch", Takes::list, {"lies below one of these paths", "いずれかのパス以下にある"}},
};
constexpr Transformer kTransformers[] = {
    {"tolower", 1, 1, {"ASCII letters in lower case", "ASCII 英字を小文字にする"}},
    {"toupper", 1, 1, {"ASCII letters in upper case", "ASCII 英字を大文字にする"}},
    {"b64", 1, 1, {"Base64 decoded", "Base64 をデコードする"}},
    {"basename", 1, 1, {"what follows the last /", "最後の / より後ろ"}},
    {"len", 1, 1, {"bytes of a text, values of a list", "文字列のバイト数、リストの値の数"}},
    {"join", 2, 16, {"all values, parted by the first argument", "最初の引数を区切りとしてすべての値をつなぐ"}},
    {"concat", 1, 16, {"one after the other", "順につなぐ"}},
    {"getopt", 2, 2, {"options found in a command line; with [letter], their values", "コマンドライン中のオプション（[文字] を付けるとその値）"}},
    {"val", 1, 1, {"a field on the right side", "右辺にフィールドを書く"}},
};
constexpr std::pair<std::string_view, Link> kLinks[] = {
    {"oneof", Link::oneof}, {"anyof", Link::anyof}, {"allof", Link::allof}};
// clang-format on

constexpr uint32_t kMaxDepth = 64;
constexpr uint32_t kMaxParts = 20'000;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\b';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word_char(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}
bool ends_bare_word(char c) {
    return is_blank(c) || c == '(' || c == ')' || c == ',' || c == '=' || c == '"' || c == '\'';
}

template <class Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) {
    for (const Row& row : rows) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Parsed parse() {
        Parsed out;
        auto whole = parse_any(0);
        if (whole && at_ < text_.size()) {
            refuse(message::falco_unexpected, bare_word(at_), operator_hint());
            whole.reset();
        }
        if (whole) {
            out.expression = std::move(*whole);
        } else {
            out.message = std::move(message_);
            out.offset = failed_at_;
            out.hint = std::move(hint_);
        }
        return out;
    }

    std::optional<std::vector<Value>> all_values() {
        skip_blanks();
        std::vector<Value> out;
        if (!parse_list(out)) {
            out.clear();
            at_ = 0;
            skip_blanks();
            if (!parse_word(out)) return std::nullopt;
        }
        skip_blanks();
        if (at_ != text_.size()) return std::nullopt;
        return out;
    }

    std::optional<Value> leading_field(size_t& length) {
        Value value;
        if (!parse_left(value, 0)) return std::nullopt;
        length = at_;
        return value;
    }

  private:
    std::nullopt_t refuse(const Text& message, std::string_view what = "", std::string hint = "") {
        if (!message_.empty()) return std::nullopt;  // the first is the one that counts
        message_ = say(message, what);
        failed_at_ = static_cast<uint32_t>(std::min(at_, text_.size()));
        hint_ = std::move(hint);
        return std::nullopt;
    }
    bool fail(const Text& message, std::string_view what = "", std::string hint = "") {
        refuse(message, what, std::move(hint));
        return false;
    }

    // --- words ---

    char peek(size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    bool skip_blanks() {
        const size_t before = at_;
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
        return at_ != before;
    }
    bool take(char c) {
        if (peek() != c || at_ >= text_.size()) return false;
        ++at_;
        return true;
    }
    std::string_view bare_word(size_t from) const {
        size_t end = from;
        while (end < text_.size() && !ends_bare_word(text_[end])) ++end;
        return text_.substr(from, end == from && from < text_.size() ? 1 : end - from);
    }
    // `word` as a whole, followed by a blank, a parenthesis or the end.
    bool take_keyword(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) return false;
        const char after = peek(word.size());
        if (at_ + word.size() < text_.size() && !is_blank(after) && after != '(') return false;
        at_ += word.size();
        return true;
    }
    std::string_view identifier_at(size_t from) const {
        size_t end = from;
        if (end < text_.size() && is_letter(text_[end])) {
            while (end < text_.size() && is_word_char(text_[end])) ++end;
        }
        return text_.substr(from, end - from);
    }
    // "ct.user.name"; empty when no dot follows the first part.
    std::string_view field_name_at(size_t from) const {
        size_t end = from + identifier_at(from).size();
        if (end == from) return {};
        bool dotted = false;
        while (end < text_.size() && text_[end] == '.') {
            const size_t part = identifier_at(end + 1).size();
            if (part == 0) break;
            end += 1 + part;
            dotted = true;
        }
        return dotted ? text_.substr(from, end - from) : std::string_view();
    }

    std::string operator_hint() const {
        const std::string_view word = identifier_at(at_);
        for (const std::string_view keyword : {"and", "or", "not"}) {
            if (word != keyword && equals_ignore_case(word, keyword))
                return say(message::condition_lower_case, keyword);
        }
        return {};
    }

    // --- conditions ---

    bool too_much(uint32_t depth) {
        if (depth <= kMaxDepth && ++parts_ <= kMaxParts) return false;
        refuse(depth > kMaxDepth ? message::condition_depth : message::sigma_rule_size);
        return true;
    }

    template <class Part>
    std::optional<Expression> parse_chain(std::string_view word,
                                          Expression::Kind kind,
                                          Part&& part) {
        Expression out;
        out.kind = kind;
        do {
            skip_blanks();
            auto child = part();
            if (!child) return std::nullopt;
            out.children.push_back(std::move(*child));
            skip_blanks();
        } while (take_keyword(word));
        if (out.children.size() > 1) return out;
        Expression only = std::move(out.children[0]);
        return only;
    }
    std::optional<Expression> parse_any(uint32_t depth) {
        if (too_much(depth)) return std::nullopt;
        return parse_chain("or", Expression::Kind::any, [&] { return parse_all(depth); });
    }
    std::optional<Expression> parse_all(uint32_t depth) {
        return parse_chain("and", Expression::Kind::all, [&] { return parse_not(depth); });
    }
    std::optional<Expression> parse_not(uint32_t depth) {
        bool negated = false;
        while (skip_blanks(), take_keyword("not")) negated = !negated;
        auto inner = parse_check(depth);
        if (!inner || !negated) return inner;
        Expression out;
        out.kind = Expression::Kind::negation;
        out.children.push_back(std::move(*inner));
        return out;
    }

    std::optional<Expression> parse_check(uint32_t depth) {
        skip_blanks();
        if (take('(')) {
            auto inner = parse_any(depth + 1);
            if (!inner) return std::nullopt;
            skip_blanks();
            if (!take(')'))
                return refuse(message::condition_unclosed, bare_word(at_), operator_hint());
            return inner;
        }
        if (at_ >= text_.size()) return refuse(message::condition_ends);
        const std::string_view word = identifier_at(at_);
        const bool is_call = peek(word.size()) == '(' && find_transformer(word);
        if (field_name_at(at_).empty() && !is_call) {
            if (word.empty()) return refuse(message::falco_unexpected, bare_word(at_));
            for (const std::string_view keyword : {"and", "or", "not"}) {
                if (word == keyword) return refuse(message::condition_operator, word);
            }
            return parse_macro(word);
        }
        Expression check;
        if (!parse_left(check.left, 0) || !parse_operator(check)) return std::nullopt;
        return check;
    }

    std::optional<Expression> parse_macro(std::string_view name) {
        if (too_much(0)) return std::nullopt;
        Expression out;
        out.kind = Expression::Kind::macro;
        out.name = name;
        out.offset = static_cast<uint32_t>(at_);
        const size_t start = at_;
        at_ += name.size();
        // `fd.name contains x` with the dot forgotten: say so rather than to look for a macro.
        const bool ends = at_ >= text_.size() || is_blank(peek()) || peek() == ')';
        if (!ends) {
            at_ = start;
            const std::string_view call = peek(name.size()) == '(' ? name : std::string_view();
            if (call.empty()) return refuse(message::falco_unexpected, bare_word(at_));
            std::vector<std::string_view> names;
            for (const Transformer& row : kTransformers) names.push_back(row.name);
            return refuse(message::falco_transformer, call, suggest(call, names));
        }
        return out;
    }

    // --- values ---

    bool parse_left(Value& out, uint32_t depth) {
        if (depth > 8) return fail(message::condition_depth);
        if (too_much(0)) return false;
        skip_blanks();
        out.offset = static_cast<uint32_t>(at_);
        const std::string_view word = identifier_at(at_);
        const bool is_call = !word.empty() && peek(word.size()) == '(';
        if (const Transformer* row = is_call ? find_transformer(word) : nullptr)
            return parse_transformer(*row, out, depth);
        const std::string_view name = field_name_at(at_);
        if (name.empty()) return fail(message::falco_field_expected, bare_word(at_));
        out.kind = Value::Kind::field;
        out.name = name;
        at_ += name.size();
        return peek() != '[' || parse_argument(out);
    }

    bool parse_argument(Value& out) {
        ++at_;
        out.has_argument = true;
        if (peek() == '"' || peek() == '\'') {
            if (!parse_quoted(out.argument)) return false;
        } else {
            while (at_ < text_.size() && !is_blank(peek()) && peek() != ']' && peek() != '[' &&
                   peek() != '"' && peek() != '\'')
                out.argument += text_[at_++];
        }
        return take(']') || fail(message::falco_bracket);
    }

    bool parse_transformer(const Transformer& row, Value& out, uint32_t depth) {
        out.kind = Value::Kind::transformer;
        out.name = row.name;
        at_ += row.name.size() + 1;
        do {
            skip_blanks();
            Value value;
            value.offset = static_cast<uint32_t>(at_);
            const bool takes_words = row.max_values > 1;
            if (takes_words && (peek() == '"' || peek() == '\'')) {
                value.quoted = true;
                if (!parse_quoted(value.name)) return false;
            } else if (!parse_left(value, depth + 1)) {
                return false;
            }
            out.values.push_back(std::move(value));
            skip_blanks();
        } while (take(','));
        if (!take(')')) return fail(message::condition_unclosed, bare_word(at_));
        const size_t count = out.values.size();
        if (count < row.min_values || count > row.max_values) {
            at_ = out.offset;
            return fail(message::falco_transformer_values, row.name);
        }
        if (row.name == "getopt" && peek() == '[') return parse_argument(out);
        return true;
    }

    bool parse_quoted(std::string& out) {
        const size_t start = at_;
        const char quote = text_[at_++];
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == '\\') {
                if (!parse_escape(out)) return false;
            } else {
                out += text_[at_++];
            }
        }
        if (take(quote)) return true;
        at_ = start;
        return fail(message::yaml_unclosed_quote);
    }

    bool parse_escape(std::string& out) {
        constexpr std::string_view kLetters =
            "bfnrt\\/\"' ";  // a blank too, as public rules have it
        constexpr std::string_view kMeanings = "\b\f\n\r\t\\/\"'\\";
        const char letter = peek(1);
        const size_t known = at_ + 1 < text_.size() ? kLetters.find(letter) : std::string::npos;
        if (known != std::string_view::npos) {
            out += kMeanings[known];
            at_ += 2;
            return true;
        }
        const int high = hex_digit(peek(2));
        const int low = hex_digit(peek(3));
        if (letter != 'x' || high < 0 || low < 0)
            return fail(message::falco_escape, text_.substr(at_, 2));
        out += static_cast<char>(high * 16 + low);
        at_ += 4;
        return true;
    }

    bool parse_word(std::vector<Value>& out) {
        if (too_much(0)) return false;
        Value value;
        value.offset = static_cast<uint32_t>(at_);
        if (peek() == '"' || peek() == '\'') {
            value.quoted = true;
            if (!parse_quoted(value.name)) return false;
        } else {
            while (at_ < text_.size() && !ends_bare_word(text_[at_])) value.name += text_[at_++];
            if (value.name.empty()) {
                return at_ < text_.size()
                           ? fail(message::falco_value_expected, text_.substr(at_, 1))
                           : fail(message::condition_ends);
            }
        }
        out.push_back(std::move(value));
        return true;
    }

    bool parse_list(std::vector<Value>& out) {
        if (!take('(')) return false;
        skip_blanks();
        if (take(')')) return true;
        do {
            skip_blanks();
            if (!parse_word(out)) return false;
            skip_blanks();
        } while (take(','));
        return take(')') || fail(message::condition_unclosed, bare_word(at_));
    }

    // --- operators ---

    std::string_view operator_at() const {
        for (const std::string_view sign : {"==", "=", "!=", "<=", "<", ">=", ">"}) {
            if (text_.substr(at_).starts_with(sign)) return sign;
        }
        return identifier_at(at_);
    }

    bool parse_operator(Expression& check) {
        skip_blanks();
        check.offset = static_cast<uint32_t>(at_);
        const std::string_view word = operator_at();
        const Operator* row = find_operator(word);
        if (!row) {
            std::vector<std::string_view> names;
            for (const Operator& known : kOperators) names.push_back(known.name);
            if (at_ >= text_.size()) return fail(message::falco_operator_missing);
            return fail(message::falco_operator, bare_word(at_), suggest(word, names));
        }
        check.name = row->name == "==" ? "=" : row->name;
        at_ += word.size();
        if (row->takes == Takes::nothing) return true;
        skip_blanks();
        if (row->takes == Takes::one) parse_link(check.link);
        skip_blanks();
        if (check.link != Link::plain || row->takes == Takes::list) return parse_many(check);
        return parse_one(check);
    }

    void parse_link(Link& link) {
        const std::string_view word = identifier_at(at_);
        for (const auto& [name, meaning] : kLinks) {
            size_t after = at_ + word.size();
            while (after < text_.size() && is_blank(text_[after])) ++after;
            if (word != name || after >= text_.size() || text_[after] != '(') continue;
            link = meaning;
            at_ += word.size();
        }
    }

    bool parse_many(Expression& check) {
        if (peek() == '(') {
            check.is_list = true;
            return parse_list(check.right);
        }
        return parse_one(check);
    }

    bool parse_one(Expression& check) {
        const std::string_view word = identifier_at(at_);
        if (!word.empty() && peek(word.size()) == '(' && find_transformer(word)) {
            check.right.emplace_back();
            return parse_left(check.right.back(), 0);
        }
        return parse_word(check.right);
    }

    std::string_view text_;
    size_t at_ = 0;
    uint32_t parts_ = 0;
    std::string message_;
    std::string hint_;
    uint32_t failed_at_ = 0;
};

}  // namespace

std::span<const Operator> operators() {
    return kOperators;
}
std::span<const Transformer> transformers() {
    return kTransformers;
}
const Operator* find_operator(std::string_view name) {
    return find_row(operators(), name);
}
const Transformer* find_transformer(std::string_view name) {
    return find_row(transformers(), name);
}

Parsed parse_condition(std::string_view text) {
    return Parser(text).parse();
}

std::optional<std::vector<Value>> parse_values(std::string_view text) {
    return Parser(text).all_values();
}

std::optional<Value> parse_field(std::string_view text) {
    size_t length = 0;
    auto value = Parser(text).leading_field(length);
    return length == text.size() ? value : std::nullopt;
}

std::optional<Value> parse_leading_field(std::string_view text, size_t& length) {
    return Parser(text).leading_field(length);
}

bool is_identifier(std::string_view text) {
    if (text.empty() || !is_letter(text[0])) return false;
    for (const char c : text) {
        if (!is_word_char(c)) return false;
    }
    return true;
}

}  // namespace yagura::rule::falco
