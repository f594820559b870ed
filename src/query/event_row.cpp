// An event is found by its object and ordinal: row groups say which objects they can hold, so of a
// big lake little is read.
#include "query/event_row.h"

#include <algorithm>

#include "base/text.h"
#include "match/program.h"
#include "query/engine_impl.h"
#include "query/rebuild.h"
#include "query/row_event.h"
#include "store/account_filter.h"

namespace yagura::query {
namespace {

struct Place {
    const store::Snapshot& snapshot;
    const logtype::LogType& type;
    std::vector<const store::Segment*> segments;
    Origin origin;
    std::string own;  // condition of the scope
};

Result<sql::Rows> read_row(sql::Connection& connection,
                           const Place& place,
                           std::string_view columns) {
    return connection.query(
        fmt::format("SELECT {} FROM {} AS t WHERE object_id = $1 AND ordinal = $2{} LIMIT 1",
                    columns,
                    place.snapshot.table_sql(store::schema_of(place.type), place.segments),
                    place.own.empty() ? "" : " AND " + place.own),
        {sql::Value(place.origin.object), sql::Value(place.origin.ordinal)});
}

std::vector<std::string> words_of(const sql::Value& value) {
    std::vector<std::string> words;
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return words;
    for (const std::string_view word : split(*text, ' ')) {
        if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

std::string role_text(const EventRow& row, int slot) {
    if (slot < 0) return {};
    const int column = store::schema_of(*row.type).column_of(static_cast<size_t>(slot));
    if (column < 0) return {};
    const auto* text = std::get_if<std::string>(&row.cells[static_cast<size_t>(column)]);
    return text == nullptr ? std::string() : *text;
}

Result<void> find_findings(Engine::Impl& impl, EventRow& row) {
    const logtype::Roles& roles = row.type->roles;
    for (const std::string& rule : row.detections) {
        YAGURA_TRY(auto found,
                   impl.lake.catalog().finding_of(rule,
                                                  role_text(row, roles.account),
                                                  role_text(row, roles.principal),
                                                  role_text(row, roles.source_ip)));
        if (found) row.findings.push_back(std::move(*found));
    }
    return {};
}

void find_record(Engine::Impl& impl, const AccountScope& scope, EventRow& row) {
    if (const auto object = impl.objects.find(row.origin.object))
        row.object_path = store::visible_path(object->path, scope);
    if (auto record = impl.records.read(row.origin.object, row.origin.ordinal)) {
        row.record = std::move(*record);
        row.object_is_available = true;
        row.is_rebuilt = false;
    }
}

Result<std::optional<EventRow>> read_event(Engine::Impl& impl,
                                           sql::Connection& connection,
                                           const Place& place) {
    YAGURA_TRY(auto rows, read_row(connection, place, "*"));
    YAGURA_TRY(const bool more, rows.next());
    if (!more || rows.size() == 0) return std::optional<EventRow>();
    const store::Schema& schema = store::schema_of(place.type);
    EventRow row;
    row.type = &place.type;
    row.origin = place.origin;
    for (size_t i = 0; i < rows.columns().size(); ++i) row.cells.push_back(rows.column(i).value(0));
    if (const auto* time = std::get_if<Timestamp>(&row.cells[schema.common().event_time]))
        row.time = *time;
    row.detections = words_of(row.cells[schema.common().detections]);
    row.record = rebuilt_record(schema, rows, 0);
    row.is_rebuilt = true;
    find_record(impl, impl.scope, row);
    YAGURA_CHECK(find_findings(impl, row));
    return std::optional<EventRow>(std::move(row));
}

// Asks the rules of an event put together again from its row, as a hunt does.
Result<void> explain_rules(sql::Connection& connection,
                           const Place& place,
                           std::span<const match::Rule* const> rules,
                           EventRow& row) {
    std::vector<const match::Rule*> wanted;
    for (const match::Rule* rule : rules) {
        const auto& ids = row.detections;
        if (std::find(ids.begin(), ids.end(), rule->info.id) != ids.end()) wanted.push_back(rule);
    }
    if (wanted.empty()) return {};
    const match::Program program(place.type, wanted);
    event::FieldPlan plan(place.type.dictionary());
    program.want_fields(plan);
    plan.freeze();
    const RowShape shape(place.type, {}, true);
    YAGURA_TRY(auto rows,
               read_row(connection, place, fmt::format("{}", fmt::join(shape.selected(), ", "))));
    YAGURA_TRY(const bool more, rows.next());
    if (!more || rows.size() == 0) return {};
    std::vector<sql::ColumnView> columns;
    for (size_t i = 0; i < shape.selected().size(); ++i) columns.push_back(rows.column(i));
    RowEvents events(shape, plan);
    event::Event* event = events.read(columns, 0);
    if (event == nullptr) return {};
    for (const match::Rule* rule : wanted)
        row.explained.push_back({rule, match::explain(*rule, *event, place.type.shape)});
    return {};
}

Result<std::optional<EventRow>> event_at(Engine::Impl& impl,
                                         const Place& place,
                                         std::span<const match::Rule* const> rules) {
    YAGURA_TRY(auto row, read_event(impl, *impl.connection, place));
    if (row) YAGURA_CHECK(explain_rules(*impl.connection, place, rules, *row));
    return row;
}

Result<std::optional<EventRow>> find_event(Engine::Impl& impl,
                                           const Question& question,
                                           Origin origin,
                                           std::span<const match::Rule* const> rules) {
    YAGURA_TRY(const auto snapshot, impl.snapshot());
    YAGURA_TRY(const auto types, impl.wanted_types(question, snapshot));
    YAGURA_CHECK(impl.start(0));
    const Interruptible guard(impl, *impl.connection);
    for (const logtype::LogType* type : types) {
        const Place place{snapshot,
                          *type,
                          snapshot.segments(type->name, question.range),
                          origin,
                          store::account_filter(*type, question.scope)};
        if (place.segments.empty()) continue;
        auto row = event_at(impl, place, rules);
        if (!row) return cause_of(std::move(row).error(), question.scope, snapshot, place.segments);
        if (!*row) continue;
        return row;
    }
    return std::optional<EventRow>();
}

}  // namespace

Result<std::optional<EventRow>> Engine::event(const Question& question,
                                              Origin origin,
                                              std::span<const match::Rule* const> rules) {
    impl_->cancelled = false;
    const Asking asking(*impl_, question);
    auto found = find_event(*impl_, question, origin, rules);
    if (!found) return asking.told(std::move(found).error());
    return found;
}

}  // namespace yagura::query
