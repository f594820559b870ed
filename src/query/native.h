// Functions of the query language that SQL has no words for, as functions the engine can call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace yagura::query {

// Where records and objects come from; called on the engine's threads, several at once.
struct RecordSource {
    std::function<std::optional<std::string>(int64_t object, int64_t ordinal)> message;
    std::function<std::optional<std::string>(int64_t object)> object_name;
    std::function<std::optional<Timestamp>(int64_t object)> object_time;
};

// Makes every yagura_… function known to the database behind `connection`.
Result<void> add_functions(sql::Connection& connection, RecordSource source);

// The functions themselves, for tests.
std::string natural_key(std::string_view text);
std::optional<std::string> logfmt_to_json(std::string_view line);
std::optional<std::string> csv_field(std::string_view line, int64_t index);

// Local time unless the text names its offset (java_date.cpp).
std::optional<Timestamp> parse_java_date(std::string_view text, std::string_view pattern);

struct DatePattern {
    std::string unknown;      // the first part that cannot be read; empty when there is none
    bool has_offset = false;  // the text names its own offset
};
DatePattern check_java_pattern(std::string_view pattern);
// The first directive that strftime does not have; empty when it has them all.
std::string unknown_in_strftime(std::string_view format);

std::string_view ip_kind(
    std::string_view text);  // "public", "private", "reserved", or "" when it is no address

}  // namespace yagura::query
