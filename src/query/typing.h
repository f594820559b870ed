// Gives expressions their types: coercions, comparisons, arithmetic and function calls.
//
// The rules (docs/query.md, "Values"): an event's missing field is null; comparing with null is
// neither true nor false, and a filter keeps only what is true. Text and numbers compare as numbers
// when the text reads as one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "query/functions.h"
#include "query/plan.h"
#include "query/syntax.h"

namespace yagura::query {

// What the outside tells a query: "now" and the range asked for.
struct QueryClock {
    Timestamp now;
    TimeRange range;
};

class Typing {
  public:
    Typing(std::string_view text, const QueryClock& clock, std::vector<Diagnostic>& notes)
        : text_(text), clock_(clock), notes_(notes) {}

    // --- building ---
    static NodePtr column(ColumnId id, ValueType type);
    static NodePtr constant(sql::Value value);
    static NodePtr null();
    static NodePtr apply(ValueType type,
                         std::string_view name,
                         std::string_view sql,
                         std::vector<NodePtr> arguments);

    // --- coercion; a null node stays null ---
    NodePtr to_text(NodePtr node);
    NodePtr to_number(NodePtr node);
    NodePtr to_condition(NodePtr node);
    NodePtr to_time(NodePtr node, Span span);
    NodePtr to_json(NodePtr node);
    // All of one type, for case() and coalesce().
    std::vector<NodePtr> unify(std::vector<NodePtr> nodes);

    // --- operators ---
    NodePtr compare(Op op, NodePtr left, NodePtr right, Span span);
    NodePtr one_of(NodePtr subject, std::vector<NodePtr> values, Span span);
    NodePtr like_text(NodePtr subject, NodePtr part);
    NodePtr like_regex(NodePtr subject, std::string_view pattern, Span span);
    NodePtr arithmetic(Op op, NodePtr left, NodePtr right);
    NodePtr negate(NodePtr operand);
    NodePtr logical(Op op, std::vector<NodePtr> operands);
    NodePtr call(const FunctionRow& row, const Expr& call, std::vector<NodePtr> arguments);

    // The pattern as RE2 wants it ((?<n>…) becomes (?P<n>…)), or an error at `span` and "".
    std::string checked_regex(std::string_view pattern,
                              Span span,
                              std::vector<std::string>* groups = nullptr);

    // The text of a constant; reports and gives "" when it is none.
    std::string constant_text(const NodePtr& node, Span span);

    const QueryClock& clock() const { return clock_; }
    std::string_view spelling(Span span) const { return text_.substr(span.offset, span.length); }
    void error(Span span, std::string message, std::string hint = "");
    void warning(Span span, std::string message, std::string hint = "");

  private:
    NodePtr compare_time(Op op, NodePtr left, NodePtr right, Span span);
    NodePtr compare_boolean(Op op, NodePtr left, NodePtr right);
    NodePtr compare_uuid(Op op, NodePtr left, NodePtr right);
    NodePtr compare_number(Op op, NodePtr left, NodePtr right);
    NodePtr compare_text(Op op, NodePtr left, NodePtr right);

    std::string_view text_;
    const QueryClock& clock_;
    std::vector<Diagnostic>& notes_;
};

}  // namespace yagura::query
