#include "query/schema.h"

#include <algorithm>

namespace yagura::query {
namespace {

// clang-format off
constexpr SystemField kSystemFields[] = {
    {"@timestamp", Access::Kind::time, ValueType::time, {"time of the event, UTC", "イベントの時刻（UTC）"}},
    {"@message", Access::Kind::message, ValueType::text, {"the record's exact bytes", "レコードの原文"}},
    {"@ptr", Access::Kind::pointer, ValueType::text, {"key of the row: object_id/ordinal", "行のキー（object_id/ordinal）"}},
    {"@log", Access::Kind::log, ValueType::text, {"account:log type", "アカウント:ログ種別"}},
    {"log_type", Access::Kind::log_type, ValueType::text, {"name of the log type", "ログ種別の名前"}},
    {"@logStream", Access::Kind::log_stream, ValueType::text, {"object the record came from", "レコードの取得元オブジェクト"}},
    {"@ingestionTime", Access::Kind::ingestion_time, ValueType::time, {"when that object was committed to the lake", "オブジェクトがレイクに取り込まれた時刻"}},
    // Columns the lake adds to every log type.
    {"detections", Access::Kind::column, ValueType::text, {"ids of the rules that matched", "一致したルールの ID"}},
    {"detection_level", Access::Kind::column, ValueType::text, {"highest severity of those rules", "一致したルールの最も高い重大度"}},
    {"object_id", Access::Kind::column, ValueType::integer, {"number of the object the record came from", "取得元オブジェクトの番号"}},
    {"ordinal", Access::Kind::column, ValueType::integer, {"place of the record in its object", "オブジェクト内でのレコードの位置"}},
    {"oddities", Access::Kind::column, ValueType::integer, {"what was repaired while reading, as bits", "読み取り時に補正した内容（ビット）"}},
    {"extra", Access::Kind::column, ValueType::json, {"what the record carried beyond its dictionary", "辞書にないがレコードに含まれていた値"}},
};
// clang-format on

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

std::span<const SystemField> system_fields() {
    return kSystemFields;
}

std::string json_pointer(std::span<const Segment> path) {
    std::string out;
    for (const Segment& segment : path) append_pointer(out, segment.name);
    return out;
}

Access resolve(const logtype::LogType& type, std::span<const Segment> path) {
    const std::string name = dotted(path);
    const auto system = [&](bool is_column) -> const SystemField* {
        for (const SystemField& field : kSystemFields) {
            if (field.name == name && (field.kind == Access::Kind::column) == is_column)
                return &field;
        }
        return nullptr;
    };
    if (const SystemField* field = system(false))
        return {.kind = field->kind, .type = field->type, .is_known = true};
    const event::Dictionary& dictionary = type.dictionary();
    if (const auto id = dictionary.find(name); id && owns_column(dictionary, *id)) {
        const event::Field& field = dictionary[*id];
        if (field.column == "event_time")
            return {.kind = Access::Kind::time, .type = ValueType::time, .is_known = true};
        return {.kind = Access::Kind::column,
                .type = value_type(field.type),
                .column = field.column,
                .is_known = true,
                .is_address = field.type == event::Type::ip,
                .native = field.name};
    }
    if (const SystemField* field = system(true))
        return {.kind = Access::Kind::column,
                .type = field->type,
                .column = field->name,
                .is_known = true};
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

Access misfit_of(const Access& column) {
    Access access{.kind = Access::Kind::json, .type = ValueType::any, .column = "extra"};
    append_pointer(access.pointers.emplace_back(), column.native);
    access.is_known = true;
    return access;
}

std::vector<std::string_view> known_names(std::span<const logtype::LogType* const> types) {
    std::vector<std::string_view> names;
    for (const SystemField& field : kSystemFields) {
        if (field.kind != Access::Kind::column) names.push_back(field.name);
    }
    for (const logtype::LogType* type : types) {
        for (const std::string_view name : type->dictionary().names()) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace yagura::query
