// One common table expression per step: b (what is read), s1, s2, …, then the final SELECT.
// They are marked NOT MATERIALIZED, since the engine would otherwise run each to its end before the
// next, and filters would never reach the files.
#include "query/sql_text.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/query.h"
#include "store/account_filter.h"

namespace yagura::query {
namespace {

constexpr size_t kMaxSql = 1 << 20;

std::string_view sql_type(ValueType type) {
    switch (type) {
        case ValueType::boolean:
            return "BOOLEAN";
        case ValueType::integer:
            return "BIGINT";
        case ValueType::real:
            return "DOUBLE";
        case ValueType::time:
            return "TIMESTAMP";
        case ValueType::uuid:
            return "UUID";
        default:
            return "VARCHAR";
    }
}

std::string name_of(ColumnId column) {
    return fmt::format("c{}", column);
}

class Writer {
  public:
    Writer(const Plan& plan, const SqlOptions& options) : plan_(plan), options_(options) {}

    Result<SqlText> write() {
        write_base();
        for (const Step& step : plan_.steps) write_step(step);
        flush();
        write_result();
        if (text_.sql.size() > kMaxSql) return fail(Code::limit, say(message::query_too_complex));
        return std::move(text_);
    }

  private:
    std::string bind(sql::Value value);
    std::string expression(const NodePtr& node);
    std::string fill(std::string_view sql, const std::vector<NodePtr>& arguments);
    void append_argument(std::string& out,
                         std::string_view hole,
                         const std::vector<std::string>& arguments);

    void write_base();
    std::string read_type(size_t type);
    std::string read_column(const BaseColumn& base, size_t type);
    std::string access(const Access& access, size_t type);
    std::string json_access(const Access& access);

    void write_step(const Step& step);
    void write_aggregate(const Step& step);
    std::string grouping_sets(const std::vector<std::string>& keys) const;
    void write_dedup(const Step& step);
    void next(const std::string& select);
    void flush();
    std::string order_by() const;
    void add_order(std::vector<std::string>& keys, const NodePtr& key, bool descending) const;
    void write_result();

