// Correlations and their matches made by hand.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "detect/batch.h"
#include "detect/targets.h"
#include "match/correlation.h"
#include "match/first_seen.h"

namespace yagura::detect {

// A match of rule `rule` at `time` seconds.
struct Row {
    int64_t time = 0;
    uint32_t rule = 0;
    std::map<std::string, std::string> fields;
    uint64_t id = 0;  // order of ties
    std::vector<std::string> resources = {};
};

inline match::Threshold bound(match::Threshold::Kind kind, double value) {
    return {kind, value};
}
inline match::Threshold at_least(double value) {
    return bound(match::Threshold::Kind::greater_equal, value);
}
inline match::Threshold below(double value) {
    return bound(match::Threshold::Kind::less, value);
}

// References to rules 0 … references − 1, grouped by `user`; values are in the field `value`.
inline match::Correlation correlation(match::CorrelationType type,
                                      int64_t seconds,
                                      std::vector<match::Threshold> thresholds,
                                      uint32_t references = 1) {
    match::Correlation made;
    made.info.id = "correlation";
    made.info.title = "Correlation";
    made.info.level = match::Level::high;
    made.type = type;
    made.timespan = seconds * 1'000'000;
    made.thresholds = std::move(thresholds);
    made.group_by = {"user"};
    const bool values = type != match::CorrelationType::event_count &&
                        type != match::CorrelationType::temporal &&
                        type != match::CorrelationType::temporal_ordered;
    for (uint32_t i = 0; i < references; ++i) {
        match::CorrelationReference reference;
        reference.name = "rule-" + std::to_string(i);
        reference.rules = {i};
        reference.group_by = {"user"};
        if (values) reference.value_fields = {"value"};
        made.references.push_back(std::move(reference));
    }
    return made;
}

inline match::Condition seen(uint32_t reference) {
    return {match::Condition::Kind::predicate, {}, reference, false};
}
inline match::Condition combined(match::Condition::Kind kind, std::vector<match::Condition> parts) {
    return {kind, std::move(parts), 0, false};
}

struct Told {
    std::vector<std::string> lines;
    std::vector<Firing> firings;
    CorrelationCounts counts;
};

// What a firing says of its events: their ids and what they were about.
inline std::string evidence_of(const Firing& firing) {
    return fmt::format(
        "{}: {}", fmt::join(firing.event_ids, " "), fmt::join(firing.resources, " "));
}

// "12 alice 3": when, of whom, how much.
inline std::string line_of(const Firing& firing) {
    std::string line = fmt::format("{}", static_cast<double>(firing.time) / 1e6);
    for (const auto& value : firing.key) line += " " + value.value_or("-");
    return line + fmt::format(" {:.6g}", firing.measured);
}

inline void give(SignalCollector& signals, const Row& row) {
    const std::string id = std::to_string(row.id);
    finding::ToldEvent event{.time = row.time * 1'000'000,
                             .ordinal = row.id,
                             .type = logtype::all().front(),
                             .object = "made.json",
                             .parts = {}};
    const std::string note = finding::ResourceNotes::note_of(row.resources);
    event.resource_note = note;
    event.parts[static_cast<size_t>(finding::Part::event_id)] = id;
    signals.add_row(
        row.rule, event, row.id, [&](std::string_view name) -> std::optional<std::string_view> {
            const auto found = row.fields.find(std::string(name));
            if (found == row.fields.end()) return std::nullopt;
            return found->second;
        });
}

// Rules, correlations and first-seen rules, and what comes of rows.
struct Made {
    std::vector<match::Rule> rules = std::vector<match::Rule>(8);
    std::vector<match::Correlation> correlations;
    std::vector<match::FirstSeen> first_seen;
    BatchOptions options;
    uint32_t workers = 1;
    FirstSeenMemory* memory = nullptr;

    // `end` is the time of the last event read, in seconds; −1: of the last row.
    Told run(const std::vector<Row>& rows, int64_t end = -1) const {
        const Targets targets({rules, correlations, first_seen});
        FirstSeenMemory fresh(targets);
        Batch batch(targets, memory ? *memory : fresh, options);
        std::vector<SignalCollector*> collectors;
        for (uint32_t i = 0; i < workers; ++i) collectors.push_back(&batch.new_collector());
        int64_t last = end;
        for (size_t i = 0; i < rows.size(); ++i) {
            give(*collectors[i % workers], rows[i]);
            if (end < 0) last = std::max(last, rows[i].time);
        }
        Told told;
        auto counts = batch.decide(last * 1'000'000, [&](const Firing& firing) {
            told.lines.push_back(line_of(firing));
            told.firings.push_back(firing);
        });
        if (counts) told.counts = *counts;
        return told;
    }
};

// Rows of one rule and user at the given seconds.
inline std::vector<Row> at(std::initializer_list<int64_t> seconds,
                           uint32_t rule = 0,
                           const std::string& user = "alice") {
    std::vector<Row> rows;
    for (const int64_t time : seconds)
        rows.push_back({time, rule, {{"user", user}}, rows.size() + 1 + rule * 1000});
    return rows;
}

inline std::vector<Row> together(std::vector<Row> a, const std::vector<Row>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

using Lines = std::vector<std::string>;

}  // namespace yagura::detect
