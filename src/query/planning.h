// Inside query/ only: planning one query, whose parts are spread over planner.cpp (commands) and
// expressions.cpp (names and expressions).
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/planner.h"
#include "query/typing.h"

namespace yagura::query {

// Names visible to the commands that follow; the latest of equal names counts.
struct Scope {
    std::vector<std::pair<std::string, ColumnId>> names;
    bool lake = true;                     // the lake's own fields can still be read
    std::optional<ColumnId> bin;          // what @timestamp means behind stats … by bin()
    std::vector<std::string> field_keys;  // group keys that are plain fields under their own name
};

// The state of planning one query. Not for others to use: planner.h has the one function they need.
class Planner {
  public:
    Planner(const Query& query, const PlanOptions& options, Planned& out)
        : query_(query),
          options_(options),
          out_(out),
          typing_(query.text, options.clock, out.notes) {
        plan_.types = options.types;
        plan_.range = options.clock.range;
        plan_.scope = options.scope;
        plan_.first_segment = options.first_segment;
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
    NodePtr compare(Op op, NodePtr left, NodePtr right, Span span);
    NodePtr one_of(NodePtr subject, std::vector<NodePtr> values, Span span);
    NodePtr as_kept(const NodePtr& subject, NodePtr value) const;
    NodePtr with_misfits(NodePtr column);
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

}  // namespace yagura::query
