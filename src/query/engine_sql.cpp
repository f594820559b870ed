// SELECTs over the lake: temporary views named after the log types, each of the question's rows
// only. Views belong to a connection of the question's own, so nothing of one question is left for
// the next.
#include <algorithm>
#include <span>

#include "base/language.h"
#include "base/messages/query.h"
#include "query/engine_impl.h"
#include "query/facts.h"
#include "query/select_check.h"
#include "query/text_bounds.h"
#include "store/account_filter.h"

namespace yagura::query {
namespace {

std::string view_sql(const logtype::LogType& type,
                     const store::Snapshot& snapshot,
                     std::span<const store::Segment* const> segments,
                     const Question& question) {
    const store::Schema& schema = store::schema_of(type);
    const std::string own = store::account_filter(type, question.scope);
    std::string view =
        fmt::format("CREATE OR REPLACE TEMP VIEW {} AS SELECT {} FROM {} AS t WHERE {}",
                    sql::quote_name(type.name),
                    store::visible_columns(schema, own),
                    snapshot.table_sql(schema, segments),
                    own.empty() ? "TRUE" : own);
    // A view takes no bound values; these are our own numbers.
    if (question.range.from)
        view +=
            fmt::format(" AND t.event_time >= make_timestamp({})", to_micros(*question.range.from));
    if (question.range.to)
        view +=
            fmt::format(" AND t.event_time < make_timestamp({})", to_micros(*question.range.to));
    return view;
}

ResultColumn result_column(const sql::Column& column) {
    constexpr ValueType kTypes[] = {ValueType::boolean,
                                    ValueType::integer,
                                    ValueType::real,
                                    ValueType::text,
                                    ValueType::time,
                                    ValueType::uuid,
                                    ValueType::json};
    return {column.name, kTypes[static_cast<size_t>(column.type)]};
}

std::vector<ResultColumn> result_columns(std::span<const sql::Column> columns) {
    std::vector<ResultColumn> out;
    for (const sql::Column& column : columns) out.push_back(result_column(column));
    return out;
}

// A checked statement and the connection its tables live on.
struct Prepared {
    sql::Connection connection;
    std::optional<sql::Statement> statement;
    store::Snapshot snapshot;
    Segments segments;  // what the tables read
};

Result<Prepared> prepare(Engine::Impl& impl, const Question& question, Answer& answer) {
    YAGURA_TRY(const auto snapshot, impl.snapshot());
    YAGURA_TRY(const auto types, impl.wanted_types(question, snapshot));
    YAGURA_CHECK(impl.start(question.memory_limit_bytes));
    YAGURA_TRY(auto connection, impl.database->connect());
    Prepared prepared{std::move(connection), {}, snapshot, {}};
    const Interruptible guard(impl, prepared.connection);
    std::vector<std::string> names;
    for (const logtype::LogType* type : types) names.emplace_back(type->name);
    YAGURA_TRY(const auto used,
               check_select(prepared.connection, question.text, names, question.scope));
    count_segments(snapshot, types, answer);
    Plan part;  // what selecting segments has to know
    part.types = types;
    std::erase_if(part.types, [&](const logtype::LogType* type) {
        return std::find(used.tables.begin(), used.tables.end(), type->name) == used.tables.end();
    });
    part.scope = question.scope;
    part.first_segment = question.first_segment;
    part.range = question.range;
    note_facts(part);
    prepared.segments = select_segments(snapshot, part);
    count_opened(prepared.segments, answer);
    for (size_t i = 0; i < part.types.size(); ++i) {
        auto made = prepared.connection.execute(
            view_sql(*part.types[i], snapshot, prepared.segments[i], question));
        if (!made)
            return cause_of(std::move(made).error(), question.scope, snapshot, prepared.segments);
    }
    YAGURA_CHECK(bound_text_makers(prepared.connection, used.text_makers));
    YAGURA_TRY(auto statement, prepared.connection.prepare(question.text));
    if (statement.kind() != sql::StatementKind::select)
        return fail(Code::invalid, say(message::query_only_select));
    prepared.statement.emplace(std::move(statement));
    return prepared;
}

Result<void> deliver(sql::Rows& rows,
                     const Question& question,
                     const RowSink& sink,
                     Answer& answer) {
    sink.columns(result_columns(rows.columns()));
    std::vector<sql::Value> cells(rows.columns().size());
    answer.ran = true;
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) return {};
        for (size_t row = 0; row < rows.size(); ++row) {
            if (question.limit > 0 && answer.rows >= question.limit) {
                answer.limited = true;
                return {};
            }
            for (size_t i = 0; i < cells.size(); ++i) cells[i] = rows.column(i).value(row);
            ++answer.rows;
            if (!sink.row(cells)) return {};
        }
    }
}

Result<Answer> run(Engine::Impl& impl,
                   const Question& question,
                   const RowSink& sink,
                   const Asking& asking) {
    Answer answer;
    YAGURA_TRY(auto prepared, prepare(impl, question, answer));
    if (asking.reason() != Watch::Reason::none) return fail(Code::cancelled, "");
    const Interruptible guard(impl, prepared.connection);
    const auto delivered = [&]() -> Result<void> {
        YAGURA_TRY(auto rows, prepared.statement->run());
        return deliver(rows, question, sink, answer);
    }();
    if (!delivered)
        return cause_of(delivered.error(), question.scope, prepared.snapshot, prepared.segments);
    return answer;
}

}  // namespace

Result<Answer> Engine::ask_sql(const Question& question, const RowSink& sink) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    auto answer = run(*impl_, question, sink, asking);
    if (!answer) return asking.told(std::move(answer).error());
    hide_figures(question, *answer);
    return answer;
}

Result<Answer> Engine::check_sql(const Question& question, std::vector<ResultColumn>& columns) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    Answer answer;
    auto prepared = prepare(*impl_, question, answer);
    if (!prepared) return asking.told(std::move(prepared).error());
    columns = result_columns(prepared->statement->columns());
    answer.ran = true;
    hide_figures(question, answer);
    return answer;
}

}  // namespace yagura::query
