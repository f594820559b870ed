#include "rule/sigma/aggregation.h"

#include <charconv>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/language.h"
#include "base/messages/rule.h"
#include "base/messages/sigma.h"

namespace yagura::rule::sigma {
namespace {

using match::CorrelationType;
using match::Threshold;

struct Function {
    std::string_view name;
    CorrelationType type;  // of fields; count() counts events
};
constexpr Function kFunctions[] = {{"count", CorrelationType::value_count},
                                   {"sum", CorrelationType::value_sum},
                                   {"avg", CorrelationType::value_avg}};

struct Sign {
    std::string_view sign;
    std::string_view key;
    Threshold::Kind kind;
};
// A sign before those it begins with.
constexpr Sign kSigns[] = {{">=", "gte", Threshold::Kind::greater_equal},
                           {"<=", "lte", Threshold::Kind::less_equal},
                           {"==", "eq", Threshold::Kind::equal},
                           {"!=", "neq", Threshold::Kind::not_equal},
                           {">", "gt", Threshold::Kind::greater},
                           {"<", "lt", Threshold::Kind::less},
                           {"=", "eq", Threshold::Kind::equal}};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// '|' function '(' [field] ')' ["by" field {"," field}] sign number
class Parser {
  public:
    Parser(const YamlFile& file, const YamlNode& node, size_t from, Problems& problems)
        : file_(file), node_(node), text_(node.text), at_(from + 1), problems_(problems) {}

    // The correlation but for its timespan; `today` becomes what to write instead.
    bool read(CorrelationDraft& draft, std::string& today) {
        const size_t begin = skip_blanks();
        const std::string_view name = word("(");
        const Function* function = nullptr;
        for (const Function& row : kFunctions) {
            if (row.name == name) function = &row;
        }
        if (!function) return refuse(begin, message::aggregation_function, name);
        if (!take('(')) return refuse(at_, message::aggregation_form);
        const size_t field_at = skip_blanks();
        const std::string_view field = word(")");
        if (!take(')')) return refuse(at_, message::aggregation_form);
        if (field.empty() && function->name != "count")
            return refuse(field_at, message::aggregation_field, name);
        draft.correlation.type = field.empty() ? CorrelationType::event_count : function->type;
        if (!field.empty()) draft.value_fields.push_back({std::string(field), place(field_at)});
        if (!read_groups(draft)) return false;
        return read_bound(draft, field, today);
    }

  private:
    Position place(size_t at) const { return file_.inside(node_, at); }
    bool refuse(size_t at, const Text& message, std::string_view what = "") {
        problems_.error(place(at), say(message, what), say(message::condition_aggregation_hint));
        return false;
    }
    size_t skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
        return at_;
    }
    // Up to a blank, a sign or one of `ends`.
    std::string_view word(std::string_view ends) {
        skip_blanks();
        const size_t from = at_;
        while (at_ < text_.size() && !is_blank(text_[at_]) &&
               ends.find(text_[at_]) == std::string_view::npos)
            ++at_;
        return text_.substr(from, at_ - from);
    }
    bool take(char c) {
        if (skip_blanks() >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool read_groups(CorrelationDraft& draft) {
        const size_t before = skip_blanks();
        if (word("<>=!") != "by") {
            at_ = before;
            return true;
        }
        do {
            const size_t from = skip_blanks();
            const std::string_view field = word("<>=!,");
            if (field.empty()) return refuse(from, message::aggregation_form);
            draft.group_by.push_back({std::string(field), place(from)});
            draft.correlation.group_by.emplace_back(field);
        } while (draft.group_by.size() < kMaxCorrelationFields && take(','));
        return true;
    }

    bool read_bound(CorrelationDraft& draft, std::string_view field, std::string& today) {
        const size_t from = skip_blanks();
        const Sign* sign = nullptr;
        for (const Sign& row : kSigns) {
            if (!sign && text_.substr(at_).starts_with(row.sign)) sign = &row;
        }
        if (!sign) return refuse(from, message::aggregation_form);
        at_ += sign->sign.size();
        const size_t number_at = skip_blanks();
        const std::string_view written = word("");
        double number = 0;
        const auto [end, error] =
            std::from_chars(written.data(), written.data() + written.size(), number);
        if (error != std::errc() || end != written.data() + written.size() ||
            skip_blanks() != text_.size())
            return refuse(number_at, message::aggregation_form);
        draft.correlation.thresholds.push_back({sign->kind, number});
        const auto type = draft.correlation.type;
        today = fmt::format(
            "type: {}{}, condition: {{{}: {}{}{}}}",
            type == CorrelationType::event_count   ? "event_count"
            : type == CorrelationType::value_count ? "value_count"
            : type == CorrelationType::value_sum   ? "value_sum"
                                                   : "value_avg",
            draft.correlation.group_by.empty()
                ? std::string()
                : fmt::format(", group-by: [{}]", fmt::join(draft.correlation.group_by, ", ")),
            sign->key,
            written,
            field.empty() ? "" : ", field: ",
            field);
        return true;
    }

    const YamlFile& file_;
    const YamlNode& node_;
    std::string_view text_;
    size_t at_;
    Problems& problems_;
};

}  // namespace

size_t find_aggregation(std::string_view condition) {
    return condition.find('|');
}

std::optional<CorrelationDraft> read_aggregation(const YamlFile& file,
                                                 const YamlNode& detection,
                                                 const YamlNode& text,
                                                 size_t from,
                                                 Problems& problems) {
    CorrelationDraft draft;
    draft.at = text.at;
    std::string today;
    if (!Parser(file, text, from, problems).read(draft, today)) return std::nullopt;
    const YamlNode* timeframe = detection.find("timeframe");
    if (!timeframe) {
        problems.error(file.inside(text, from),
                       say(message::aggregation_timeframe),
                       say(message::condition_aggregation_hint));
        return std::nullopt;
    }
    const auto timespan = read_timespan(*timeframe, 1, problems);
    if (!timespan) return std::nullopt;
    draft.correlation.timespan = *timespan;
    problems.warn(Lint::old_aggregation,
                  file.inside(text, from),
                  say(message::aggregation_old, scalar_text(timeframe), today));
    return draft;
}

}  // namespace yagura::rule::sigma
