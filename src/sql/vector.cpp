// DuckDB's memory layout as ColumnView sees it: integers of many widths, times of four units, a
// UUID kept as a signed 128-bit number with its top bit flipped so that it sorts. Nested values are
// rendered as JSON.
#include "sql/vector.h"

#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace yagura::sql {
namespace {

constexpr int kMaxNesting = 64;

struct TypeRow {
    duckdb_type engine;
    const char* name;
    Type type;
};

constexpr TypeRow kTypes[] = {
    {DUCKDB_TYPE_BOOLEAN, "BOOLEAN", Type::boolean},
    {DUCKDB_TYPE_TINYINT, "TINYINT", Type::integer},
    {DUCKDB_TYPE_SMALLINT, "SMALLINT", Type::integer},
    {DUCKDB_TYPE_INTEGER, "INTEGER", Type::integer},
    {DUCKDB_TYPE_BIGINT, "BIGINT", Type::integer},
    {DUCKDB_TYPE_UTINYINT, "UTINYINT", Type::integer},
    {DUCKDB_TYPE_USMALLINT, "USMALLINT", Type::integer},
    {DUCKDB_TYPE_UINTEGER, "UINTEGER", Type::integer},
    {DUCKDB_TYPE_UBIGINT, "UBIGINT", Type::integer},
    {DUCKDB_TYPE_HUGEINT, "HUGEINT", Type::integer},
    {DUCKDB_TYPE_UHUGEINT, "UHUGEINT", Type::integer},
    {DUCKDB_TYPE_FLOAT, "FLOAT", Type::real},
    {DUCKDB_TYPE_DOUBLE, "DOUBLE", Type::real},
    {DUCKDB_TYPE_DECIMAL, "DECIMAL", Type::real},
    {DUCKDB_TYPE_VARCHAR, "VARCHAR", Type::text},
    {DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP", Type::time},
    {DUCKDB_TYPE_TIMESTAMP_TZ, "TIMESTAMPTZ", Type::time},
    {DUCKDB_TYPE_TIMESTAMP_S, "TIMESTAMP_S", Type::time},
    {DUCKDB_TYPE_TIMESTAMP_MS, "TIMESTAMP_MS", Type::time},
    {DUCKDB_TYPE_TIMESTAMP_NS, "TIMESTAMP_NS", Type::time},
    {DUCKDB_TYPE_UUID, "UUID", Type::uuid},
    {DUCKDB_TYPE_DATE, "DATE", Type::other},
    {DUCKDB_TYPE_TIME, "TIME", Type::other},
    {DUCKDB_TYPE_INTERVAL, "INTERVAL", Type::other},
    {DUCKDB_TYPE_BLOB, "BLOB", Type::other},
    {DUCKDB_TYPE_ENUM, "ENUM", Type::other},
    {DUCKDB_TYPE_LIST, "LIST", Type::other},
    {DUCKDB_TYPE_ARRAY, "ARRAY", Type::other},
    {DUCKDB_TYPE_STRUCT, "STRUCT", Type::other},
    {DUCKDB_TYPE_MAP, "MAP", Type::other},
    {DUCKDB_TYPE_SQLNULL, "NULL", Type::other},
};

class LogicalType {
  public:
    explicit LogicalType(duckdb_logical_type type) : type_(type) {}
    LogicalType(const LogicalType&) = delete;
    LogicalType& operator=(const LogicalType&) = delete;
    ~LogicalType() { duckdb_destroy_logical_type(&type_); }
    operator duckdb_logical_type() const { return type_; }
    duckdb_type id() const { return duckdb_get_type_id(type_); }

  private:
    duckdb_logical_type type_;
};

std::string take(char* owned) {
    std::string out = owned ? owned : "";
    duckdb_free(owned);
    return out;
}

template <class T>
T at(const void* data, size_t row) {
    return static_cast<const T*>(data)[row];
}

std::string digits_of(unsigned __int128 number) {
    std::string out;
    do {
        out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
        number /= 10;
    } while (number != 0);
    return out;
}

// A whole number of up to 128 bits, with `scale` of its digits behind the point.
void append_decimal(std::string& out, __int128 number, uint8_t scale) {
    const bool negative = number < 0;
    std::string digits = digits_of(negative ? -static_cast<unsigned __int128>(number)
                                            : static_cast<unsigned __int128>(number));
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
    if (negative) out += '-';
    out += digits;
}

__int128 huge_at(const void* data, size_t row) {
    const auto huge = at<duckdb_hugeint>(data, row);
    return (static_cast<__int128>(huge.upper) << 64) | huge.lower;
}

__int128 decimal_at(duckdb_logical_type type, const void* data, size_t row) {
    switch (duckdb_decimal_internal_type(type)) {
        case DUCKDB_TYPE_SMALLINT:
            return at<int16_t>(data, row);
        case DUCKDB_TYPE_INTEGER:
            return at<int32_t>(data, row);
        case DUCKDB_TYPE_BIGINT:
            return at<int64_t>(data, row);
        default:
            return huge_at(data, row);
    }
}

std::string enum_text(duckdb_logical_type type, const void* data, size_t row) {
    idx_t index = 0;
    switch (duckdb_enum_internal_type(type)) {
        case DUCKDB_TYPE_UTINYINT:
            index = at<uint8_t>(data, row);
            break;
        case DUCKDB_TYPE_USMALLINT:
            index = at<uint16_t>(data, row);
            break;
        default:
            index = at<uint32_t>(data, row);
    }
    return take(duckdb_enum_dictionary_value(type, index));
}

void append_clock(std::string& out, int64_t micros) {
    if (micros < 0) out += '-';
    const auto all = static_cast<uint64_t>(micros < 0 ? -micros : micros);
    const uint64_t seconds = all / 1'000'000;
    out += fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (all % 1'000'000 != 0) out += fmt::format(".{:06}", all % 1'000'000);
}

void append_interval(std::string& out, duckdb_interval interval) {
    const size_t start = out.size();
    const auto part = [&](int64_t count, const char* unit) {
        if (count == 0) return;
        if (out.size() > start) out += ' ';
        out += fmt::format("{} {}{}", count, unit, count == 1 || count == -1 ? "" : "s");
    };
    part(interval.months / 12, "year");
    part(interval.months % 12, "month");
    part(interval.days, "day");
    if (interval.micros == 0 && out.size() > start) return;
    if (out.size() > start) out += ' ';
    append_clock(out, interval.micros);
}

void append_blob(std::string& out, std::string_view bytes) {
    for (const char c : bytes) {
        if (c >= 0x20 && c < 0x7F && c != '\\') {
            out += c;
        } else {
            out += fmt::format("\\x{:02X}", static_cast<uint8_t>(c));
        }
    }
}

// By hand: knowing the events a lake has already means reading the ids of all of them.
void append_uuid(std::string& out, Hash128 uuid) {
    constexpr char kDigits[] = "0123456789abcdef";
    constexpr uint32_t kDashes = 1u << 8 | 1u << 12 | 1u << 16 | 1u << 20;  // before these digits
    char text[36];
    size_t at = 0;
    for (uint32_t digit = 0; digit < 32; ++digit) {
        if (kDashes >> digit & 1) text[at++] = '-';
        const uint64_t half = digit < 16 ? uuid.high : uuid.low;
        text[at++] = kDigits[half >> (60 - digit % 16 * 4) & 15];
    }
    out.append(text, sizeof text);
}

bool is_plain_json(duckdb_type type) {
    const Type kind = type_of(type);
    return kind == Type::boolean || kind == Type::integer || kind == Type::real;
}

void append_json(std::string& out, duckdb_vector vector, size_t row, int depth);

void append_list(
    std::string& out, duckdb_vector child, uint64_t offset, uint64_t length, int depth) {
    out += '[';
    for (uint64_t i = 0; i < length; ++i) {
        if (i > 0) out += ',';
        append_json(out, child, offset + i, depth);
    }
    out += ']';
}

void append_struct(
    std::string& out, duckdb_vector vector, duckdb_logical_type type, size_t row, int depth) {
    out += '{';
    for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        if (i > 0) out += ',';
        out += json_quote(take(duckdb_struct_type_child_name(type, i))) + ":";
        append_json(out, duckdb_struct_vector_get_child(vector, i), row, depth);
    }
    out += '}';
}

// A map is a list of {key, value}; JSON wants its keys as text.
void append_map(std::string& out, duckdb_vector vector, size_t row, int depth) {
    const auto entry = at<duckdb_list_entry>(duckdb_vector_get_data(vector), row);
    duckdb_vector pairs = duckdb_list_vector_get_child(vector);
    duckdb_vector keys = duckdb_struct_vector_get_child(pairs, 0);
    const ColumnView key_view = VectorAccess::view(keys);
    out += '{';
    for (uint64_t i = 0; i < entry.length; ++i) {
        if (i > 0) out += ',';
        std::string key;
        key_view.append_text(key, entry.offset + i);
        out += json_quote(key) + ":";
        append_json(out, duckdb_struct_vector_get_child(pairs, 1), entry.offset + i, depth);
    }
    out += '}';
}

// True when the vector is of a nested type, which has been appended.
bool append_nested(std::string& out, duckdb_vector vector, size_t row, int depth) {
    const LogicalType type(duckdb_vector_get_column_type(vector));
    switch (type.id()) {
        case DUCKDB_TYPE_LIST: {
            const auto entry = at<duckdb_list_entry>(duckdb_vector_get_data(vector), row);
            append_list(
                out, duckdb_list_vector_get_child(vector), entry.offset, entry.length, depth);
            return true;
        }
        case DUCKDB_TYPE_ARRAY: {
            const idx_t size = duckdb_array_type_array_size(type);
            append_list(out, duckdb_array_vector_get_child(vector), row * size, size, depth);
            return true;
        }
        case DUCKDB_TYPE_STRUCT:
            append_struct(out, vector, type, row, depth);
            return true;
        case DUCKDB_TYPE_MAP:
            append_map(out, vector, row, depth);
            return true;
        default:
            return false;
    }
}

void append_json(std::string& out, duckdb_vector vector, size_t row, int depth) {
    const ColumnView view = VectorAccess::view(vector);
    if (view.is_null(row) || depth >= kMaxNesting) {
        out += "null";
        return;
    }
    if (append_nested(out, vector, row, depth + 1)) return;
    std::string text;
    view.append_text(text, row);
    const LogicalType type(duckdb_vector_get_column_type(vector));
    const bool plain =
        is_plain_json(type.id()) && (view.type() != Type::real || std::isfinite(view.real(row)));
    out += plain ? text : json_quote(text);
}

}  // namespace

