#include "rule/sigma/condition.h"

#include <algorithm>

#include "base/diagnostic.h"
#include "base/language.h"
#include "base/messages/rule.h"
#include "base/text.h"

namespace yagura::rule::sigma {
namespace {

using match::Condition;

constexpr uint32_t kMaxParentheses = 64;

uint32_t depth_of(const Condition& condition) {
    uint32_t below = 0;
    for (const Condition& child : condition.children) below = std::max(below, depth_of(child));
    return below + 1;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// `*` in the pattern stands for any run; O(|pattern|·|name|), both short.
bool fits(std::string_view pattern, std::string_view name) {
    size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.size() && pattern[p] == name[n]) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

class Parser {
  public:
    Parser(const YamlFile& file, const YamlNode& node, Detections& detections, Problems& problems)
        : file_(file), node_(node), text_(node.text), detections_(detections), problems_(problems) {
        advance();
    }

    std::optional<Condition> parse() {
        std::optional<Condition> whole = parse_or(0);
        if (!whole || word_.empty()) return whole;
        if (word_ == "|") return refuse_aggregation();
        return refuse(message::condition_unexpected, word_, lower_case_hint());
    }

  private:
    // --- words ---

    void advance() {
        while (end_ < text_.size() && is_blank(text_[end_])) ++end_;
        start_ = end_;
        while (end_ < text_.size() && !is_blank(text_[end_])) {
            const bool is_sign = text_[end_] == '(' || text_[end_] == ')' || text_[end_] == '|';
            if (is_sign && end_ > start_) break;
            ++end_;
            if (is_sign) break;
        }
        word_ = text_.substr(start_, end_ - start_);
    }

    std::string_view next_word() const {
        size_t at = end_;
        while (at < text_.size() && is_blank(text_[at])) ++at;
        size_t end = at;
        while (end < text_.size() && !is_blank(text_[end])) ++end;
        return text_.substr(at, end - at);
    }

    bool take(std::string_view word) {
        if (word_ != word) return false;
        advance();
        return true;
    }

    std::nullopt_t refuse(const Text& message, std::string_view what = "", std::string hint = "") {
        problems_.error(file_.inside(node_, start_), say(message, what), std::move(hint));
        return std::nullopt;
    }

    // "AND" is no operator: what to write instead, or empty.
    std::string lower_case_hint() const {
        for (std::string_view keyword : {"and", "or", "not", "of"}) {
            if (word_ != keyword && equals_ignore_case(word_, keyword)) {
                return say(message::condition_lower_case, keyword);
            }
        }
        return {};
    }

    std::nullopt_t refuse_aggregation() {
        return refuse(message::condition_aggregation, "", say(message::condition_aggregation_hint));
    }

    // --- grammar ---

    std::optional<Condition> parse_or(uint32_t depth) {
        std::vector<Condition> children;
        do {
            auto child = parse_and(depth);
            if (!child) return std::nullopt;
            children.push_back(std::move(*child));
        } while (take("or"));
        return any_of(std::move(children));
    }

    std::optional<Condition> parse_and(uint32_t depth) {
        std::vector<Condition> children;
        do {
            auto child = parse_not(depth);
            if (!child) return std::nullopt;
            children.push_back(std::move(*child));
        } while (take("and"));
        return all_of(std::move(children));
    }

    std::optional<Condition> parse_not(uint32_t depth) {
        bool negated = false;
        while (take("not")) negated = !negated;
        auto inner = parse_primary(depth);
        if (!inner || !negated) return inner;
        return negation_of(std::move(*inner));
    }

    std::optional<Condition> parse_primary(uint32_t depth) {
        if (word_.empty()) return refuse(message::condition_ends);
        if (word_ == "|") return refuse_aggregation();
        if (word_ == "(") {
            if (depth >= kMaxParentheses) return refuse(message::condition_depth);
            advance();
            auto inner = parse_or(depth + 1);
            if (!inner) return std::nullopt;
            if (word_ == "|") return refuse_aggregation();
            if (!take(")")) return refuse(message::condition_unclosed, word_);
            return inner;
        }
        if (next_word() == "of") return parse_selector();
        return parse_identifier();
    }

    std::optional<Condition> parse_identifier() {
        if (word_.find_first_of("*?") != std::string_view::npos) {
            return refuse(message::condition_bare_pattern,
                          word_,
                          say(message::condition_bare_pattern_hint, word_));
        }
        for (SearchIdentifier& identifier : detections_.identifiers) {
            if (identifier.name != word_) continue;
            advance();
            return use(identifier);
        }
        const bool is_operator = word_ == "and" || word_ == "or" || word_ == "of";
        std::string hint = lower_case_hint();
        if (is_operator || !hint.empty())
            return refuse(message::condition_operator, word_, std::move(hint));
        std::vector<std::string_view> names;
        for (const SearchIdentifier& identifier : detections_.identifiers)
            names.push_back(identifier.name);
        return refuse(message::condition_unknown, word_, problems_.nearest(word_, names));
    }

    std::optional<Condition> parse_selector() {
        const bool every = word_ == "all";
        if (!every && word_ != "1" && word_ != "any")
            return refuse(message::condition_quantifier, word_);
        advance();
        advance();
        const std::string_view pattern = word_ == "them" ? "*" : word_;
        if (pattern.empty() || pattern == ")" || pattern == "(")
            return refuse(message::condition_ends);
        for (char c : pattern) {
            const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                 (c >= '0' && c <= '9') || c == '_' || c == '*';
            if (!allowed) return refuse(message::condition_pattern, pattern);
        }
        std::vector<Condition> chosen;
        for (SearchIdentifier& identifier : detections_.identifiers) {
            const bool hidden = identifier.name.starts_with('_') && !pattern.starts_with('_');
            if (hidden || !fits(pattern, identifier.name)) continue;
            auto condition = use(identifier);
            if (!condition) return std::nullopt;
            chosen.push_back(std::move(*condition));
        }
        if (chosen.empty()) return refuse(message::condition_matches_nothing, word_);
        advance();
        return every ? all_of(std::move(chosen)) : any_of(std::move(chosen));
    }

    std::optional<Condition> use(SearchIdentifier& identifier) {
        identifier.used = true;
        nodes_ += identifier.nodes;
        if (nodes_ > kMaxConditionNodes) return refuse(message::sigma_rule_size);
        return identifier.condition;
    }

    const YamlFile& file_;
    const YamlNode& node_;
    std::string_view text_;
    Detections& detections_;
    Problems& problems_;
    size_t start_ = 0;
    size_t end_ = 0;
    std::string_view word_;
    size_t nodes_ = 0;
};

}  // namespace

std::optional<Condition> read_condition(const YamlFile& file,
                                        const YamlNode& text,
                                        Detections& detections,
                                        Problems& problems) {
    if (!text.is_text()) {
        problems.error(text.at, say(message::condition_kind, kind_name(text.kind)));
        return std::nullopt;
    }
    auto condition = Parser(file, text, detections, problems).parse();
    if (condition && depth_of(*condition) > match::kMaxConditionDepth) {
        problems.error(text.at, say(message::condition_depth));
        return std::nullopt;
    }
    return condition;
}

}  // namespace yagura::rule::sigma
