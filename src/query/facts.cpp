#include "query/facts.h"

#include <algorithm>

#include "query/constants.h"

namespace yagura::query {
namespace {

const BaseColumn* base_column(const Plan& plan, const NodePtr& node) {
    if (is_uuid_text(node)) return base_column(plan, node->arguments[0]);
    if (node->kind != Node::Kind::column) return nullptr;
    for (const BaseColumn& base : plan.base) {
        if (base.column == node->column) return &base;
    }
    return nullptr;
}

// Texts of these columns are kept in the segments' indexes.
bool is_indexed(const BaseColumn& base) {
    return std::all_of(base.access.begin(), base.access.end(), [](const Access& access) {
        if (access.column == "detections" || access.column == "detection_level") return false;
        const bool text = access.type == ValueType::text || access.type == ValueType::any ||
                          access.type == ValueType::uuid;
        const bool stored =
            access.kind == Access::Kind::column || access.kind == Access::Kind::json;
        return access.kind == Access::Kind::none || (stored && text && access.is_known);
    });
}

const std::string* text_of(const NodePtr& node) {
    if (node->kind == Node::Kind::apply && node->name == "uuid") return text_of(node->arguments[0]);
    return node->kind == Node::Kind::constant ? std::get_if<std::string>(&node->value) : nullptr;
}

// Texts one of which must occur in an event for which `node` is true; empty when nothing can be
// said.
Needles needles_of(const Plan& plan, const NodePtr& node) {
    if (node->kind != Node::Kind::apply || node->arguments.empty()) return {};
    const auto& arguments = node->arguments;
    if (node->name == "or") {
        Needles all;
        for (const NodePtr& argument : arguments) {
            const Needles some = needles_of(plan, argument);
            if (some.empty()) return {};
            all.insert(all.end(), some.begin(), some.end());
        }
        return all;
    }
    if (node->name == "and") {
        for (const NodePtr& argument : arguments) {
            if (Needles some = needles_of(plan, argument); !some.empty()) return some;
        }
        return {};
    }
    if ((node->name != "=" || node->sql != "({0} = {1})") && node->name != "in") return {};
    const bool swapped = base_column(plan, arguments[0]) == nullptr && arguments.size() == 2;
    const NodePtr& subject = arguments[swapped ? 1 : 0];
    const BaseColumn* base = base_column(plan, subject);
    if (base == nullptr || !is_indexed(*base)) return {};
    // What did not fit a column of UUIDs stands in `extra`.
    const bool is_elsewhere = is_uuid_text(subject) && subject->arguments.size() > 1;
    Needles all;
    for (size_t i = 0; i < arguments.size(); ++i) {
        if (i == (swapped ? 1u : 0u)) continue;
        const std::string* text = text_of(arguments[i]);
        if (text == nullptr || text->empty()) return {};
        all.push_back({*text, is_elsewhere ? std::nullopt : std::optional(base->column)});
    }
    return all;
}

void narrow(Plan& plan, const NodePtr& node) {
    if (node->kind != Node::Kind::apply || node->arguments.size() != 2) return;
    const NodePtr& left = node->arguments[0];
    const NodePtr& right = node->arguments[1];
    if (left->kind != Node::Kind::column || !plan.time || left->column != *plan.time) return;
    const auto* time =
        right->kind == Node::Kind::constant ? std::get_if<Timestamp>(&right->value) : nullptr;
    if (time == nullptr) return;
    const auto tick = std::chrono::microseconds(1);
    const auto raise = [&](Timestamp from) {
        plan.range.from = std::max(plan.range.from.value_or(from), from);
    };
    const auto lower = [&](Timestamp to) {
        plan.range.to = std::min(plan.range.to.value_or(to), to);
    };
    if (node->name == ">" || node->name == ">=") raise(node->name == ">" ? *time + tick : *time);
    if (node->name == "<" || node->name == "<=") lower(node->name == "<=" ? *time + tick : *time);
    if (node->name == "=") {
        raise(*time);
        lower(*time + tick);
    }
}

void note_conjunct(Plan& plan, const NodePtr& node) {
    if (node->kind == Node::Kind::apply && node->name == "and") {
        for (const NodePtr& argument : node->arguments) note_conjunct(plan, argument);
        return;
    }
    narrow(plan, node);
    if (Needles needles = needles_of(plan, node); !needles.empty())
        plan.needles.push_back(std::move(needles));
}

bool mentions(const NodePtr& node, ColumnId column) {
    if (node->kind == Node::Kind::column) return node->column == column;
    return std::any_of(node->arguments.begin(),
                       node->arguments.end(),
                       [&](const NodePtr& argument) { return mentions(argument, column); });
}

bool mentions(const Step& step, ColumnId column) {
    const auto in = [&](const std::vector<Assignment>& assignments) {
        return std::any_of(assignments.begin(), assignments.end(), [&](const Assignment& one) {
            return mentions(one.value, column);
        });
    };
    return in(step.assignments) || in(step.keys) ||
           (step.condition && mentions(step.condition, column)) ||
           std::any_of(step.order.begin(),
                       step.order.end(),
                       [&](const Order& one) { return mentions(one.key, column); }) ||
           std::find(step.columns.begin(), step.columns.end(), column) != step.columns.end();
}

}  // namespace

void note_facts(Plan& plan) {
    // Where none of a person's accounts occurs there is nothing of theirs.
    if (!plan.scope.is_all()) {
        Needles accounts;
        for (const std::string& account : plan.scope.accounts()) accounts.push_back({account});
        plan.needles.push_back(std::move(accounts));
    }
    for (const Step& step : plan.steps) {
        using Kind = Step::Kind;
        if (step.kind == Kind::aggregate || step.kind == Kind::limit || step.kind == Kind::dedup)
            break;
        if (step.kind == Kind::filter) note_conjunct(plan, step.condition);
    }
    if (!plan.message) return;
    for (const Step& step : plan.steps)
        plan.needs_message = plan.needs_message || mentions(step, *plan.message);
}

}  // namespace yagura::query
