#include "query/schema.h"

#include <algorithm>

namespace yagura::query {
namespace {

struct SystemField {
    std::string_view name;
    Access::Kind kind;
    ValueType type;
};
constexpr SystemField kSystemFields[] = {
    {"@timestamp", Access::Kind::time, ValueType::time},
    {"@message", Access::Kind::message, ValueType::text},
    {"@ptr", Access::Kind::pointer, ValueType::text},
    {"@log", Access::Kind::log, ValueType::text},
    {"@logStream", Access::Kind::log_stream, ValueType::text},
    {"@ingestionTime", Access::Kind::ingestion_time, ValueType::time},
};

// Columns the lake adds to every log type.
struct LakeColumn {
    std::string_view name;
    ValueType type;
};
constexpr LakeColumn kLakeColumns[] = {
    {"detections", ValueType::text},
    {"detection_level", ValueType::text},
    {"object_id", ValueType::integer},
    {"ordinal", ValueType::integer},
    {"oddities", ValueType::integer},
    {"extra", ValueType::json},
};

ValueType value_type(event::Type type) {
    switch (type) {
        case event::Type::text:
        case event::Type::ip:
            return ValueType::text;
        case event::Type::integer:
            return ValueType::integer;
        case event::Type::real:
            return ValueType::real;
        case event::Type::boolean:
            return ValueType::boolean;
        case event::Type::time:
            return ValueType::time;
        case event::Type::uuid:
            return ValueType::uuid;
        case event::Type::json:
            return ValueType::json;
    }
    return ValueType::text;
}

std::string dotted(std::span<const Segment> path) {
    return path_text({path.begin(), path.end()});
}

void append_pointer(std::string& out, std::string_view step) {
    out += '/';
    for (const char c : step) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
}

// A field whose column another one has already taken lives in `extra`.
bool owns_column(const event::Dictionary& dictionary, event::FieldId id) {
    for (event::FieldId earlier = 0; earlier < id; ++earlier) {
        if (dictionary[earlier].column == dictionary[id].column) return false;
    }
    return true;
}

// `extra` is flat: "userIdentity.inScopeOf" may hold a leaf or a whole sub-tree, so every cut is
// possible.
Access in_extra(std::span<const Segment> path) {
    constexpr size_t kMostCuts = 8;
    Access access{.kind = Access::Kind::json, .type = ValueType::any, .column = "extra"};
    for (size_t cut = path.size(); cut > 0 && access.pointers.size() < kMostCuts; --cut) {
        std::string pointer;
        append_pointer(pointer, dotted(path.subspan(0, cut)));
        access.pointers.push_back(pointer + json_pointer(path.subspan(cut)));
    }
    return access;
}

}  // namespace

std::string json_pointer(std::span<const Segment> path) {
    std::string out;
    for (const Segment& segment : path) append_pointer(out, segment.name);
    return out;
}

Access resolve(const logtype::LogType& type, std::span<const Segment> path) {
    const std::string name = dotted(path);
    for (const SystemField& field : kSystemFields) {
        if (field.name == name) return {.kind = field.kind, .type = field.type, .is_known = true};
    }
    const event::Dictionary& dictionary = type.dictionary();
    if (const auto id = dictionary.find(name); id && owns_column(dictionary, *id)) {
        const event::Field& field = dictionary[*id];
        if (field.column == "event_time")
            return {.kind = Access::Kind::time, .type = ValueType::time, .is_known = true};
        return {.kind = Access::Kind::column,
                .type = value_type(field.type),
                .column = field.column,
                .is_known = true};
    }
    for (const LakeColumn& column : kLakeColumns) {
        if (column.name == name)
            return {.kind = Access::Kind::column,
                    .type = column.type,
                    .column = column.name,
                    .is_known = true};
    }
    for (size_t prefix = path.size() - 1; prefix > 0; --prefix) {
        const auto id = dictionary.find(dotted(path.subspan(0, prefix)));
        if (!id || dictionary[*id].type != event::Type::json) continue;
        return {.kind = Access::Kind::json,
                .type = ValueType::any,
                .column = dictionary[*id].column,
                .pointers = {json_pointer(path.subspan(prefix))},
                .is_known = true};
    }
    if (name.starts_with('@')) return {};
    return in_extra(path);
}

std::vector<std::string_view> known_names(std::span<const logtype::LogType* const> types) {
    std::vector<std::string_view> names;
    for (const SystemField& field : kSystemFields) names.push_back(field.name);
    for (const logtype::LogType* type : types) {
        for (const std::string_view name : type->dictionary().names()) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace yagura::query
