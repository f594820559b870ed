#include "query/planner.h"

#include <algorithm>
#include <set>

#include <re2/re2.h>

#include "base/language.h"
#include "base/text.h"
#include "query/commands.h"
#include "query/facts.h"
#include "query/schema.h"

namespace yagura::query {
namespace {

using Kind = Expr::Kind;

// Names visible to the commands that follow; the latest of equal names counts.
struct Scope {
    std::vector<std::pair<std::string, ColumnId>> names;
    bool lake = true;                     // the lake's own fields can still be read
    std::optional<ColumnId> bin;          // what @timestamp means behind stats … by bin()
    std::vector<std::string> field_keys;  // group keys that are plain fields under their own name
};

std::string folded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ' && c != '`') out += ascii_lower(c);
    }
    return out;
}

class Planner {
  public:
    Planner(const Query& query, const PlanOptions& options, Planned& out)
        : query_(query),
          options_(options),
          out_(out),
          typing_(query.text, options.clock, out.notes) {
        plan_.types = options.types;
        plan_.range = options.clock.range;
    }

    void run() {
        check_order();
        for (const Command& command : query_.commands) {
            run_command(command);
            if (has_error()) return;
        }
        finish();
        if (!has_error()) out_.plan = std::move(plan_);
    }

  private:
    bool has_error() const {
        return std::any_of(out_.notes.begin(), out_.notes.end(), [](const Diagnostic& note) {
            return note.grade == Grade::error;
        });
    }

    void check_order();
    void run_command(const Command& command);
    void run_fields(const Command& command, bool is_display);
    void run_filter(const Command& command);
    void run_stats(const Command& command);
    void run_sort(const Command& command);
    void run_limit(const Command& command);
    void run_dedup(const Command& command);
    void run_parse(const Command& command);
    void finish();

    // Expressions
    NodePtr typed(const Expr& expr);
    NodePtr typed_field(const Expr& expr);
    NodePtr typed_operation(const Expr& expr);
    NodePtr typed_call(const Expr& expr);
    NodePtr typed_aggregate(const FunctionRow& row, const Expr& expr);
    std::vector<NodePtr> typed_arguments(const FunctionRow& row, const Expr& expr);
    NodePtr typed_or_text(const Expr& expr);
    NodePtr json_leaf(NodePtr base, std::span<const Segment> path);

    // Names
    std::optional<ColumnId> find_name(std::string_view name, bool loosely) const;
    NodePtr lake_field(std::span<const Segment> path, Span span);
    NodePtr event_time(Span span);
    bool is_lake_field(std::span<const Segment> path) const;
    bool is_visible(const Expr& field) const;
    void warn_unknown(const std::string& name, Span span);

    // Steps
    ColumnId new_column(std::string name, ValueType type);
    ColumnId compute(const std::string& name, NodePtr node);
    void show(const std::string& name, ColumnId column);
    void bind(const std::string& name, ColumnId column) { scope_.names.emplace_back(name, column); }
    void add_filter(NodePtr condition);
    void filter_conjunct(const Expr& conjunct, std::vector<NodePtr>& kept);
    bool try_hoist(const Expr& conjunct);
    NodePtr capture(const NodePtr& subject, const std::string& regex, size_t group);

    const Query& query_;
    const PlanOptions& options_;
    Planned& out_;
    Typing typing_;
    Plan plan_;
    Scope scope_;
    std::vector<Output> shown_;    // asked for by fields or display; empty: the default
    std::vector<Output> parsed_;   // made by parse, shown unless display chooses
    std::vector<Output> grouped_;  // what the last stats outputs
    bool display_ = false;
    std::set<std::string> warned_;

    // While the items of a stats command are typed:
    Step* aggregating_ = nullptr;
    const Scope* outer_ = nullptr;  // names the aggregates' arguments see
    // Just before the last stats:
    std::optional<Scope> before_stats_;
    size_t stats_step_ = 0;
};

// --- expressions ---

NodePtr Planner::typed(const Expr& expr) {
    switch (expr.kind) {
        case Kind::text:
            return Typing::constant(expr.text);
        case Kind::number: {
            const bool whole = expr.text.find_first_not_of("0123456789") == std::string::npos &&
                               expr.number < 9e15;
            return whole ? Typing::constant(static_cast<int64_t>(expr.number))
                         : Typing::constant(expr.number);
        }
        case Kind::boolean:
            return Typing::constant(equals_ignore_case(expr.text, "true"));
        case Kind::period:
            typing_.error(
                expr.span, say(Message::query_stray_period, expr.text), "bin(" + expr.text + ")");
            break;
        case Kind::regex:
            typing_.error(expr.span, say(Message::query_regex_place));
            break;
        case Kind::star:
            typing_.error(expr.span, say(Message::query_stray_star), "count(*)");
            break;
        case Kind::field:
            return typed_field(expr);
        case Kind::access: {
            NodePtr base = typed(*expr.operands[0]);
            if (base->type == ValueType::json) return json_leaf(std::move(base), expr.path);
            typing_.warning(expr.span, say(Message::query_not_a_map), "jsonParse(…)");
            return Typing::null();
        }
        case Kind::operation:
            return typed_operation(expr);
        case Kind::call:
            return typed_call(expr);
    }
    return Typing::null();
}

NodePtr Planner::json_leaf(NodePtr base, std::span<const Segment> path) {
    return Typing::apply(ValueType::any,
                         "json leaf",
                         "json_extract_string({0}, {1})",
                         {std::move(base), Typing::constant(json_pointer(path))});
}

NodePtr Planner::typed_field(const Expr& expr) {
    const std::span<const Segment> path = expr.path;
    const std::string name = path_text(expr.path);
    if (const auto column = find_name(name, !scope_.lake))
        return Typing::column(*column, plan_.columns[*column].type);
    // A path into a map made earlier: js.accounts[0].id
    for (size_t prefix = path.size() - 1; prefix > 0; --prefix) {
        const auto column = find_name(
            path_text({path.begin(), path.begin() + static_cast<ptrdiff_t>(prefix)}), false);
        if (!column) continue;
        NodePtr base = Typing::column(*column, plan_.columns[*column].type);
        if (base->type == ValueType::json) return json_leaf(std::move(base), path.subspan(prefix));
        if (!scope_.lake) break;
    }
    if (aggregating_) {
        typing_.error(expr.span,
                      say(Message::query_not_aggregated, printable(name)),
                      "latest(" + printable(name) + ")");
        return Typing::null();
    }
    if (scope_.lake) return lake_field(path, expr.span);
    if (name == "@timestamp" && scope_.bin) return Typing::column(*scope_.bin, ValueType::time);
    std::vector<std::string_view> names;
    for (const auto& [known, column] : scope_.names) names.push_back(known);
    typing_.error(
        expr.span, say(Message::query_gone_after_stats, printable(name)), suggest(name, names));
    return Typing::null();
}

// Published samples use back-ticks around text: `United States`. What cannot be a field is taken
// for text.
NodePtr Planner::typed_or_text(const Expr& expr) {
    const bool quoted = expr.kind == Kind::field && expr.path.size() == 1 && expr.path[0].quoted;
    if (!quoted || find_name(expr.path[0].name, false) || !scope_.lake || is_lake_field(expr.path))
        return typed(expr);
    const std::string& text = expr.path[0].name;
    if (text.starts_with('@') || text.find('.') != std::string::npos) return typed(expr);
    typing_.warning(expr.span,
                    say(Message::query_backtick_text, printable(text)),
                    "\"" + printable(text) + "\"");
    return Typing::constant(text);
}

NodePtr Planner::typed_operation(const Expr& expr) {
    const auto& operands = expr.operands;
    switch (expr.op) {
        case Op::logical_or:
        case Op::logical_and:
        case Op::logical_not: {
            std::vector<NodePtr> nodes;
            for (const ExprPtr& operand : operands) nodes.push_back(typed(*operand));
            return typing_.logical(expr.op, std::move(nodes));
        }
        case Op::like:
        case Op::not_like: {
            NodePtr subject = typed(*operands[0]);
            NodePtr found =
                operands[1]->kind == Kind::regex
                    ? typing_.like_regex(std::move(subject), operands[1]->text, operands[1]->span)
                    : typing_.like_text(std::move(subject), typed_or_text(*operands[1]));
            return expr.op == Op::like ? found
                                       : typing_.logical(Op::logical_not, {std::move(found)});
        }
        case Op::in:
        case Op::not_in: {
            std::vector<NodePtr> values;
            for (size_t i = 1; i < operands.size(); ++i)
                values.push_back(typed_or_text(*operands[i]));
            NodePtr found = typing_.one_of(typed(*operands[0]), std::move(values), expr.span);
            return expr.op == Op::in ? found : typing_.logical(Op::logical_not, {std::move(found)});
        }
        case Op::equal:
        case Op::not_equal:
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal:
            return typing_.compare(
                expr.op, typed(*operands[0]), typed_or_text(*operands[1]), expr.span);
        case Op::negate:
            return typing_.negate(typed(*operands[0]));
        default:
            return typing_.arithmetic(expr.op, typed(*operands[0]), typed(*operands[1]));
    }
}

NodePtr Planner::typed_call(const Expr& expr) {
    const FunctionRow* row = find_function(expr.text);
    if (row == nullptr) {
        const auto names = function_names();
        if (is_later_function(expr.text)) {
            typing_.error(expr.span, say(Message::query_not_yet, expr.text + "()"));
        } else {
            typing_.error(expr.span,
                          say(Message::query_unknown_function, printable(expr.text)),
                          suggest(expr.text, names));
        }
        return Typing::null();
    }
    const bool star = !expr.operands.empty() && expr.operands[0]->kind == Kind::star;
    const size_t given = star && row->name == "count" ? 0 : expr.operands.size();
    if (given < row->least || given > row->most) {
        typing_.error(
            expr.span, say(Message::query_argument_count, row->name), std::string(row->usage));
        return Typing::null();
    }
    if (row->is_aggregate()) return typed_aggregate(*row, expr);
    return typing_.call(*row, expr, typed_arguments(*row, expr));
}

std::vector<NodePtr> Planner::typed_arguments(const FunctionRow& row, const Expr& expr) {
    std::vector<NodePtr> arguments;
    if (row.name == "bin") {
        arguments.push_back(event_time(expr.span));
        return arguments;
    }
    for (const ExprPtr& operand : expr.operands) {
        if (operand->kind == Kind::period || operand->kind == Kind::regex) {
            arguments.push_back(
                Typing::constant(operand->text));  // read from the tree by the function itself
        } else if (operand->kind != Kind::star) {
            arguments.push_back(row.name == "concat" ? typed_or_text(*operand) : typed(*operand));
        }
    }
    return arguments;
}

NodePtr Planner::typed_aggregate(const FunctionRow& row, const Expr& expr) {
    if (aggregating_ == nullptr) {
        const bool nested = outer_ != nullptr;
        typing_.error(expr.span,
                      say(nested ? Message::query_nested_aggregate : Message::query_aggregate_place,
                          row.name),
                      "stats " + std::string(row.usage));
        return Typing::null();
    }
    // The arguments belong to the rows before the stats.
    Step* step = std::exchange(aggregating_, nullptr);
    Scope inner = std::exchange(scope_, *outer_);
    std::vector<NodePtr> arguments = typed_arguments(row, expr);
    if (row.family == FunctionRow::Family::event) arguments.push_back(event_time(expr.span));
    NodePtr node = typing_.call(row, expr, std::move(arguments));
    scope_ = std::move(inner);
    aggregating_ = step;
    const ColumnId column = new_column(std::string(row.name), node->type);
    step->assignments.push_back({column, std::move(node)});
    return Typing::column(column, plan_.columns[column].type);
}

// --- names ---

std::optional<ColumnId> Planner::find_name(std::string_view name, bool loosely) const {
    for (auto it = scope_.names.rbegin(); it != scope_.names.rend(); ++it) {
        if (it->first == name) return it->second;
    }
    if (!loosely) return std::nullopt;
    // `SUM(Fault)` names a column written sum( Fault ).
    for (auto it = scope_.names.rbegin(); it != scope_.names.rend(); ++it) {
        if (folded(it->first) == folded(name)) return it->second;
    }
    return std::nullopt;
}

bool Planner::is_lake_field(std::span<const Segment> path) const {
    return std::any_of(plan_.types.begin(), plan_.types.end(), [&](const auto* type) {
        return resolve(*type, path).is_known;
    });
}

bool Planner::is_visible(const Expr& field) const {
    if (find_name(path_text(field.path), true)) return true;
    if (path_text(field.path) == "@timestamp" && scope_.bin) return true;
    return std::any_of(scope_.names.begin(), scope_.names.end(), [&](const auto& known) {
        return plan_.columns[known.second].type == ValueType::json &&
               path_text(field.path).starts_with(known.first + ".");
    });
}

void Planner::warn_unknown(const std::string& name, Span span) {
    if (!warned_.insert(name).second) return;
    typing_.warning(span,
                    say(Message::query_unknown_field, printable(name)),
                    suggest(name, known_names(plan_.types)));
}

NodePtr Planner::lake_field(std::span<const Segment> path, Span span) {
    BaseColumn base{0, {}};
    bool known = false;
    ValueType type = ValueType::nothing;
    for (const logtype::LogType* log : plan_.types) {
        Access access = resolve(*log, path);
        known = known || access.is_known;
        base.access.push_back(std::move(access));
    }
    for (Access& access : base.access) {
        // Where some log type knows the field, guesses into the others' `extra` would only cost
        // time.
        if (known && !access.is_known) access = {};
        if (access.type == ValueType::nothing || access.type == type) continue;
        if (type == ValueType::nothing) {
            type = access.type;
        } else {
            type = is_numeric(type) && is_numeric(access.type) ? ValueType::real : ValueType::any;
        }
    }
    const std::string name = path_text({path.begin(), path.end()});
    if (!known) warn_unknown(name, span);
    for (const BaseColumn& known_column : plan_.base) {
        if (plan_.columns[known_column.column].name == name)
            return Typing::column(known_column.column, plan_.columns[known_column.column].type);
    }
    base.column = new_column(name, type);
    if (!base.access.empty()) {
        if (base.access[0].kind == Access::Kind::message) plan_.message = base.column;
        if (name == "@timestamp") plan_.time = base.column;
    }
    plan_.base.push_back(base);
    return Typing::column(base.column, type);
}

NodePtr Planner::event_time(Span span) {
    const Segment segment{"@timestamp"};
    if (scope_.lake) return lake_field({&segment, 1}, span);
    typing_.error(span,
                  say(Message::query_gone_after_stats, "@timestamp"),
                  "stats … by bin(5m) as t | stats … by datefloor(t, 1h)");
    return Typing::null();
}

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
            typing_.error(command.span, say(Message::query_after_dedup, name));
            return;
        }
        dedup_seen = dedup_seen || name == "dedup";
        if (stats_seen && stats_left > 0 && (name == "sort" || name == "limit")) {
            typing_.error(command.span, say(Message::query_between_stats, name));
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

void collect_fields(const Expr& expr, std::vector<const Expr*>& fields) {
    if (expr.kind == Kind::field) fields.push_back(&expr);
    for (const ExprPtr& operand : expr.operands) collect_fields(*operand, fields);
}

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
    typing_.warning(conjunct.span, say(Message::query_filter_moved));
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
            typing_.warning(key.expr->span, say(Message::query_sort_missing, printable(key.name)));
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
                      say(Message::query_regex_groups, groups.size(), command.names.size()),
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

}  // namespace

Planned plan(const Query& query, const PlanOptions& options) {
    Planned planned;
    Planner(query, options, planned).run();
    return planned;
}

}  // namespace yagura::query
