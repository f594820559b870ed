// JSON that came in a request, as a small tree.
//
//   YAGURA_TRY(const Json body, Json::parse(request.body));
//   const std::string_view name = body.text("name");            // "" when absent or not a text
//   for (const Json& id : body.list("ids")) use(id.as_text());
//
// Bodies are small (the server's limit) and untrusted: what is not JSON, or deeper than 32, is
// Code::invalid; of a key that stands twice the last counts, for all of us alike. Log records never
// come this way; they are read by event/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace yagura::http {

class Json {
  public:
    using List = std::vector<Json>;
    using Members = std::vector<std::pair<std::string, Json>>;

    static Result<Json> parse(std::string_view text);

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    bool is_object() const { return std::holds_alternative<Members>(value_); }
    bool is_list() const { return std::holds_alternative<List>(value_); }

    // The value itself; nullopt (or empty) when it is of another kind.
    std::optional<std::string_view> as_text() const;
    std::optional<int64_t> as_integer() const;  // also 3.0
    std::optional<double> as_number() const;
    std::optional<bool> as_boolean() const;
    const List& as_list() const;
    const Members& members() const;

    // A member of an object; null when this is no object or has no such member.
    const Json* find(std::string_view key) const;
    // Members with a default, for the usual cases.
    std::string_view text(std::string_view key, std::string_view otherwise = {}) const;
    std::optional<int64_t> integer(std::string_view key) const;
    bool boolean(std::string_view key, bool otherwise = false) const;
    const List& list(std::string_view key) const;
    // The texts of a list; what is no text in it is left out.
    std::vector<std::string> texts(std::string_view key) const;

    using Value = std::variant<std::monostate, bool, int64_t, double, std::string, List, Members>;
    Json() = default;
    explicit Json(Value value) : value_(std::move(value)) {}

  private:
    Value value_;
};

}  // namespace yagura::http
