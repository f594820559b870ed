// The API: a request in, an answer out.
//
//   Api api(services);
//   const http::Response response = api.answer(request);
//
// Checks come first and in one place: who asks, whether their role suffices, and whether a changing
// request of a browser session carries its token and comes from our own pages (OWASP ASVS 5.0,
// 3.5.1). Errors are sentences in the language of the request. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "api/route.h"

namespace yagura::api {

constexpr std::string_view kPrefix = "/api/v1";

struct Answered {
    http::Response response;
    std::string_view route;  // "/findings/{id}", for counting; empty when there is none
};

class Api {
  public:
    explicit Api(const Services& services) : services_(services) {}

    Answered answer(const http::Request& request) const;

  private:
    const Services& services_;
};

// The description as JSON (OpenAPI 3.1), printed from the routes and schemas/*.json.
std::string openapi_json(Language language);

}  // namespace yagura::api
