#include "http/json.h"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>

#include "base/messages/http.h"

namespace yagura::http {
namespace {

constexpr size_t kMaxDepth = 32;

const Json::List kNoList;
const Json::Members kNoMembers;

// Depth is bounded by the parser.
Result<Json> converted(const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::null:
            return Json();
        case boost::json::kind::bool_:
            return Json(value.get_bool());
        case boost::json::kind::int64:
            return Json(value.get_int64());
        case boost::json::kind::uint64:
            return Json(static_cast<double>(value.get_uint64()));
        case boost::json::kind::double_:
            return Json(value.get_double());
        case boost::json::kind::string:
            return Json(std::string(value.get_string()));
        case boost::json::kind::array: {
            Json::List list;
            for (const auto& element : value.get_array()) {
                YAGURA_TRY(Json item, converted(element));
                list.push_back(std::move(item));
            }
            return Json(std::move(list));
        }
        case boost::json::kind::object: {
            Json::Members members;
            for (const auto& member : value.get_object()) {
                YAGURA_TRY(Json item, converted(member.value()));
                members.emplace_back(std::string(member.key()), std::move(item));
            }
            return Json(std::move(members));
        }
    }
    return Json();
}

}  // namespace

Result<Json> Json::parse(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = kMaxDepth;
    boost::system::error_code error;
    const boost::json::value value =
        boost::json::parse({text.data(), text.size()}, error, {}, options);
    if (error) return fail(Code::invalid, say(message::http_bad_json, error.message()));
    return converted(value);
}

std::optional<std::string_view> Json::as_text() const {
    const auto* text = std::get_if<std::string>(&value_);
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

std::optional<int64_t> Json::as_integer() const {
    if (const auto* integer = std::get_if<int64_t>(&value_)) return *integer;
    const auto* real = std::get_if<double>(&value_);
    const bool fits = real && std::trunc(*real) == *real && std::abs(*real) < 9e15;
    return fits ? std::optional<int64_t>(static_cast<int64_t>(*real)) : std::nullopt;
}

std::optional<double> Json::as_number() const {
    if (const auto* integer = std::get_if<int64_t>(&value_)) return static_cast<double>(*integer);
    const auto* real = std::get_if<double>(&value_);
    return real ? std::optional<double>(*real) : std::nullopt;
}

std::optional<bool> Json::as_boolean() const {
    const auto* boolean = std::get_if<bool>(&value_);
    return boolean ? std::optional<bool>(*boolean) : std::nullopt;
}

const Json::List& Json::as_list() const {
    const auto* list = std::get_if<List>(&value_);
    return list ? *list : kNoList;
}

const Json::Members& Json::members() const {
    const auto* members = std::get_if<Members>(&value_);
    return members ? *members : kNoMembers;
}

const Json* Json::find(std::string_view key) const {
    for (const auto& [name, value] : members())
        if (name == key) return &value;
    return nullptr;
}

std::string_view Json::text(std::string_view key, std::string_view otherwise) const {
    const Json* member = find(key);
    return member ? member->as_text().value_or(otherwise) : otherwise;
}

std::optional<int64_t> Json::integer(std::string_view key) const {
    const Json* member = find(key);
    return member ? member->as_integer() : std::nullopt;
}

bool Json::boolean(std::string_view key, bool otherwise) const {
    const Json* member = find(key);
    return member ? member->as_boolean().value_or(otherwise) : otherwise;
}

const Json::List& Json::list(std::string_view key) const {
    const Json* member = find(key);
    return member ? member->as_list() : kNoList;
}

std::vector<std::string> Json::texts(std::string_view key) const {
    std::vector<std::string> out;
    for (const Json& item : list(key))
        if (const auto text = item.as_text()) out.emplace_back(*text);
    return out;
}

}  // namespace yagura::http
