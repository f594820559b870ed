// How a resource is added to the API: one file and one line.
//
//   // src/api/lake.cpp                                     + RESOURCE(lake, kLakeJson) in all.def
//   Result<http::Response> show_lake(Call& call) { … }      // + schemas/lake.json
//   constexpr Route kRoutes[] = {
//       {.method = Method::get, .path = "/lake", .role = Role::viewer,
//        .summary = {"What the lake holds", "レイクの内容"}, .answer = "Lake", .handle =
//        show_lake},
//   };
//   const Resource lake{"lake", kRoutes};
//
// The router, the checks (signed in, role, CSRF) and the OpenAPI description are made from these
// rows, so that none of them can forget a route.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/services.h"
#include "auth/principal.h"
#include "base/language.h"
#include "base/result.h"
#include "base/time.h"
#include "http/json.h"
#include "http/message.h"

namespace yagura::api {

using auth::Role;
using http::Method;

// One request on its way; lives until the handler returns. Streams must copy what they need.
struct Call {
    const http::Request& request;
    const auth::Principal& who;
    const Services& services;
    std::vector<std::pair<std::string_view, std::string>> parts;  // {names} of the path

    // Value of a {name} in the path.
    std::string_view part(std::string_view name) const;
    // {id} of the path as the number it is; nullopt when it is none.
    std::optional<int64_t> id() const;
    // The body as JSON; an empty body is an empty object.
    Result<http::Json> body() const;
    // A number in the query within bounds.
    Result<uint64_t> number(std::string_view name, uint64_t otherwise, uint64_t most) const;
    // from, to, since of the query; an open range when none is given.
    Result<TimeRange> range() const;
};

// A parameter of the query.
struct Parameter {
    std::string_view name;
    std::string_view type = "string";  // string, integer, boolean
    Text title;
    bool is_required = false;
};

enum class Access : uint8_t {
    signed_in,  // with `role` at least
    everyone,   // also who is not signed in
};

struct Route {
    Method method = Method::get;
    std::string_view path;  // below /api/v1, "{name}" for a part
    Role role = Role::viewer;
    Access access = Access::signed_in;
    Text summary;
    std::span<const Parameter> parameters = {};
    std::string_view asks = {};    // schema of the body; empty: none
    std::string_view answer = {};  // schema of the answer; empty: {}
    std::string_view answer_type = "application/json";
    Result<http::Response> (*handle)(Call&) = nullptr;
};

struct Resource {
    std::string_view name;
    std::span<const Route> routes;
};

// A resource and the text of its schemas: members of components.schemas, as an object.
struct Described {
    const Resource* resource;
    std::string_view schemas;
};

std::span<const Described> resources();

}  // namespace yagura::api