    const Plan& plan_;
    const SqlOptions& options_;
    SqlText text_;
    std::string current_ = "b";
    size_t steps_ = 0;
    std::vector<const Assignment*> pending_;  // extend steps not yet written
    std::vector<Order> order_;
    std::vector<ColumnId> keys_;  // of the last aggregate
    bool grouped_ = false;
};

std::string Writer::bind(sql::Value value) {
    if (sql::is_null(value)) return "NULL";
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "TRUE" : "FALSE";
    std::string_view type = "VARCHAR";
    if (std::holds_alternative<int64_t>(value)) type = "BIGINT";
    if (std::holds_alternative<double>(value)) type = "DOUBLE";
    if (std::holds_alternative<Timestamp>(value)) type = "TIMESTAMP";
    text_.values.push_back(std::move(value));
    return fmt::format("CAST(${} AS {})", text_.values.size(), type);
}

std::string Writer::expression(const NodePtr& node) {
    switch (node->kind) {
        case Node::Kind::column:
            return name_of(node->column);
        case Node::Kind::constant:
            return bind(node->value);
        case Node::Kind::apply:
            return fill(node->sql, node->arguments);
    }
    return "NULL";
}

// {0} one argument · {*} all, with commas · {1*} all from the second · {* AND } all, with " AND "
// between.
std::string Writer::fill(std::string_view sql, const std::vector<NodePtr>& nodes) {
    std::vector<std::string> arguments;
    for (const NodePtr& node : nodes) arguments.push_back(expression(node));
    std::string out;
    for (size_t i = 0; i < sql.size();) {
        const size_t open = sql.find('{', i);
        out += sql.substr(i, open - i);
        if (open == std::string_view::npos || out.size() > kMaxSql) break;
        const size_t close = sql.find('}', open);
        append_argument(out, sql.substr(open + 1, close - open - 1), arguments);
        i = close + 1;
    }
    return out;
}

void Writer::append_argument(std::string& out,
                             std::string_view hole,
                             const std::vector<std::string>& arguments) {
    size_t first = 0;
    const auto [end, error] = std::from_chars(hole.data(), hole.data() + hole.size(), first);
    const std::string_view rest = hole.substr(static_cast<size_t>(end - hole.data()));
    if (!rest.starts_with('*')) {
        out += arguments[first];
        return;
    }
    const std::string_view separator = rest.size() > 1 ? rest.substr(1) : ", ";
    for (size_t i = first; i < arguments.size(); ++i) {
        if (i > first) out += separator;
        out += arguments[i];
    }
}

// --- reading ---

void Writer::write_base() {
    std::string selects;
    for (size_t type = 0; type < plan_.types.size(); ++type) {
        if (type >= options_.tables.size() || options_.tables[type].empty()) continue;
        if (!selects.empty()) selects += "\n  UNION ALL ";
        selects += read_type(type);
    }
    if (selects.empty()) {
        selects = "SELECT CAST(NULL AS BIGINT) AS object_id, CAST(NULL AS BIGINT) AS ordinal";
        for (const BaseColumn& base : plan_.base) {
            selects += fmt::format(", CAST(NULL AS {}) AS {}",
                                   sql_type(plan_.columns[base.column].type),
                                   name_of(base.column));
        }
        selects += " WHERE FALSE";
    }
    text_.sql = "WITH b AS NOT MATERIALIZED (" + selects + ")";
}

// The scope and the range are conditions of every read, whatever the query says.
std::string Writer::read_type(size_t type) {
    const std::string own = store::account_filter(*plan_.types[type], plan_.scope);
    std::string out = "SELECT object_id, ordinal";
    for (const BaseColumn& base : plan_.base) {
        out += ", " + store::visible(read_column(base, type), own) + " AS " + name_of(base.column);
    }
    out += " FROM " + options_.tables[type] + " AS t";
    std::vector<std::string> conditions;
    if (!own.empty()) conditions.push_back(own);
    const auto& range = options_.range;
    if (range.from) conditions.push_back("event_time >= " + bind(*range.from));
    if (range.to) conditions.push_back("event_time < " + bind(*range.to));
    if (!conditions.empty()) out += fmt::format(" WHERE {}", fmt::join(conditions, " AND "));
    return out;
}

std::string Writer::read_column(const BaseColumn& base, size_t type) {
    const Access& source = base.access[type];
    const ValueType wanted = plan_.columns[base.column].type;
    if (source.kind == Access::Kind::none) return fmt::format("CAST(NULL AS {})", sql_type(wanted));
    std::string out = access(source, type);
    if (source.type == wanted || sql_type(source.type) == sql_type(wanted)) return out;
    if (source.type == ValueType::time) return "yagura_time_text(" + out + ")";
    return fmt::format("CAST({} AS {})", out, sql_type(wanted));
}

std::string Writer::access(const Access& access, size_t type) {
    switch (access.kind) {
        case Access::Kind::none:
            return "NULL";
        case Access::Kind::column:
            return sql::quote_name(access.column);
        case Access::Kind::json:
            return json_access(access);
        case Access::Kind::time:
            return "event_time";
        case Access::Kind::message:
            return "yagura_message(object_id, ordinal)";
        case Access::Kind::pointer:
            return "concat(object_id, '/', ordinal)";
        case Access::Kind::log_stream:
            return "yagura_object(object_id)";
        case Access::Kind::ingestion_time:
            return "yagura_object_time(object_id)";
        case Access::Kind::log_type:
            return sql::quote_literal(plan_.types[type]->name);
        case Access::Kind::log: {
            const logtype::LogType& log = *plan_.types[type];
            const std::string suffix = sql::quote_literal(fmt::format(":{}", log.name));
            if (log.roles.account < 0) return suffix;
            const std::string_view account =
                log.fields[static_cast<size_t>(log.roles.account)].column;
            return fmt::format("concat({}, {})", sql::quote_name(account), suffix);
        }
    }
    return "NULL";
}

// Parsing JSON is the dearest thing a query can do, and finding a key's name in the text the
// cheapest: texts without it are not parsed at all.
std::string Writer::json_access(const Access& access) {
    const std::string column = sql::quote_name(access.column);
    std::string leaves;
    for (const std::string& pointer : access.pointers) {
        if (!leaves.empty()) leaves += ", ";
        leaves += fmt::format("json_extract_string({}, {})", column, bind(pointer));
    }
    if (access.pointers.size() > 1) leaves = "coalesce(" + leaves + ")";
    const std::string& pointer = access.pointers[0];
    const std::string key = pointer.substr(pointer.rfind('/') + 1);
    const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
    });
    if (!plain) return leaves;
    return fmt::format("CASE WHEN contains({}, {}) THEN {} END", column, bind(key), leaves);
}

// --- steps ---

void Writer::next(const std::string& select) {
    current_ = fmt::format("s{}", ++steps_);
    text_.sql += fmt::format(",\n{} AS NOT MATERIALIZED ({})", current_, select);
}

void Writer::flush() {
    if (pending_.empty()) return;
    std::string select = "SELECT *";
    for (const Assignment* assignment : pending_) {
        const ColumnId column = assignment->column;
        std::string value = expression(assignment->value);
        if (assignment->value->type == ValueType::nothing) value = "CAST(NULL AS VARCHAR)";
        select += ", " + value + " AS " + name_of(column);
    }
    pending_.clear();
    next(select + " FROM " + current_);
}

bool uses(const NodePtr& node, ColumnId column) {
    if (node->kind == Node::Kind::column) return node->column == column;
    return std::any_of(node->arguments.begin(),
                       node->arguments.end(),
                       [&](const NodePtr& argument) { return uses(argument, column); });
}

