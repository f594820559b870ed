// Comparisons. The richer side decides how both are read: time over UUID over boolean over number
// over text.
#include <algorithm>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/constants.h"
#include "query/typing.h"

namespace yagura::query {
namespace {

std::string_view comparison_sql(Op op) {
    switch (op) {
        case Op::equal:
            return "({0} = {1})";
        case Op::not_equal:
            return "({0} <> {1})";
        case Op::less:
            return "({0} < {1})";
        case Op::less_equal:
            return "({0} <= {1})";
        case Op::greater:
            return "({0} > {1})";
        default:
            return "({0} >= {1})";
    }
}

// Text against text by order: as numbers when both read as numbers, else by code point.
std::string_view mixed_order_sql(Op op) {
    constexpr std::string_view kTemplates[] = {
        "CASE WHEN yagura_number({0}) IS NOT NULL AND yagura_number({1}) IS NOT NULL "
        "THEN yagura_number({0}) < yagura_number({1}) ELSE {0} < {1} END",
        "CASE WHEN yagura_number({0}) IS NOT NULL AND yagura_number({1}) IS NOT NULL "
        "THEN yagura_number({0}) <= yagura_number({1}) ELSE {0} <= {1} END",
        "CASE WHEN yagura_number({0}) IS NOT NULL AND yagura_number({1}) IS NOT NULL "
        "THEN yagura_number({0}) > yagura_number({1}) ELSE {0} > {1} END",
        "CASE WHEN yagura_number({0}) IS NOT NULL AND yagura_number({1}) IS NOT NULL "
        "THEN yagura_number({0}) >= yagura_number({1}) ELSE {0} >= {1} END",
    };
    return kTemplates[static_cast<size_t>(op) - static_cast<size_t>(Op::less)];
}

Op mirrored(Op op) {
    switch (op) {
        case Op::less:
            return Op::greater;
        case Op::less_equal:
            return Op::greater_equal;
        case Op::greater:
            return Op::less;
        case Op::greater_equal:
            return Op::less_equal;
        default:
            return op;
    }
}

// The answer is known as soon as the value is there: `!=` differs, everything else does not hold.
NodePtr settled(Op op, NodePtr value) {
    const std::string_view sql = op == Op::not_equal ? "CASE WHEN {0} IS NOT NULL THEN TRUE END"
                                                     : "CASE WHEN {0} IS NOT NULL THEN FALSE END";
    return Typing::apply(ValueType::boolean, op_name(op), sql, {std::move(value)});
}

NodePtr plain_compare(Op op, NodePtr left, NodePtr right) {
    return Typing::apply(
        ValueType::boolean, op_name(op), comparison_sql(op), {std::move(left), std::move(right)});
}

// `read` is what the text is as a value of the left side's kind; text that is none differs from
// every value.
NodePtr plain_or_differs(Op op, NodePtr left, NodePtr read, NodePtr text) {
    if (op != Op::not_equal) return plain_compare(op, std::move(left), std::move(read));
    return Typing::apply(
        ValueType::boolean,
        "!=",
        "CASE WHEN {2} IS NOT NULL AND {0} IS NOT NULL THEN {0} IS DISTINCT FROM {1} END",
        {std::move(left), std::move(read), std::move(text)});
}

}  // namespace

NodePtr Typing::compare(Op op, NodePtr left, NodePtr right, Span span) {
    if (left->type == ValueType::nothing || right->type == ValueType::nothing) return null();
    // The richer side decides how both are read; put it left.
    const auto rank = [](ValueType type) {
        switch (type) {
            case ValueType::json:
                return 6;
            case ValueType::time:
                return 5;
            case ValueType::uuid:
                return 4;
            case ValueType::boolean:
                return 3;
            case ValueType::integer:
            case ValueType::real:
                return 2;
            default:
                return 1;
        }
    };
    if (rank(right->type) > rank(left->type)) {
        std::swap(left, right);
        op = mirrored(op);
    }
    switch (left->type) {
        case ValueType::json:
            warning(span, say(message::query_compares_json));
            return settled(Op::equal, std::move(left));
        case ValueType::time:
            return compare_time(op, std::move(left), std::move(right), span);
        case ValueType::uuid:
            return compare_uuid(op, std::move(left), std::move(right));
        case ValueType::boolean:
            return compare_boolean(op, std::move(left), std::move(right));
        case ValueType::integer:
        case ValueType::real:
            return compare_number(op, std::move(left), std::move(right));
        default:
            return compare_text(op, std::move(left), std::move(right));
    }
}

NodePtr Typing::compare_time(Op op, NodePtr left, NodePtr right, Span span) {
    if (right->type != ValueType::time && right->kind != Node::Kind::constant &&
        !is_textual(right->type)) {
        return plain_compare(op, to_number(std::move(left)), to_number(std::move(right)));
    }
    return plain_compare(op, std::move(left), to_time(std::move(right), span));
}

NodePtr Typing::compare_boolean(Op op, NodePtr left, NodePtr right) {
    if (right->type == ValueType::boolean)
        return plain_compare(op, std::move(left), std::move(right));
    if (const std::string* text = text_constant(right)) {
        if (equals_ignore_case(*text, "true") || *text == "1")
            return plain_compare(op, std::move(left), constant(true));
        if (equals_ignore_case(*text, "false") || *text == "0")
            return plain_compare(op, std::move(left), constant(false));
        return settled(op, std::move(left));
    }
    if (is_numeric(right->type))
        return plain_compare(op, to_number(std::move(left)), std::move(right));
    // Text that says neither differs from both.
    NodePtr truth = apply(ValueType::boolean,
                          "boolean",
                          "CASE WHEN lower({0}) IN ('true', '1') THEN TRUE WHEN lower({0}) IN "
                          "('false', '0') THEN FALSE END",
                          {right});
    return plain_or_differs(op, std::move(left), std::move(truth), std::move(right));
}

NodePtr Typing::compare_uuid(Op op, NodePtr left, NodePtr right) {
    if (right->type == ValueType::uuid) return plain_compare(op, std::move(left), std::move(right));
    if (const std::string* text = text_constant(right)) {
        if (!is_uuid(*text)) return settled(op, std::move(left));
        NodePtr uuid = apply(ValueType::uuid, "uuid", "CAST({0} AS UUID)", {std::move(right)});
        return plain_compare(op, std::move(left), std::move(uuid));
    }
    return plain_compare(op, to_text(std::move(left)), to_text(std::move(right)));
}

NodePtr Typing::compare_number(Op op, NodePtr left, NodePtr right) {
    if (is_numeric(right->type)) return plain_compare(op, std::move(left), std::move(right));
    if (text_constant(right)) {
        NodePtr number = to_number(right);
        if (number->type == ValueType::nothing) return settled(op, std::move(left));
        return plain_compare(op, std::move(left), std::move(number));
    }
    NodePtr number = to_number(right);
    return plain_or_differs(op, std::move(left), std::move(number), std::move(right));
}

NodePtr Typing::compare_text(Op op, NodePtr left, NodePtr right) {
    if (op == Op::equal || op == Op::not_equal)
        return plain_compare(op, std::move(left), std::move(right));
    for (const NodePtr& side : {left, right}) {
        const std::string* text = text_constant(side);
        if (text && !read_number(*text))
            return plain_compare(op, std::move(left), std::move(right));
    }
    return apply(
        ValueType::boolean, op_name(op), mixed_order_sql(op), {std::move(left), std::move(right)});
}

NodePtr Typing::one_of(NodePtr subject, std::vector<NodePtr> values, Span span) {
    if (values.empty()) return settled(Op::equal, std::move(subject));
    const bool texts = is_textual(subject->type) &&
                       std::all_of(values.begin(), values.end(), [](const NodePtr& value) {
                           return text_constant(value) != nullptr;
                       });
    if (texts) {
        values.insert(values.begin(), std::move(subject));
        return apply(ValueType::boolean, "in", "({0} IN ({1*}))", std::move(values));
    }
    std::vector<NodePtr> alternatives;
    for (NodePtr& value : values)
        alternatives.push_back(compare(Op::equal, subject, std::move(value), span));
    return logical(Op::logical_or, std::move(alternatives));
}

}  // namespace yagura::query
