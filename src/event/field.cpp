#include "event/field.h"

#include "base/text.h"

namespace yagura::event {

std::string_view type_name(Type type) {
    switch (type) {
        case Type::text:
            return "text";
        case Type::integer:
            return "integer";
        case Type::real:
            return "real";
        case Type::boolean:
            return "boolean";
        case Type::time:
            return "time";
        case Type::ip:
            return "ip";
        case Type::uuid:
            return "uuid";
        case Type::json:
            return "json";
    }
    return "text";
}

Dictionary::Dictionary(std::span<const Field> fields) : fields_(fields) {
    // emplace keeps the first claim, so the order of these loops is the order of precedence.
    const auto claim = [this](std::string_view name, size_t id) {
        if (!name.empty()) by_name_.emplace(name, static_cast<FieldId>(id));
    };
    for (size_t i = 0; i < fields.size(); ++i) claim(fields[i].name, i);
    for (size_t i = 0; i < fields.size(); ++i) {
        for (const std::string_view name : split(fields[i].also, ' ')) claim(name, i);
    }
    for (size_t i = 0; i < fields.size(); ++i) claim(fields[i].column, i);
    for (size_t i = 0; i < fields.size(); ++i) claim(fields[i].ecs, i);
    for (size_t i = 0; i < fields.size(); ++i) claim(fields[i].ocsf, i);
}

std::optional<FieldId> Dictionary::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return std::nullopt;
    return found->second;
}

std::vector<std::string_view> Dictionary::names() const {
    std::vector<std::string_view> out;
    out.reserve(by_name_.size());
    for (const auto& [name, id] : by_name_) out.push_back(name);
    return out;
}

}  // namespace yagura::event
