// Questions asked of a few made-up events held in memory, so that the language can be tested
// without a lake.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "query/native.h"
#include "query/parser.h"
#include "query/planner.h"
#include "query/sql_text.h"
#include "sql/database.h"

namespace yagura::query {

// Columns a test may fill; all others of the log type are NULL.
struct Row {
    std::string time;
    std::vector<std::pair<std::string, std::string>> fields;  // column, SQL literal
};

class Bench {
  public:
    Bench() {
        auto opened = sql::Database::open({.threads = 1});
        REQUIRE(opened);
        auto connected = opened->connect();
        REQUIRE(connected);
        database_.emplace(std::move(*opened));
        connection_.emplace(std::move(*connected));
        RecordSource source;
        source.message = [](int64_t object, int64_t ordinal) -> std::optional<std::string> {
            return "record " + std::to_string(object) + "/" + std::to_string(ordinal) +
                   " level=ERROR user=\"a b\"";
        };
        source.object_name = [](int64_t object) -> std::optional<std::string> {
            return "object-" + std::to_string(object) + ".json.gz";
        };
        source.object_time = [](int64_t) -> std::optional<Timestamp> {
            return from_micros(1'700'000'000'000'000);
        };
        REQUIRE(add_functions(*connection_, source));
    }

    void add(std::string_view log_type, const std::vector<Row>& rows) {
        const logtype::LogType* type = logtype::find(log_type);
        REQUIRE(type != nullptr);
        std::string create =
            "CREATE TABLE " + std::string(log_type) +
            " (event_time TIMESTAMP, object_id BIGINT, ordinal BIGINT, extra VARCHAR, "
            "oddities BIGINT, detections VARCHAR, detection_level VARCHAR";
        std::vector<std::string_view> seen = {"event_time"};
        for (const event::Field& field : type->fields) {
            if (std::find(seen.begin(), seen.end(), field.column) != seen.end()) continue;
            seen.push_back(field.column);
            create += ", " + sql::quote_name(field.column) + " " + sql_type(field.type);
        }
        REQUIRE(connection_->execute(create + ")"));
        for (size_t i = 0; i < rows.size(); ++i) {
            std::string names = "event_time, object_id, ordinal",
                        values = "TIMESTAMP '" + rows[i].time + "', 1, " + std::to_string(i);
            for (const auto& [column, literal] : rows[i].fields) {
                names += ", " + sql::quote_name(column);
                values += ", " + literal;
            }
            const auto inserted = connection_->execute("INSERT INTO " + std::string(log_type) +
                                                       " (" + names + ") VALUES (" + values + ")");
            REQUIRE_MESSAGE(inserted, (inserted ? "" : inserted.error().sentence()));
        }
        types_.push_back(type);
    }

    Planned planned(std::string_view text) {
        const Parsed parsed = parse(text);
        Planned out;
        if (parsed.query) out = plan(*parsed.query, {types_, clock_});
        out.notes.insert(out.notes.begin(), parsed.notes.begin(), parsed.notes.end());
        return out;
    }

    // All rows as text: cells with "|" between, rows with "; ". A missing value is "-". An error is
    // its message.
    std::string ask(std::string_view text) {
        const Planned planned_query = planned(text);
        if (!planned_query.plan)
            return planned_query.notes.empty() ? "no plan" : to_string(planned_query.notes.back());
        SqlOptions options;
        options.range = planned_query.plan->range;
        for (const logtype::LogType* type : types_) options.tables.emplace_back(type->name);
        const auto sql_text = write_sql(*planned_query.plan, options);
        if (!sql_text) return sql_text.error().sentence();
        last_sql = sql_text->sql;
        auto rows = connection_->query(sql_text->sql, sql_text->values);
        if (!rows) return rows.error().sentence() + "\n" + sql_text->sql;
        return to_text(*rows, *sql_text);
    }

    std::string first_note(std::string_view text) {
        const Planned out = planned(text);
        return out.notes.empty() ? "" : to_string(out.notes.front());
    }

    sql::Connection& connection() { return *connection_; }
    QueryClock clock_{from_micros(1'722'430'000'000'000), {}};  // 2024-07-31T12:46:40Z
    std::string last_sql;

  private:
    static std::string sql_type(event::Type type) {
        switch (type) {
            case event::Type::integer:
                return "BIGINT";
            case event::Type::real:
                return "DOUBLE";
            case event::Type::boolean:
                return "BOOLEAN";
            case event::Type::time:
                return "TIMESTAMP";
            case event::Type::uuid:
                return "UUID";
            default:
                return "VARCHAR";
        }
    }

    static std::string to_text(sql::Rows& rows, const SqlText& sql_text) {
        std::string out;
        for (;;) {
            const auto more = rows.next();
            if (!more) return more.error().sentence();
            if (!*more) return out;
            for (size_t row = 0; row < rows.size(); ++row) {
                if (!out.empty()) out += "; ";
                for (size_t i = 0; i < sql_text.positions.size(); ++i) {
                    if (i > 0) out += "|";
                    const int position = sql_text.positions[i];
                    if (position < 0) {
                        out += "@";
                        continue;
                    }
                    const auto& column = rows.column(static_cast<size_t>(position));
                    if (column.is_null(row)) {
                        out += "-";
                    } else {
                        column.append_text(out, row);
                    }
                }
            }
        }
    }

    std::optional<sql::Database> database_;
    std::optional<sql::Connection> connection_;
    std::vector<const logtype::LogType*> types_;
};

}  // namespace yagura::query
