#include "rule/falco/exceptions.h"

#include "base/diagnostic.h"
#include "base/language.h"
#include "base/messages/falco.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/falco/parser.h"

namespace yagura::rule::falco {
namespace {

class ExceptionReader {
  public:
    ExceptionReader(const Exception& exception, std::vector<Mistake>& mistakes)
        : exception_(exception), mistakes_(mistakes) {}

    // All values of the exception as one expression; nullopt when there are none or one is wrong.
    std::optional<Expression> read() {
        Expression rows = node(Expression::Kind::any);
        if (exception_.is_single) {
            if (exception_.values.empty()) return std::nullopt;
            Expression check = check_of(0);
            for (const YamlNode* value : exception_.values) add_values(*value, check);
            check.is_list = true;
            rows.children.push_back(std::move(check));
        } else {
            for (const YamlNode* row : exception_.values) read_row(*row, rows);
        }
        if (!fine_ || rows.children.empty()) return std::nullopt;
        return rows;
    }
    bool fine() const { return fine_; }

  private:
    static Expression node(Expression::Kind kind) {
        Expression out;
        out.kind = kind;
        return out;
    }

    void refuse(std::string message, std::string hint = "") {
        mistakes_.push_back({exception_.place, std::move(message), std::move(hint)});
        fine_ = false;
    }

    void read_row(const YamlNode& row, Expression& rows) {
        const size_t count = exception_.fields.size();
        if (row.kind != YamlNode::Kind::list || row.items.size() != count) {
            mistakes_.push_back({{exception_.place.file, row.at},
                                 say(message::falco_exception_row, exception_.name, count),
                                 ""});
            fine_ = false;
            return;
        }
        Expression checks = node(Expression::Kind::all);
        for (size_t i = 0; i < count; ++i) {
            Expression check = check_of(i);
            add_values(*row.items[i], check);
            checks.children.push_back(std::move(check));
        }
        rows.children.push_back(std::move(checks));
    }

    // "startswith anyof" is an operator and how its values are linked.
    Expression check_of(size_t i) {
        Expression check = node(Expression::Kind::check);
        const auto words = split(trim(exception_.comps[i]), ' ');
        check.name = words[0] == "==" ? "=" : std::string(words[0]);
        const Operator* row = find_operator(words[0]);
        if (!row || row->takes == Operator::Takes::nothing || words.size() > 2) {
            std::vector<std::string_view> names;
            for (const Operator& known : operators()) names.push_back(known.name);
            refuse(say(message::falco_operator, exception_.comps[i]), suggest(words[0], names));
        }
        if (words.size() == 2) {
            check.link = words[1] == "oneof"   ? Link::oneof
                         : words[1] == "anyof" ? Link::anyof
                         : words[1] == "allof" ? Link::allof
                                               : Link::plain;
            if (check.link == Link::plain)
                refuse(say(message::falco_operator, exception_.comps[i]));
        }
        const bool takes_list =
            row && (row->takes == Operator::Takes::list || check.link != Link::plain);
        if (row && exception_.is_single && !takes_list)
            refuse(say(message::falco_exception_comp, exception_.name, exception_.comps[i]));
        auto field = parse_field(exception_.fields[i]);
        if (field) {
            check.left = std::move(*field);
        } else {
            refuse(say(message::falco_field_expected, exception_.fields[i]));
        }
        check.is_list = takes_list;
        return check;
    }

    // A value is a word, a list of words, or "(a, b)" written as one text.
    void add_values(const YamlNode& node, Expression& check) {
        const auto add = [&](const YamlNode& word) {
            Value value;
            value.name = word.text;
            check.right.push_back(std::move(value));
        };
        if (node.kind == YamlNode::Kind::list) {
            for (const YamlNode* item : node.items) add(*item);
        } else if (node.text.starts_with('(') && check.is_list) {
            if (auto values = parse_values(node.text)) {
                for (Value& value : *values) {
                    value.offset = 0;
                    check.right.push_back(std::move(value));
                }
            } else {
                refuse(say(message::falco_value_expected, node.text));
            }
        } else {
            add(node);
        }
    }

    const Exception& exception_;
    std::vector<Mistake>& mistakes_;
    bool fine_ = true;
};

}  // namespace

bool lower_exceptions(const RuleItem& rule,
                      Lowering& lowering,
                      std::vector<match::Condition>& excepted,
                      std::vector<Mistake>& mistakes) {
    bool fine = true;
    for (const Exception& exception : rule.exceptions) {
        ExceptionReader reader(exception, mistakes);
        const auto expression = reader.read();
        fine = fine && reader.fine();
        if (!expression) continue;
        auto condition = lowering.lower(*expression, Written(exception.place));
        fine = fine && condition;
        if (condition) excepted.push_back(std::move(*condition));
    }
    return fine;
}

}  // namespace yagura::rule::falco
