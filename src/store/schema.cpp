#include "store/schema.h"

#include <mutex>
#include <unordered_map>

namespace yagura::store {

Storage storage_of(event::Type type) {
    switch (type) {
        case event::Type::integer:
            return Storage::integer;
        case event::Type::real:
            return Storage::real;
        case event::Type::boolean:
            return Storage::boolean;
        case event::Type::time:
            return Storage::time;
        case event::Type::uuid:
            return Storage::uuid;
        case event::Type::text:
        case event::Type::ip:
        case event::Type::json:
            break;
    }
    return Storage::text;
}

std::string_view sql_type(Storage storage) {
    switch (storage) {
        case Storage::text:
            return "VARCHAR";
        case Storage::integer:
            return "BIGINT";
        case Storage::real:
            return "DOUBLE";
        case Storage::boolean:
            return "BOOLEAN";
        case Storage::time:
            return "TIMESTAMP";
        case Storage::uuid:
            return "UUID";
    }
    return "VARCHAR";
}

Schema::Schema(const logtype::LogType& type) : type_(&type) {
    const auto add = [this](std::string_view name, event::Type kind, int slot = -1) {
        columns_.push_back({std::string(name), storage_of(kind), slot, kind});
        return columns_.size() - 1;
    };
    common_.event_time = add("event_time", event::Type::time);
    for (size_t slot = 0; slot < type.fields.size(); ++slot) {
        const event::Field& field = type.fields[slot];
        // A field that is the row's time, or claims another field's column, gets none of its own:
        // what event_time does not say already goes to `extra`.
        const bool taken = find(field.column) >= 0;
        of_slot_.push_back(
            taken ? -1 : static_cast<int>(add(field.column, field.type, static_cast<int>(slot))));
    }
    common_.object_id = add("object_id", event::Type::integer);
    common_.ordinal = add("ordinal", event::Type::integer);
    common_.oddities = add("oddities", event::Type::integer);
    common_.extra = add("extra", event::Type::json);
    common_.detections = add("detections", event::Type::text);
    common_.detection_level = add("detection_level", event::Type::text);
}

int Schema::find(std::string_view column) const {
    for (size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].name == column) return static_cast<int>(i);
    }
    return -1;
}

const Schema& schema_of(const logtype::LogType& type) {
    static std::mutex mutex;
    static auto* schemas = new std::unordered_map<const logtype::LogType*, const Schema*>;
    const std::lock_guard lock(mutex);
    const Schema*& schema = (*schemas)[&type];
    if (!schema) schema = new Schema(type);
    return *schema;
}

}  // namespace yagura::store
