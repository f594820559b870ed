#include "query/rebuild.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "store/account_filter.h"
#include "store/schema.h"

namespace yagura::query {
namespace {

std::string native_name(const store::Schema& schema, const std::string& column) {
    if (column == "event_time") return "@timestamp";
    const int index = schema.find(column);
    const int slot = index < 0 ? -1 : schema.columns()[static_cast<size_t>(index)].slot;
    return slot < 0 ? column
                    : std::string(schema.log_type().fields[static_cast<size_t>(slot)].name);
}

bool holds_json(const store::Schema& schema, const std::string& column) {
    const int index = schema.find(column);
    return index >= 0 && schema.columns()[static_cast<size_t>(index)].type == event::Type::json;
}

}  // namespace

std::string rebuilt_record(const store::Schema& schema, const sql::Rows& rows, size_t row) {
    std::string out = R"({"@rebuilt":true)";
    for (size_t i = 0; i < rows.columns().size(); ++i) {
        const std::string& name = rows.columns()[i].name;
        const auto& column = rows.column(i);
        if (column.is_null(row) || name == "object_id" || name == "ordinal" || name == "oddities")
            continue;
        std::string text;
        column.append_text(text, row);
        const bool bare = column.type() == sql::Type::boolean ||
                          column.type() == sql::Type::integer || column.type() == sql::Type::real ||
                          holds_json(schema, name);
        out += "," + json_quote(native_name(schema, name)) + ":" + (bare ? text : json_quote(text));
    }
    return out + "}";
}

Result<std::map<Origin, std::string>> rebuild_records(sql::Database& database,
                                                      const store::Snapshot& snapshot,
                                                      const Plan& plan,
                                                      const Segments& segments,
                                                      std::vector<Origin> wanted) {
    std::map<Origin, std::string> out;
    std::sort(wanted.begin(), wanted.end());
    std::set<int64_t> objects;
    for (const Origin& origin : wanted) objects.insert(origin.object);
    YAGURA_TRY(auto connection, database.connect());
    for (size_t type = 0; type < plan.types.size(); ++type) {
        if (segments[type].empty()) continue;
        const store::Schema& schema = store::schema_of(*plan.types[type]);
        const std::string own = store::account_filter(*plan.types[type], plan.scope);
        const std::string sql = fmt::format("SELECT * FROM {} AS t WHERE object_id IN ({}){}",
                                            snapshot.table_sql(schema, segments[type]),
                                            fmt::join(objects, ", "),
                                            own.empty() ? "" : " AND " + own);
        YAGURA_TRY(auto rows, connection.query(sql));
        size_t object_at = 0, ordinal_at = 0;
        for (size_t i = 0; i < rows.columns().size(); ++i) {
            if (rows.columns()[i].name == "object_id") object_at = i;
            if (rows.columns()[i].name == "ordinal") ordinal_at = i;
        }
        for (;;) {
            YAGURA_TRY(const bool more, rows.next());
            if (!more) break;
            for (size_t row = 0; row < rows.size(); ++row) {
                const Origin origin{rows.column(object_at).integer(row),
                                    rows.column(ordinal_at).integer(row)};
                if (std::binary_search(wanted.begin(), wanted.end(), origin))
                    out.emplace(origin, rebuilt_record(schema, rows, row));
            }
        }
    }
    return out;
}

}  // namespace yagura::query
