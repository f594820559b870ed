// Counting for screens: the commonest values of fields, and the time that events span.
//
// A facet is `filter … | stats count(*) by FIELD` with one more statement around it, so that
// values, their number and the events without one come out of one read.
#include <algorithm>

#include "query/engine_impl.h"
#include "query/sql_text.h"

namespace yagura::query {
namespace {

constexpr std::string_view kAround = R"sql(
WITH g AS MATERIALIZED ({}),
top AS (SELECT c{} AS v, c{} AS n FROM g WHERE v IS NOT NULL ORDER BY n DESC, v LIMIT {})
SELECT CAST(v AS VARCHAR), n, 0, 0 FROM top
UNION ALL
SELECT NULL, sum(c{}), count(c{}), sum(c{}) FILTER (c{} IS NULL) FROM g)sql";

int64_t number(const sql::ColumnView& column, size_t row) {
    return column.is_null(row) ? 0 : static_cast<int64_t>(column.real(row));
}

Result<Facet> read_facet(sql::Rows& rows, std::string_view field) {
    Facet facet;
    facet.field = field;
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) break;
        for (size_t row = 0; row < rows.size(); ++row) {
            const auto count = static_cast<uint64_t>(number(rows.column(1), row));
            if (rows.column(0).is_null(row)) {
                facet.total = count;
                facet.distinct = static_cast<uint64_t>(number(rows.column(2), row));
                facet.missing = static_cast<uint64_t>(number(rows.column(3), row));
            } else {
                facet.values.push_back({rows.column(0).value(row), count});
            }
        }
    }
    std::sort(facet.values.begin(), facet.values.end(), [](const auto& a, const auto& b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    });
    return facet;
}

}  // namespace

Result<Answer> Engine::Impl::facet(const Question& question,
                                   std::string_view field,
                                   size_t size,
                                   Facet& out) {
    Answer answer;
    YAGURA_TRY(const auto moment, snapshot());
    Question counting = question;
    const std::string text = fmt::format("{}{}stats count(*) as n by {} as v",
                                         question.text,
                                         question.text.empty() ? "" : "\n| ",
                                         field);
    counting.text = text;
    YAGURA_TRY(const auto plan, plan_for(counting, moment, answer));
    if (!plan) return answer;
    const Segments segments = select_segments(moment, *plan);
    count_segments(moment, plan->types, answer);
    count_opened(segments, answer);
    YAGURA_CHECK(start(question.memory_limit_bytes));
    YAGURA_TRY(const SqlText inner,
               write_sql(*plan,
                         {.tables = tables_of(moment, *plan, segments),
                          .range = plan->range,
                          .is_ordered = false}));
    const ColumnId v = plan->outputs[0].column;
    const ColumnId n = plan->outputs[1].column;
    const Interruptible guard(*this, *connection);
    YAGURA_TRY(
        auto rows,
        connection->query(fmt::format(kAround, inner.sql, v, n, size, n, v, n, v), inner.values));
    YAGURA_TRY(out, read_facet(rows, field));
    answer.ran = true;
    answer.rows = out.values.size();
    return answer;
}

Result<Answer> Engine::facets(const Question& question,
                              std::span<const std::string> fields,
                              size_t size,
                              std::vector<Facet>& out) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    Answer all;
    all.ran = true;
    for (const std::string& field : fields) {
        Facet facet;
        auto answer = impl_->facet(question, field, size, facet);
        if (!answer) return asking.told(std::move(answer).error());
        const bool ran = answer->ran;
        std::move(answer->notes.begin(), answer->notes.end(), std::back_inserter(all.notes));
        all.segments_opened = std::max(all.segments_opened, answer->segments_opened);
        all.segments_total = std::max(all.segments_total, answer->segments_total);
        all.bytes_opened = std::max(all.bytes_opened, answer->bytes_opened);
        if (!ran) {
            all.ran = false;
            return all;
        }
        out.push_back(std::move(facet));
    }
    hide_figures(question, all);
    return all;
}

Result<std::vector<Engine::TypeTotals>> Engine::totals(const Question& question) {
    std::vector<TypeTotals> out;
    if (question.scope.is_all()) {
        YAGURA_TRY(const auto snapshot, impl_->snapshot());
        YAGURA_TRY(const auto types, impl_->wanted_types(question, snapshot));
        for (const logtype::LogType* type : types) {
            TypeTotals totals{type, 0, 0, Timestamp::max(), Timestamp::min()};
            for (const store::Segment* segment : snapshot.segments(type->name)) {
                totals.rows += segment->rows;
                totals.bytes += segment->bytes;
                totals.first = std::min(totals.first, segment->min_time);
                totals.last = std::max(totals.last, segment->max_time);
            }
            if (totals.rows > 0) out.push_back(totals);
        }
        return out;
    }
    Question asked = question;
    asked.text =
        "stats count(*) as n, min(@timestamp) as first, max(@timestamp) as last by log_type";
    RowSink sink;
    sink.columns = [](const auto&) {};
    sink.row = [&](std::span<const sql::Value> cells) {
        TypeTotals totals;
        if (const auto* name = std::get_if<std::string>(&cells[0]))
            totals.type = logtype::find(*name);
        if (const auto* rows = std::get_if<int64_t>(&cells[1]))
            totals.rows = static_cast<uint64_t>(*rows);
        if (const auto* first = std::get_if<Timestamp>(&cells[2])) totals.first = *first;
        if (const auto* last = std::get_if<Timestamp>(&cells[3])) totals.last = *last;
        if (totals.type != nullptr && totals.rows > 0) out.push_back(totals);
        return true;
    };
    YAGURA_TRY(const Answer answer, ask(asked, sink));
    static_cast<void>(answer);
    return out;
}

Result<TimeRange> Engine::span(const Question& question) {
    if (question.scope.is_all()) {
        YAGURA_TRY(const auto snapshot, impl_->snapshot());
        YAGURA_TRY(const auto types, impl_->wanted_types(question, snapshot));
        TimeRange span;
        for (const logtype::LogType* type : types) {
            for (const store::Segment* segment : snapshot.segments(type->name, question.range)) {
                const Timestamp end = segment->max_time + std::chrono::microseconds(1);
                span.from = std::min(span.from.value_or(segment->min_time), segment->min_time);
                span.to = std::max(span.to.value_or(end), end);
            }
        }
        return span;
    }
    Question asked = question;
    asked.text = "stats min(@timestamp) as first, max(@timestamp) as last";
    TimeRange span;
    RowSink sink;
    sink.columns = [](const auto&) {};
    sink.row = [&](std::span<const sql::Value> cells) {
        if (const auto* first = std::get_if<Timestamp>(&cells[0])) span.from = *first;
        if (const auto* last = std::get_if<Timestamp>(&cells[1]))
            span.to = *last + std::chrono::microseconds(1);
        return true;
    };
    YAGURA_TRY(const Answer answer, ask(asked, sink));
    static_cast<void>(answer);
    return span;
}

}  // namespace yagura::query
