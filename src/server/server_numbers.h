// What the server counts about itself.
#pragma once

#include "base/metrics.h"
#include "server/server.h"

namespace yagura::server {

// yagura_http_requests_total{route,code} and yagura_http_request_seconds{route}. `metrics` must
// outlive the server.
Server::Observer counting_observer(Metrics& metrics);

// yagura_http_connections and yagura_open_streams. Not to be asked for once the server is gone.
void add_server_numbers(Metrics& metrics, const Server& server);

}  // namespace yagura::server