void Writer::write_step(const Step& step) {
    if (step.kind == Step::Kind::extend) {
        for (const Assignment& assignment : step.assignments) {
            const bool waits =
                std::any_of(pending_.begin(), pending_.end(), [&](const Assignment* pending) {
                    return uses(assignment.value, pending->column);
                });
            if (waits) flush();
            pending_.push_back(&assignment);
        }
        return;
    }
    flush();
    switch (step.kind) {
        case Step::Kind::filter:
            next("SELECT * FROM " + current_ + " WHERE " + expression(step.condition));
            break;
        case Step::Kind::aggregate:
            write_aggregate(step);
            break;
        case Step::Kind::sort:
            order_ = step.order;
            break;
        case Step::Kind::limit:
            next(fmt::format("SELECT * FROM {}{} LIMIT {}", current_, order_by(), step.limit));
            break;
        case Step::Kind::dedup:
            write_dedup(step);
            break;
        case Step::Kind::extend:
            break;
    }
}

void Writer::write_aggregate(const Step& step) {
    std::string select = "SELECT ";
    std::string groups;
    std::vector<std::string> values;
    const auto add = [&](const Assignment& assignment) {
        if (!select.ends_with(' ') || select.size() > 7) select += ", ";
        std::string value = expression(assignment.value);
        if (assignment.value->type == ValueType::nothing) value = "CAST(NULL AS VARCHAR)";
        select += value + " AS " + name_of(assignment.column);
        values.push_back(std::move(value));
    };
    keys_.clear();
    for (const Assignment& key : step.keys) {
        add(key);
        keys_.push_back(key.column);
        groups += (groups.empty() ? " GROUP BY " : ", ") + std::to_string(keys_.size());
    }
    if (!options_.sets.empty()) {
        select += fmt::format(", GROUPING({}) AS c_set", fmt::join(values, ", "));
        groups = grouping_sets(values);
    }
    for (const Assignment& aggregate : step.assignments) add(aggregate);
    if (step.keys.empty() && step.assignments.empty()) select += "1 AS c_none";
    // Without keys and without aggregates there is still one row, as for any stats over everything.
    if (step.keys.empty() && step.assignments.empty()) groups = " HAVING TRUE";
    next(select + " FROM " + current_ + groups);
    order_.clear();
    grouped_ = true;
}

// " GROUP BY GROUPING SETS ((a, b), (c))"
std::string Writer::grouping_sets(const std::vector<std::string>& keys) const {
    std::string out;
    for (const std::vector<size_t>& set : options_.sets) {
        out += out.empty() ? " GROUP BY GROUPING SETS (" : ", ";
        std::string list;
        for (const size_t key : set) list += (list.empty() ? "" : ", ") + keys[key];
        out += "(" + list + ")";
    }
    return out + ")";
}

// The first row of each combination in the present order; a row that lacks a key is never a
// duplicate.
void Writer::write_dedup(const Step& step) {
    std::string missing;
    std::string keys;
    for (const ColumnId column : step.columns) {
        missing += name_of(column) + " IS NULL OR ";
        keys += (keys.empty() ? "" : ", ") + name_of(column);
    }
    next(fmt::format("SELECT * FROM {} QUALIFY {}row_number() OVER (PARTITION BY {}{}) = 1",
                     current_,
                     missing,
                     keys,
                     order_by()));
}

// Natural order for text (digits by value, numbers behind words); missing values are the smallest.
void Writer::add_order(std::vector<std::string>& keys, const NodePtr& key, bool descending) const {
    const std::string column = name_of(key->column);
    const bool natural = is_textual(key->type);
    keys.push_back((natural ? "yagura_natural(" + column + ")" : column) +
                   (descending ? " DESC NULLS LAST" : " ASC NULLS FIRST"));
}

// What was asked for, then what makes the order complete: group keys, or time and place of the
// event.
std::string Writer::order_by() const {
    std::vector<std::string> keys;
    for (const Order& order : order_) add_order(keys, order.key, order.descending);
    if (grouped_) {
        for (const ColumnId key : keys_) keys.push_back(name_of(key) + " ASC NULLS FIRST");
    } else {
        const bool timed = std::any_of(order_.begin(), order_.end(), [this](const Order& order) {
            return order.key->column == *plan_.time;
        });
        if (!timed) keys.push_back(name_of(*plan_.time) + " DESC");
        const bool ascending = !order_.empty() && !order_.back().descending && timed;
        keys.push_back(ascending ? "object_id, ordinal" : "object_id DESC, ordinal DESC");
    }
    if (keys.empty()) return "";
    return fmt::format(" ORDER BY {}", fmt::join(keys, ", "));
}

void Writer::write_result() {
    std::string columns;
    int position = 0;
    for (const Output& output : plan_.outputs) {
        if (!grouped_ && plan_.message && output.column == *plan_.message) {
            text_.positions.push_back(-1);
            text_.has_origin = true;
            continue;
        }
        if (position > 0) columns += ", ";
        columns += name_of(output.column);
        text_.positions.push_back(position++);
    }
    if (!options_.sets.empty()) columns += ", c_set";
    if (text_.has_origin) columns += position > 0 ? ", object_id, ordinal" : "object_id, ordinal";
    text_.sql += fmt::format("\nSELECT {} FROM {}", columns, current_);
    if (options_.is_ordered) text_.sql += fmt::format("{} LIMIT {}", order_by(), options_.limit);
}

}  // namespace

Result<SqlText> write_sql(const Plan& plan, const SqlOptions& options) {
    return Writer(plan, options).write();
}

}  // namespace yagura::query