Type type_of(duckdb_type type) {
    for (const TypeRow& row : kTypes) {
        if (row.engine == type) return row.type;
    }
    return Type::other;
}

std::string engine_type_name(duckdb_type type) {
    for (const TypeRow& row : kTypes) {
        if (row.engine == type) return row.name;
    }
    return fmt::format("TYPE {}", static_cast<int>(type));
}

duckdb_type engine_type(Type type) {
    switch (type) {
        case Type::boolean:
            return DUCKDB_TYPE_BOOLEAN;
        case Type::integer:
            return DUCKDB_TYPE_BIGINT;
        case Type::real:
            return DUCKDB_TYPE_DOUBLE;
        case Type::time:
            return DUCKDB_TYPE_TIMESTAMP;
        case Type::uuid:
            return DUCKDB_TYPE_UUID;
        case Type::text:
        case Type::other:
            break;
    }
    return DUCKDB_TYPE_VARCHAR;
}

namespace {

// The engine points at a mistake with a caret on a line of its own.
std::string shown_lines(std::string_view message) {
    std::string out;
    for (const std::string_view line : split(message, '\n')) {
        if (!line.empty()) out += (out.empty() ? "" : "\n") + printable(line);
    }
    return out;
}

}  // namespace

Error engine_error(duckdb_error_type type, const char* message) {
    const std::string sentence = shown_lines(message ? message : "unknown engine error");
    // Not every call tells the type; the message always opens with it.
    if (sentence.starts_with("INTERRUPT")) return {Code::cancelled, sentence};
    if (sentence.starts_with("Out of Memory")) return {Code::limit, sentence};
    switch (type) {
        case DUCKDB_ERROR_INTERRUPT:
            return {Code::cancelled, sentence};
        case DUCKDB_ERROR_OUT_OF_MEMORY:
            return {Code::limit, sentence};
        case DUCKDB_ERROR_IO:
            return {Code::io, sentence};
        case DUCKDB_ERROR_FATAL:
        case DUCKDB_ERROR_INTERNAL:
            return {Code::internal, sentence};
        case DUCKDB_ERROR_NOT_IMPLEMENTED:
            return {Code::unsupported, sentence};
        default:
            return {Code::invalid, sentence};
    }
}

