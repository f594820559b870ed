#include "rule/sigma/expand.h"

#include <utility>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/messages/sigma.h"
#include "rule/lists.h"

namespace yagura::rule::sigma {
namespace {

constexpr size_t kMaxExpandedBytes = 32 << 20;  // what one value may grow to

class Expansion {
  public:
    Expansion(const Lists* lists, Problems& problems) : lists_(lists), problems_(problems) {}

    // Nullopt after a problem.
    std::optional<std::vector<Value>> expand(const Value& value) {
        const Pattern& pattern = value.pattern;
        if (const List* whole = whole_list(value)) return values_of(*whole, value);
        patterns_ = {Pattern{}};
        const auto parts = pattern.parts();
        for (size_t i = 0; i < parts.size(); ++i) {
            if (i > 0) append(Pattern{"", {{0, pattern.wildcards[i - 1].wild}}});
            if (!expand_part(parts[i], value)) return std::nullopt;
        }
        std::vector<Value> out;
        for (Pattern& expanded : patterns_) {
            Value& made = out.emplace_back(value);
            made.spelling = expanded.text;
            made.pattern = std::move(expanded);
        }
        return out;
    }

  private:
    // The list, when the value is nothing but its placeholder: then numbers stay numbers.
    const List* whole_list(const Value& value) const {
        const std::string_view text = value.pattern.text;
        if (!lists_ || !value.pattern.wildcards.empty() || text.size() < 3) return nullptr;
        if (text.front() != '%' || text.find('%', 1) != text.size() - 1) return nullptr;
        return lists_->find(text.substr(1, text.size() - 2));
    }

    static std::vector<Value> values_of(const List& list, const Value& value) {
        std::vector<Value> out;
        for (const ListValue& entry : list.values) {
            Value& made = out.emplace_back(value);
            if (entry.is_number) {
                made.kind = Value::Kind::number;
                made.number = entry.number;
                made.spelling = entry.spelling;
            } else {
                made.pattern = Pattern::parse(entry.text);
                made.spelling = entry.text;
            }
        }
        return out;
    }

    bool expand_part(std::string_view part, const Value& value) {
        std::string literal;
        for (size_t i = 0; i < part.size(); ++i) {
            if (part.substr(i).starts_with("\\%")) {
                literal += '%';
                ++i;
                continue;
            }
            const size_t end = part[i] == '%' ? part.find('%', i + 1) : std::string_view::npos;
            if (end == std::string_view::npos || end == i + 1) {
                literal += part[i];
                continue;
            }
            append(Pattern{std::exchange(literal, {}), {}});
            if (!append_each(part.substr(i + 1, end - i - 1), value)) return false;
            i = end;
        }
        append(Pattern{std::move(literal), {}});
        return true;
    }

    void append(const Pattern& tail) {
        for (Pattern& pattern : patterns_) pattern.append(tail);
    }

    // Every pattern so far with every value of the list behind it.
    bool append_each(std::string_view name, const Value& value) {
        const List* list = lists_ ? lists_->find(name) : nullptr;
        if (!list) {
            refuse(name, value);
            return false;
        }
        std::vector<Pattern> longer;
        size_t bytes = 0;
        for (const Pattern& pattern : patterns_) {
            for (const ListValue& entry : list->values) {
                Pattern& made = longer.emplace_back(pattern);
                made.append(Pattern::parse(entry.text));
                bytes += sizeof(Value) + made.text.size();
                if (longer.size() > kMaxListValues || bytes > kMaxExpandedBytes) {
                    problems_.error(value.at, say(message::sigma_rule_size));
                    return false;
                }
            }
        }
        patterns_ = std::move(longer);
        return true;
    }

    void refuse(std::string_view name, const Value& value) {
        std::vector<std::string_view> names;
        if (lists_) names = lists_->names();
        std::string hint = problems_.nearest(name, names);
        problems_.error(value.at,
                        say(message::sigma_expand, name),
                        hint.empty() ? say(message::sigma_expand_hint) : std::move(hint));
    }

    const Lists* lists_;
    Problems& problems_;
    std::vector<Pattern> patterns_;
};

}  // namespace

std::optional<std::vector<Value>> expand_placeholders(const Value& value,
                                                      const Lists* lists,
                                                      Problems& problems) {
    return Expansion(lists, problems).expand(value);
}

}  // namespace yagura::rule::sigma
