// The text format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
#include "base/metrics.h"

#include <algorithm>

#include <fmt/format.h>

namespace yagura {
namespace {

void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && in_quotes) {
            out += "\\\"";
        } else {
            out += c;
        }
    }
}

std::string pair_text(std::string_view key, std::string_view value) {
    std::string out(key);
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
    return out;
}

// a="1",b="2" as given; empty when there are none.
std::string labels_text(const Metrics::Labels& labels) {
    std::string out;
    for (const auto& [key, value] : labels) {
        if (!out.empty()) out += ',';
        out += pair_text(key, value);
    }
    return out;
}

void append_sample(std::string& out,
                   std::string_view name,
                   std::string_view labels,
                   std::string_view number) {
    out += name;
    if (!labels.empty()) fmt::format_to(std::back_inserter(out), "{{{}}}", labels);
    fmt::format_to(std::back_inserter(out), " {}\n", number);
}

std::string number_text(double value) {
    if (value != value) return "NaN";
    return fmt::format("{}", value);
}

void append_histogram(std::string& out,
                      const std::string& name,
                      const std::string& labels,
                      const Histogram& histogram) {
    const std::string before = labels.empty() ? "" : labels + ",";
    const std::vector<uint64_t> counts = histogram.cumulative();
    for (size_t i = 0; i < counts.size(); ++i) {
        const bool is_last = i == histogram.bounds().size();
        const std::string bound = is_last ? "+Inf" : fmt::format("{}", histogram.bounds()[i]);
        append_sample(
            out, name + "_bucket", before + pair_text("le", bound), std::to_string(counts[i]));
    }
    append_sample(out, name + "_sum", labels, number_text(histogram.sum()));
    append_sample(out, name + "_count", labels, std::to_string(counts.back()));
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {}

void Histogram::observe(double value) {
    const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    counts_[static_cast<size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_micros_.fetch_add(static_cast<uint64_t>(std::max(value, 0.0) * 1e6),
                          std::memory_order_relaxed);
}

std::vector<uint64_t> Histogram::cumulative() const {
    std::vector<uint64_t> counts;
    uint64_t total = 0;
    for (const auto& count : counts_) counts.push_back(total += count.load());
    return counts;
}

Metrics::Family& Metrics::family(std::string_view name,
                                 std::string_view type,
                                 std::string_view help) {
    const auto at = families_.find(name);
    if (at != families_.end()) return at->second;
    Family& made = families_[std::string(name)];
    made.type = type;
    made.help = help;
    return made;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
    const std::string text = labels_text(labels);
    const std::lock_guard lock(mutex_);
    auto& counter = family(name, "counter", help).counters[text];
    if (!counter) counter = std::make_unique<Counter>();
    return *counter;
}

Histogram& Metrics::histogram(std::string_view name,
                              std::string_view help,
                              std::span<const double> bounds,
                              const Labels& labels) {
    const std::string text = labels_text(labels);
    const std::lock_guard lock(mutex_);
    auto& histograms = family(name, "histogram", help).histograms;
    auto& histogram = histograms[text];
    if (!histogram) histogram = std::make_unique<Histogram>(bounds);
    return *histogram;
}

void Metrics::gauge(std::string_view name,
                    std::string_view help,
                    std::function<double()> read,
                    const Labels& labels) {
    const std::lock_guard lock(mutex_);
    family(name, "gauge", help).gauges[labels_text(labels)] = std::move(read);
}

void Metrics::total(std::string_view name, std::string_view help, std::function<double()> read) {
    const std::lock_guard lock(mutex_);
    family(name, "counter", help).gauges[""] = std::move(read);
}

void Metrics::gauges(std::string_view name,
                     std::string_view help,
                     std::string_view label,
                     std::function<Samples()> read) {
    const std::lock_guard lock(mutex_);
    Family& of = family(name, "gauge", help);
    of.label = label;
    of.read = std::move(read);
}

std::string Metrics::text() const {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const auto& [name, family] : families_) {
        fmt::format_to(std::back_inserter(out), "# HELP {} ", name);
        append_escaped(out, family.help, false);
        fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", name, family.type);
        for (const auto& [labels, counter] : family.counters)
            append_sample(out, name, labels, std::to_string(counter->value()));
        for (const auto& [labels, read] : family.gauges)
            append_sample(out, name, labels, number_text(read()));
        for (const auto& [labels, histogram] : family.histograms)
            append_histogram(out, name, labels, *histogram);
        if (!family.read) continue;
        for (const auto& [value, number] : family.read())
            append_sample(out, name, pair_text(family.label, value), number_text(number));
    }
    return out;
}

}  // namespace yagura
