#include "server/server_numbers.h"

#include <string>

namespace yagura::server {

Server::Observer counting_observer(Metrics& metrics) {
    return [&metrics](const Finished& finished) {
        const std::string_view route = finished.route.empty() ? "none" : finished.route;
        const std::string code = std::to_string(finished.status);
        metrics
            .counter("yagura_http_requests_total",
                     "requests answered, by route and status",
                     {{"route", route}, {"code", code}})
            .add();
        metrics
            .histogram("yagura_http_request_seconds",
                       "from the whole request to the first byte of its answer",
                       kSeconds,
                       {{"route", route}})
            .observe(finished.seconds);
    };
}

void add_server_numbers(Metrics& metrics, const Server& server) {
    metrics.gauge("yagura_http_connections", "open connections", [&server] {
        return static_cast<double>(server.connections());
    });
    metrics.gauge("yagura_open_streams", "readers of events", [&server] {
        return static_cast<double>(server.event_streams());
    });
}

}  // namespace yagura::server
