#include "sql/value.h"

namespace yagura::sql {
namespace {

std::string quoted(std::string_view text, char quote) {
    std::string out;
    out.reserve(text.size() + 2);
    out += quote;
    for (const char c : text) {
        out += c;
        if (c == quote) out += c;
    }
    out += quote;
    return out;
}

}  // namespace

std::string_view type_name(Type type) {
    switch (type) {
        case Type::boolean:
            return "boolean";
        case Type::integer:
            return "integer";
        case Type::real:
            return "real";
        case Type::text:
            return "text";
        case Type::time:
            return "time";
        case Type::uuid:
            return "uuid";
        case Type::other:
            return "other";
    }
    return "other";
}

std::string quote_literal(std::string_view text) {
    return quoted(text, '\'');
}
std::string quote_name(std::string_view name) {
    return quoted(name, '"');
}

}  // namespace yagura::sql
