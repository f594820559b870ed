#include "base/metrics.h"

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("metrics are written as Prometheus reads them") {
    Metrics metrics;
    metrics.counter("yagura_a_total", "first\nline", {{"route", "/a\"b"}, {"code", "200"}}).add(2);
    metrics.counter("yagura_a_total", "first\nline", {{"route", "/a\"b"}, {"code", "200"}}).add();
    metrics.gauge("yagura_b", "second", [] { return 1.5; });
    metrics.gauges("yagura_c", "third", "log_type", [] {
        return Metrics::Samples{{"cloudtrail", 7}, {"waf", 8}};
    });
    CHECK(metrics.text() ==
          "# HELP yagura_a_total first\\nline\n"
          "# TYPE yagura_a_total counter\n"
          "yagura_a_total{route=\"/a\\\"b\",code=\"200\"} 3\n"
          "# HELP yagura_b second\n"
          "# TYPE yagura_b gauge\n"
          "yagura_b 1.5\n"
          "# HELP yagura_c third\n"
          "# TYPE yagura_c gauge\n"
          "yagura_c{log_type=\"cloudtrail\"} 7\n"
          "yagura_c{log_type=\"waf\"} 8\n");
}

TEST_CASE("buckets of a histogram count everything up to their bound") {
    Metrics metrics;
    constexpr double kBounds[] = {0.1, 1};
    Histogram& histogram = metrics.histogram("yagura_seconds", "times", kBounds, {{"route", "/"}});
    for (const double value : {0.05, 0.1, 0.5, 3.0}) histogram.observe(value);
    CHECK(metrics.text() ==
          "# HELP yagura_seconds times\n"
          "# TYPE yagura_seconds histogram\n"
          "yagura_seconds_bucket{route=\"/\",le=\"0.1\"} 2\n"
          "yagura_seconds_bucket{route=\"/\",le=\"1\"} 3\n"
          "yagura_seconds_bucket{route=\"/\",le=\"+Inf\"} 4\n"
          "yagura_seconds_sum{route=\"/\"} 3.65\n"
          "yagura_seconds_count{route=\"/\"} 4\n");
}