ColumnView VectorAccess::view(duckdb_vector vector) {
    ColumnView view;
    const LogicalType type(duckdb_vector_get_column_type(vector));
    view.data_ = duckdb_vector_get_data(vector);
    view.validity_ = duckdb_vector_get_validity(vector);
    view.vector_ = vector;
    view.type_ = type_of(type.id());
    view.physical_ = static_cast<uint8_t>(type.id());
    return view;
}

int64_t ColumnView::integer(size_t row) const {
    switch (static_cast<duckdb_type>(physical_)) {
        case DUCKDB_TYPE_TINYINT:
            return at<int8_t>(data_, row);
        case DUCKDB_TYPE_SMALLINT:
            return at<int16_t>(data_, row);
        case DUCKDB_TYPE_INTEGER:
            return at<int32_t>(data_, row);
        case DUCKDB_TYPE_UTINYINT:
            return at<uint8_t>(data_, row);
        case DUCKDB_TYPE_USMALLINT:
            return at<uint16_t>(data_, row);
        case DUCKDB_TYPE_UINTEGER:
            return at<uint32_t>(data_, row);
        case DUCKDB_TYPE_TIMESTAMP_S:
            return at<int64_t>(data_, row) * 1'000'000;
        case DUCKDB_TYPE_TIMESTAMP_MS:
            return at<int64_t>(data_, row) * 1000;
        case DUCKDB_TYPE_TIMESTAMP_NS:
            return at<int64_t>(data_, row) / 1000;
        case DUCKDB_TYPE_UBIGINT:
            return static_cast<int64_t>(std::min<uint64_t>(at<uint64_t>(data_, row), INT64_MAX));
        case DUCKDB_TYPE_UHUGEINT: {
            const auto huge = at<duckdb_uhugeint>(data_, row);
            return huge.upper != 0 || huge.lower > INT64_MAX ? INT64_MAX
                                                             : static_cast<int64_t>(huge.lower);
        }
        case DUCKDB_TYPE_HUGEINT: {
            const __int128 huge = huge_at(data_, row);
            if (huge > INT64_MAX) return INT64_MAX;
            return huge < INT64_MIN ? INT64_MIN : static_cast<int64_t>(huge);
        }
        default:
            return at<int64_t>(data_, row);
    }
}

