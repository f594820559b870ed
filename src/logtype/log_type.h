// What there is to know about one kind of AWS log: how to recognise it, its fields, how to read a
// record.
//
// One file per log type, one line in all.def. The registry prints the field reference, gives the
// lake its columns, rules and queries their names, and the browser its menus.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "base/language.h"
#include "event/event.h"
#include "event/field.h"
#include "logtype/resource_fields.h"

namespace yagura::logtype {

enum class Shape : uint8_t { json, text };

// Sigma's way to say which logs a rule is about. An empty part of a rule matches anything.
struct Logsource {
    std::string_view product;
    std::string_view service;
    std::string_view category;
};

// Where a record came from, beyond its own text. Views live as long as the object being read.
struct RecordContext {
    std::string_view object;     // path or URL of the object; with "!member" for archives
    std::string_view log_group;  // CloudWatch Logs envelope
    std::string_view log_stream;
    std::string_view account;       // of the envelope (owner, account)
    std::string_view region;        // of the EventBridge envelope
    std::string_view detail_type;   // of the EventBridge envelope
    std::optional<Timestamp> time;  // of the envelope
};

// The fields every log type has in some form; -1 when it has none. Used by summaries, findings and
// stories.
struct Roles {
    int event_id = -1;
    int revision =
        -1;  // tells updates of one id apart (a GuardDuty finding is sent again when it changes)
    int event_name = -1;
    int event_source = -1;
    int account = -1;
    int region = -1;
    int principal = -1;  // who did it, as a person would say it
    int source_ip = -1;
    int access_key = -1;
    int user_agent = -1;
    int error_code = -1;
    int target = -1;  // what it was done to
};

// A value that so many events have that it says little about one.
struct CommonValue {
    event::FieldId field;
    std::string_view value;
};

struct LogType {
    std::string_view name;  // "cloudtrail": folder in the lake, value of --format
    Text title;
    std::string_view source;  // where the format is written down
    std::string_view ocsf_class;
    Shape shape;
    Logsource logsource;
    std::span<const event::Field> fields;
    Roles roles;

    // What narrows down events least and most; the evaluator looks first for what few events have.
    std::span<const CommonValue> common = {};
    std::span<const event::FieldId> rare = {};  // fields that most events lack

    const ResourceFields* resources = nullptr;  // what its events are done to

    // How sure we are, 0–100, that `record` (one JSON value or one text line) is of this type.
    int (*recognise)(std::string_view record, const RecordContext& context);

    // JSON: completes an event whose slots are filled (time, derived fields). Text: null.
    std::optional<Fault> (*finish)(event::Event& event, const RecordContext& context);

    // Text: reads a header line into a column order, or returns false when the line is no header.
    // JSON: null.
    bool (*read_header)(std::string_view line, std::vector<int>& order);
    // Text: fills the event from one line in the given order. JSON: null.
    std::optional<Fault> (*read_line)(std::string_view line,
                                      std::span<const int> order,
                                      event::Event& event,
                                      const RecordContext& context);

    const event::Dictionary& dictionary() const;
};

#define LOG_TYPE(name) extern const LogType name;
#include "logtype/all.def"
#undef LOG_TYPE

std::span<const LogType* const> all();
const LogType* find(std::string_view name);

// The most certain log type for a record; null when none is at least 50 sure.
const LogType* recognise(Shape shape, std::string_view record, const RecordContext& context);

// Identity of an event for recognising duplicates: 128-bit hash of its own id, or nullopt for log
// types without ids.
std::optional<Hash128> event_identity(const LogType& type, event::Event& event);

}  // namespace yagura::logtype
