// Commands, one after the other: each adds steps to the plan or changes what is shown.
#include "query/planner.h"

#include <re2/re2.h>

#include "base/language.h"
#include "base/messages/query.h"
#include "base/text.h"
#include "query/commands.h"
#include "query/facts.h"
#include "query/planning.h"
#include "query/schema.h"

namespace yagura::query {

using Kind = Expr::Kind;

// --- steps ---

ColumnId Planner::new_column(std::string name, ValueType type) {
    plan_.columns.push_back({std::move(name), type});
    return static_cast<ColumnId>(plan_.columns.size() - 1);
}

ColumnId Planner::compute(const std::string& name, NodePtr node) {
    if (node->kind == Node::Kind::column) return node->column;
    const ColumnId column = new_column(name, node->type);
    Step step{.kind = Step::Kind::extend};
    step.assignments.push_back({column, std::move(node)});
    plan_.steps.push_back(std::move(step));
    return column;
}

void Planner::show(const std::string& name, ColumnId column) {
    for (Output& output : shown_) {
        if (output.name == name) {
            output.column = column;
            return;
        }
    }
    shown_.push_back({name, column});
}

void Planner::add_filter(NodePtr condition) {
    Step step{.kind = Step::Kind::filter};
    step.condition = std::move(condition);
    plan_.steps.push_back(std::move(step));
}

void Planner::check_order() {
    size_t stats_left = 0;
    for (const Command& command : query_.commands) stats_left += command.row->name == "stats";
    bool stats_seen = false;
    bool dedup_seen = false;
    for (const Command& command : query_.commands) {
        const std::string_view name = command.row->name;
        if (name == "stats") {
            stats_seen = true;
            --stats_left;
        }
        if (dedup_seen && name != "limit") {
            typing_.error(command.span, say(message::query_after_dedup, name));
            return;
        }
        dedup_seen = dedup_seen || name == "dedup";
        if (stats_seen && stats_left > 0 && (name == "sort" || name == "limit")) {
            typing_.error(command.span, say(message::query_between_stats, name));
            return;
        }
    }
}

void Planner::run_command(const Command& command) {
    struct Runner {
        std::string_view name;
        void (Planner::*run)(const Command&);
    };
    static constexpr Runner kRunners[] = {
        {"filter", &Planner::run_filter},
        {"stats", &Planner::run_stats},
        {"sort", &Planner::run_sort},
        {"limit", &Planner::run_limit},
        {"dedup", &Planner::run_dedup},
        {"parse", &Planner::run_parse},
    };
    for (const Runner& runner : kRunners) {
        if (runner.name == command.row->name) return (this->*runner.run)(command);
    }
    run_fields(command, command.row->name == "display");
}

void Planner::run_fields(const Command& command, bool is_display) {
    if (is_display) {
        display_ = true;
        shown_.clear();
    }
    for (const Item& item : command.items) {
        const ColumnId column = compute(item.name, typed(*item.expr));
        if (item.has_alias || item.expr->kind != Kind::field) bind(item.name, column);
        if (is_display || !display_) show(item.name, column);
    }
}

void Planner::run_filter(const Command& command) {
    std::vector<NodePtr> kept;
    const Expr& condition = *command.condition;
    if (condition.op == Op::logical_and && before_stats_) {
        for (const ExprPtr& operand : condition.operands) filter_conjunct(*operand, kept);
    } else {
        filter_conjunct(condition, kept);
    }
    if (!kept.empty()) add_filter(typing_.logical(Op::logical_and, std::move(kept)));
}

void Planner::filter_conjunct(const Expr& conjunct, std::vector<NodePtr>& kept) {
    if (before_stats_ && try_hoist(conjunct)) return;
    kept.push_back(typing_.to_condition(typed(conjunct)));
}

namespace {

void collect_fields(const Expr& expr, std::vector<const Expr*>& fields) {
    if (expr.kind == Kind::field) fields.push_back(&expr);
    for (const ExprPtr& operand : expr.operands) collect_fields(*operand, fields);
}

}  // namespace

// A condition on fields the stats does not output is meant for the events before it.
bool Planner::try_hoist(const Expr& conjunct) {
    std::vector<const Expr*> fields;
    collect_fields(conjunct, fields);
    bool absent = false;
    for (const Expr* field : fields) {
        const bool is_key =
            std::find(scope_.field_keys.begin(), scope_.field_keys.end(), path_text(field->path)) !=
            scope_.field_keys.end();
        if (!is_visible(*field)) {
            absent = true;
        } else if (!is_key) {
            return false;
        }
    }
    if (!absent || !before_stats_->lake) return false;
    typing_.warning(conjunct.span, say(message::query_filter_moved));
    Scope after = std::exchange(scope_, *before_stats_);
    Step step{.kind = Step::Kind::filter};
    step.condition = typing_.to_condition(typed(conjunct));
    scope_ = std::move(after);
    plan_.steps.insert(plan_.steps.begin() + static_cast<ptrdiff_t>(stats_step_++),
                       std::move(step));
    return true;
}

void Planner::run_stats(const Command& command) {
    Step step{.kind = Step::Kind::aggregate};
    Scope inner;
    inner.lake = false;
    std::vector<Output> outputs;
    for (const Item& key : command.keys) {
        NodePtr node = typed(*key.expr);
        const ColumnId column = new_column(key.name, node->type);
        const bool is_bin =
            key.expr->kind == Kind::call && equals_ignore_case(key.expr->text, "bin");
        if (is_bin && !inner.bin) inner.bin = column;
        if (key.expr->kind == Kind::field && !key.has_alias) inner.field_keys.push_back(key.name);
        step.keys.push_back({column, std::move(node)});
        inner.names.emplace_back(key.name, column);
        outputs.push_back({key.name, column});
    }
    const Scope before = std::exchange(scope_, std::move(inner));
    outer_ = &before;
    aggregating_ = &step;
    std::vector<Assignment> after;
    for (const Item& item : command.items) {
        NodePtr node = typed(*item.expr);
        ColumnId column = node->column;
        if (node->kind != Node::Kind::column) {
            column = new_column(item.name, node->type);
            after.push_back({column, std::move(node)});
        }
        scope_.names.emplace_back(item.name, column);
        outputs.push_back({item.name, column});
    }
    aggregating_ = nullptr;
    outer_ = nullptr;
    stats_step_ = plan_.steps.size();
    before_stats_ = before;
    plan_.steps.push_back(std::move(step));
    for (Assignment& assignment : after) {
        Step extend{.kind = Step::Kind::extend};
        extend.assignments.push_back(std::move(assignment));
        plan_.steps.push_back(std::move(extend));
    }
    plan_.is_aggregated = true;
    grouped_ = std::move(outputs);
    shown_.clear();
    parsed_.clear();
    display_ = false;
}

void Planner::run_sort(const Command& command) {
    Step step{.kind = Step::Kind::sort};
    for (const SortKey& key : command.order) {
        std::vector<const Expr*> fields;
        collect_fields(*key.expr, fields);
        const bool missing =
            !scope_.lake && std::any_of(fields.begin(), fields.end(), [this](const Expr* field) {
                return !is_visible(*field);
            });
        if (missing) {
            typing_.warning(key.expr->span, say(message::query_sort_missing, printable(key.name)));
            continue;
        }
        // `SUM(x)` behind stats names its column.
        const auto named = find_name(key.name, !scope_.lake);
        NodePtr node =
            named ? Typing::column(*named, plan_.columns[*named].type) : typed(*key.expr);
        const ColumnId column = compute(key.name, std::move(node));
        step.order.push_back({Typing::column(column, plan_.columns[column].type), key.descending});
    }
    if (!step.order.empty()) plan_.steps.push_back(std::move(step));
}

void Planner::run_limit(const Command& command) {
    Step step{.kind = Step::Kind::limit};
    step.limit = command.limit;
    step.any = command.any;
    plan_.steps.push_back(std::move(step));
}

void Planner::run_dedup(const Command& command) {
    Step step{.kind = Step::Kind::dedup};
    for (const ExprPtr& field : command.fields)
        step.columns.push_back(compute(path_text(field->path), typed(*field)));
    if (scope_.lake) event_time(command.span);
    plan_.steps.push_back(std::move(step));
}

NodePtr Planner::capture(const NodePtr& subject, const std::string& regex, size_t group) {
    return Typing::apply(
        ValueType::any,
        "capture",
        "yagura_capture({0}, {1}, {2})",
        {subject, Typing::constant(regex), Typing::constant(static_cast<int64_t>(group))});
}

namespace {

// "a=*, b=*" as a regex: what stands between the stars is literal, a star takes as little as it
// can, the last one at the end of the pattern everything that is left.
std::string glob_regex(std::string_view glob) {
    std::string out = "(?s)";
    for (size_t i = 0; i < glob.size();) {
        const size_t star = std::min(glob.find('*', i), glob.size());
        out += RE2::QuoteMeta(re2::StringPiece(glob.data() + i, star - i));
        if (star == glob.size()) break;
        out += star + 1 == glob.size() ? "(.*)" : "(.*?)";
        i = star + 1;
    }
    return out;
}

}  // namespace

void Planner::run_parse(const Command& command) {
    Expr message;
    message.kind = Kind::field;
    message.span = command.span;
    message.path = {Segment{"@message"}};
    NodePtr subject = typing_.to_text(typed(command.subject ? *command.subject : message));
    const auto make = [&](const std::string& name, NodePtr node) {
        const ColumnId column = compute(name, std::move(node));
        bind(name, column);
        parsed_.push_back({name, column});
    };
    if (command.mode == ParseMode::logfmt) {
        make(command.names[0],
             Typing::apply(ValueType::json, "logfmt", "yagura_logfmt({0})", {subject}));
        return;
    }
    if (command.mode == ParseMode::csv) {
        for (size_t i = 0; i < command.names.size(); ++i) {
            make(command.names[i],
                 Typing::apply(ValueType::any,
                               "csv",
                               "yagura_csv({0}, {1})",
                               {subject, Typing::constant(static_cast<int64_t>(i))}));
        }
        return;
    }
    if (command.mode == ParseMode::glob) {
        const std::string regex = glob_regex(command.pattern);
        for (size_t i = 0; i < command.names.size(); ++i)
            make(command.names[i], capture(subject, regex, i + 1));
        return;
    }
    std::vector<std::string> groups;
    const std::string regex = typing_.checked_regex(command.pattern, command.pattern_span, &groups);
    if (regex.empty()) return;
    if (groups.empty() || command.names.size() > groups.size()) {
        typing_.error(command.pattern_span,
                      say(message::query_regex_groups, groups.size(), command.names.size()),
                      "/user=(?<user>\\w+)/");
        return;
    }
    for (size_t i = 0; i < groups.size(); ++i) {
        const std::string& name = i < command.names.size() ? command.names[i] : groups[i];
        if (!name.empty()) make(name, capture(subject, regex, i + 1));
    }
}

void Planner::finish() {
    plan_.outputs = shown_;
    if (shown_.empty() && plan_.is_aggregated) plan_.outputs = grouped_;
    if (shown_.empty() && !plan_.is_aggregated) {
        for (const std::string_view name : {"@timestamp", "@message"}) {
            const Segment segment{std::string(name)};
            plan_.outputs.push_back({std::string(name), lake_field({&segment, 1}, {})->column});
        }
    }
    if (!display_) {
        for (const Output& output : parsed_) {
            const bool known =
                std::any_of(plan_.outputs.begin(), plan_.outputs.end(), [&](const Output& shown) {
                    return shown.name == output.name;
                });
            if (!known) plan_.outputs.push_back(output);
        }
    }
    // The order of events, and the range, need their time.
    if (!plan_.is_aggregated) {
        const Segment segment{"@timestamp"};
        lake_field({&segment, 1}, {});
    }
    note_facts(plan_);
}

Planned plan(const Query& query, const PlanOptions& options) {
    Planned planned;
    Planner(query, options, planned).run();
    return planned;
}

}  // namespace yagura::query