double ColumnView::real(size_t row) const {
    switch (static_cast<duckdb_type>(physical_)) {
        case DUCKDB_TYPE_DOUBLE:
            return at<double>(data_, row);
        case DUCKDB_TYPE_FLOAT:
            return at<float>(data_, row);
        case DUCKDB_TYPE_HUGEINT:
            return static_cast<double>(huge_at(data_, row));
        case DUCKDB_TYPE_DECIMAL: {
            const LogicalType type(
                duckdb_vector_get_column_type(static_cast<duckdb_vector>(vector_)));
            return static_cast<double>(decimal_at(type, data_, row)) /
                   std::pow(10.0, duckdb_decimal_scale(type));
        }
        default:
            return static_cast<double>(integer(row));
    }
}

Hash128 ColumnView::uuid(size_t row) const {
    const auto huge = at<duckdb_hugeint>(data_, row);
    return {huge.lower, static_cast<uint64_t>(huge.upper) ^ 0x8000000000000000ull};
}

void ColumnView::append_text(std::string& out, size_t row) const {
    if (is_null(row)) return;
    switch (static_cast<duckdb_type>(physical_)) {
        case DUCKDB_TYPE_VARCHAR:
            out += text(row);
            return;
        case DUCKDB_TYPE_BOOLEAN:
            out += boolean(row) ? "true" : "false";
            return;
        case DUCKDB_TYPE_UUID:
            append_uuid(out, uuid(row));
            return;
        case DUCKDB_TYPE_DOUBLE:
            fmt::format_to(std::back_inserter(out), "{}", at<double>(data_, row));
            return;
        case DUCKDB_TYPE_FLOAT:
            fmt::format_to(std::back_inserter(out), "{}", at<float>(data_, row));
            return;
        case DUCKDB_TYPE_UBIGINT:
            fmt::format_to(std::back_inserter(out), "{}", at<uint64_t>(data_, row));
            return;
        case DUCKDB_TYPE_HUGEINT:
            append_decimal(out, huge_at(data_, row), 0);
            return;
        case DUCKDB_TYPE_UHUGEINT: {
            const auto huge = at<duckdb_uhugeint>(data_, row);
            out += digits_of(static_cast<unsigned __int128>(huge.upper) << 64 | huge.lower);
            return;
        }
        case DUCKDB_TYPE_DECIMAL: {
            const LogicalType type(
                duckdb_vector_get_column_type(static_cast<duckdb_vector>(vector_)));
            append_decimal(out, decimal_at(type, data_, row), duckdb_decimal_scale(type));
            return;
        }
        case DUCKDB_TYPE_DATE:
            out += format_day(Timestamp(std::chrono::days(at<int32_t>(data_, row))));
            return;
        case DUCKDB_TYPE_TIME:
            append_clock(out, at<int64_t>(data_, row));
            return;
        case DUCKDB_TYPE_INTERVAL:
            append_interval(out, at<duckdb_interval>(data_, row));
            return;
        case DUCKDB_TYPE_BLOB:
            append_blob(out, text(row));
            return;
        case DUCKDB_TYPE_ENUM: {
            const LogicalType type(
                duckdb_vector_get_column_type(static_cast<duckdb_vector>(vector_)));
            out += enum_text(type, data_, row);
            return;
        }
        case DUCKDB_TYPE_SQLNULL:
            return;
        default:
            break;
    }
    if (type_ == Type::time) {
        out += format_iso8601(from_micros(integer(row)));
    } else if (type_ == Type::integer) {
        fmt::format_to(std::back_inserter(out), "{}", integer(row));
    } else if (!append_nested(out, static_cast<duckdb_vector>(vector_), row, 0)) {
        out += "?";
    }
}

Value ColumnView::value(size_t row) const {
    if (is_null(row)) return {};
    switch (type_) {
        case Type::boolean:
            return boolean(row);
        case Type::integer:
            return integer(row);
        case Type::real:
            return real(row);
        case Type::text:
            return std::string(text(row));
        case Type::time:
            return from_micros(integer(row));
        case Type::uuid:
        case Type::other:
            break;
    }
    std::string out;
    append_text(out, row);
    return out;
}

}  // namespace yagura::sql
