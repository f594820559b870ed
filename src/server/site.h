// What is where: the API, the browser side, and what machines ask for.
//
//   Site site({.services = services, .metrics = metrics, .assets = web_assets()});
//   server::Server::start(options, [&](const auto& request) { return site.answer(request); });
//
//   /api/v1/…   api/, never cached          /healthz   200 as long as we answer at all
//   /metrics    numbers for Prometheus      /readyz    200 when every part says it works, else 503
//   other paths the browser side: files with ETag; a page of the browser's own paths is index.html
//
// /metrics needs an administrator, except from this machine. Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "base/metrics.h"
#include "server/assets.h"
#include "server/server.h"

namespace yagura::server {

// A part of the program that can say what is wrong with it.
struct Check {
    std::string_view name;                 // "lake"
    std::function<Result<void>()> verify;  // quick: asked for by every load balancer
};

struct SiteOptions {
    const api::Services& services;
    const Metrics& metrics;
    std::span<const Asset> assets = {};
    std::vector<Check> checks = {};
    std::string_view version = {};
};

class Site {
  public:
    explicit Site(SiteOptions options);

    Handled answer(const http::Request& request) const;

  private:
    http::Response health() const;
    http::Response readiness() const;
    http::Response metrics(const http::Request& request) const;
    http::Response asset(const http::Request& request) const;
    http::Response file(const Asset& asset, const http::Request& request) const;
    const Asset* find(std::string_view path) const;

    SiteOptions options_;
    api::Api api_;
};

// Fields of every answer (OWASP ASVS 5.0, 3.4): nothing from elsewhere, nothing inline, no frames.
// `is_tls` adds Strict-Transport-Security.
http::Pairs security_headers(bool is_tls);

}  // namespace yagura::server
