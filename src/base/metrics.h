// Numbers about the running program, in the text Prometheus reads.
//
//   metrics.counter("yagura_http_requests_total", "answers given", {{"code", "200"}}).add();
//   metrics.histogram("yagura_query_seconds", "time a query took", kSeconds).observe(0.012);
//   metrics.gauge("yagura_open_streams", "readers being told news", [&] { return count(); });
//   metrics.text()                                          // exposition format 0.0.4
//
// Names have the prefix yagura_, base units and, for counters, the suffix _total. A counter or
// histogram is made at its first use and stays where it is, so that hot code may keep the
// reference. Labels must come from small sets: a route, a log type, never an address. Thread-safe;
// functions of gauges are called while the text is made and must not use the registry.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yagura {

class Counter {
  public:
    void add(uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<uint64_t> value_{0};
};

// Buckets by upper bound; one more takes what is above the last.
class Histogram {
  public:
    explicit Histogram(std::span<const double> bounds);
    void observe(double value);

    // What the text shows: counts up to and including each bound, then all; and their sum.
    std::vector<uint64_t> cumulative() const;
    double sum() const { return static_cast<double>(sum_micros_.load()) / 1e6; }
    std::span<const double> bounds() const { return bounds_; }

  private:
    std::vector<double> bounds_;
    std::vector<std::atomic<uint64_t>> counts_;
    std::atomic<uint64_t> sum_micros_{0};  // millionths; values are not negative
};

// Bounds for times of requests and queries, in seconds.
inline constexpr double kSeconds[] = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

class Metrics {
  public:
    using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

    Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
    // All of one name share the bounds of the first.
    Histogram& histogram(std::string_view name,
                         std::string_view help,
                         std::span<const double> bounds,
                         const Labels& labels = {});
    // A number asked for when the text is made; a second one of the same name and labels replaces
    // the first.
    void gauge(std::string_view name,
               std::string_view help,
               std::function<double()> read,
               const Labels& labels = {});
    // The same for a number that only grows.
    void total(std::string_view name, std::string_view help, std::function<double()> read);
    // Numbers whose labels are only known when the text is made.
    using Samples = std::vector<std::pair<std::string, double>>;  // value of `label` and number
    void gauges(std::string_view name,
                std::string_view help,
                std::string_view label,
                std::function<Samples()> read);

    std::string text() const;

  private:
    struct Family {
        std::string_view type;
        std::string help;
        std::map<std::string, std::unique_ptr<Counter>> counters;  // by labels as written
        std::map<std::string, std::unique_ptr<Histogram>> histograms;
        std::map<std::string, std::function<double()>> gauges;
        std::string label;
        std::function<Samples()> read;
    };
    Family& family(std::string_view name, std::string_view type, std::string_view help);

    mutable std::mutex mutex_;
    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace yagura
