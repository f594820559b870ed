#include "store/identity.h"

#include <fmt/format.h>

#include "event/json_document.h"

namespace yagura::store {

using event::ValueView;

namespace {

// The fields that make up an identity.
std::vector<int> identity_slots(const logtype::LogType& type) {
    std::vector<int> slots{type.roles.event_id};
    if (type.roles.account >= 0) slots.push_back(type.roles.account);
    if (type.roles.revision >= 0) slots.push_back(type.roles.revision);
    return slots;
}

// What is hashed: the log type and the parts, a zero byte before each.
std::string key_of(const logtype::LogType& type) {
    std::string key;
    key.reserve(128);  // one allocation, for every event
    return key += type.name;
}

// A time counts by its value, since the lake does not keep its spelling.
void append_part(std::string& key, event::Type type, const ValueView& value, Arena& arena) {
    const std::string_view text = event::plain_text(value, arena);
    std::optional<Timestamp> time;
    if (type == event::Type::time)
        time = value.kind == event::Kind::number ? parse_epoch(text) : parse_iso8601(text);
    time ? key += std::to_string(to_micros(*time)) : key += text;
}

Hash128 hash_parts(const logtype::LogType& type, const std::vector<std::string>& parts) {
    std::string key = key_of(type);
    for (const std::string& part : parts) {
        key += '\0';
        key += part;
    }
    return hash128(key);
}

// A value that did not fit its column, from the row's `extra`.
std::optional<std::string> from_extra(std::string_view extra, const event::Field& field) {
    const event::PaddedText text(extra);
    event::JsonDocument document;
    if (document.index(text.view())) return std::nullopt;
    auto at = document.find(0, field.name);
    ValueView value;
    if (!at || document.read(*at, value)) return std::nullopt;
    Arena arena;
    std::string part;
    append_part(part, field.type, value, arena);
    return part;
}

std::string from_column(const sql::ColumnView& column, size_t row) {
    if (column.type() == sql::Type::time) return std::to_string(column.integer(row));
    std::string text;
    column.append_text(text, row);
    return text;
}

}  // namespace

std::optional<Hash128> identity_of(const logtype::LogType& type, event::Event& event) {
    if (type.roles.event_id < 0) return std::nullopt;
    std::string key = key_of(type);
    const auto append = [&](int slot) {
        if (slot < 0) return;
        key += '\0';
        append_part(key,
                    type.fields[static_cast<size_t>(slot)].type,
                    event.value(static_cast<event::SlotId>(slot)),
                    event.arena());
    };
    append(type.roles.event_id);
    if (key.size() == type.name.size() + 1) return std::nullopt;
    append(type.roles.account);
    append(type.roles.revision);
    return hash128(key);
}

std::string file_list(const std::vector<std::string>& files) {
    std::string out = "[";
    for (const std::string& file : files) {
        if (out.size() > 1) out += ", ";
        out += sql::quote_literal(file);
    }
    return out + "]";
}

Result<void> read_identities(sql::Connection& connection,
                             const Schema& schema,
                             const std::vector<std::string>& files,
                             Timestamp from,
                             Timestamp to,
                             const std::function<void(Timestamp, const Hash128&)>& visit) {
    const logtype::LogType& type = schema.log_type();
    if (type.roles.event_id < 0 || files.empty()) return {};
    const std::vector<int> slots = identity_slots(type);
    std::string columns = "extra, event_time";
    for (const int slot : slots) {
        const int column = schema.column_of(static_cast<size_t>(slot));
        columns +=
            ", " + sql::quote_name(column < 0 ? "event_time"
                                              : schema.columns()[static_cast<size_t>(column)].name);
    }
    const std::string sql = fmt::format(
        "SELECT {} FROM read_parquet({}, union_by_name=true) WHERE event_time >= ? AND event_time "
        "< ?",
        columns,
        file_list(files));
    YAGURA_TRY(auto rows, connection.query(sql, {sql::Value(from), sql::Value(to)}));
    std::vector<std::string> parts(slots.size());
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) return {};
        for (size_t row = 0; row < rows.size(); ++row) {
            for (size_t i = 0; i < slots.size(); ++i) {
                const auto slot = static_cast<size_t>(slots[i]);
                const sql::ColumnView& column = rows.column(i + 2);
                const bool may_be_extra = column.is_null(row) || schema.column_of(slot) < 0;
                std::optional<std::string> extra;
                if (may_be_extra && !rows.column(0).is_null(row)) {
                    extra = from_extra(rows.column(0).text(row), type.fields[slot]);
                }
                parts[i] = extra ? *extra : from_column(column, row);
            }
            if (parts[0].empty()) continue;
            visit(from_micros(rows.column(1).integer(row)), hash_parts(type, parts));
        }
    }
}

}  // namespace yagura::store
