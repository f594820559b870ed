#include "detect/firing.h"

#include <tuple>
#include <type_traits>
#include <utility>

namespace yagura::detect {
namespace {

// What `read(log, place)` gives for a piece of evidence; nullopt when it cannot be read.
template <class Read>
auto find_evidence(uint64_t id,
                   std::span<const EvidenceLog* const> logs,
                   std::optional<Error>& error,
                   const Read& read) {
    using Found = std::decay_t<decltype(*read(*logs[0], 0))>;
    std::optional<Found> out;
    const uint64_t log = id >> 48;
    if (log >= logs.size()) return out;
    auto found = read(*logs[log], id & ((uint64_t{1} << 48) - 1));
    if (found) {
        out = std::move(*found);
    } else if (!error) {
        error = found.error();
    }
    return out;
}

bool measures_count(const Targets& targets, uint32_t target) {
    if (!targets.is_correlation(target)) return true;
    switch (targets.correlation(target).type) {
        case match::CorrelationType::value_sum:
        case match::CorrelationType::value_avg:
        case match::CorrelationType::value_percentile:
        case match::CorrelationType::value_median:
            return false;
        default:
            return true;
    }
}

}  // namespace

bool is_before(const Decided& a, const Decided& b) {
    return std::tie(a.time, a.target, a.group, a.opened) <
           std::tie(b.time, b.target, b.group, b.opened);
}

Firing make_firing(const Decided& decided,
                   const Targets& targets,
                   std::span<const EvidenceLog* const> logs,
                   std::optional<Error>& error) {
    Firing firing{.target = decided.target,
                  .rule = &targets.info(decided.target),
                  .time = decided.time,
                  .opened = decided.opened,
                  .first = decided.first,
                  .last = decided.last,
                  .measured = decided.measured,
                  .events = decided.events,
                  .group = decided.group,
                  .key = {},
                  .event = {},
                  .event_ids = {}};
    firing.event.type = logtype::all().front();
    const auto whole = [](const EvidenceLog& log, uint64_t place) { return log.read(place); };
    const auto event_id = [](const EvidenceLog& log, uint64_t place) {
        return log.read_part(place, finding::Part::event_id);
    };
    for (uint8_t i = 0; i + 1 < decided.evidence_count; ++i) {
        if (auto id = find_evidence(decided.evidence[i], logs, error, event_id))
            firing.event_ids.push_back(std::move(*id));
    }
    const auto take_key = [&](const Evidence& evidence) {
        if (decided.key < evidence.keys.size()) firing.key = evidence.keys[decided.key];
    };
    bool has_key = false;
    if (decided.evidence_count > 0) {
        const uint64_t last = decided.evidence[decided.evidence_count - 1];
        if (auto evidence = find_evidence(last, logs, error, whole)) {
            has_key = last == decided.evidence_of_key;
            if (has_key) take_key(*evidence);
            firing.event_ids.push_back(evidence->part(finding::Part::event_id));
            firing.event = std::move(*evidence);
        }
    }
    if (!has_key) {
        if (auto evidence = find_evidence(decided.evidence_of_key, logs, error, whole))
            take_key(*evidence);
    }
    firing.key.resize(targets.key_names(decided.target).size());
    return firing;
}

void add_to(finding::HitCollector& hits, const Firing& firing, const Targets& targets) {
    if (!targets.reports(firing.target)) {
        hits.tag(*firing.rule, from_micros(firing.time));
        return;
    }
    finding::ToldEvent event = firing.event.told();
    event.time = firing.time;
    finding::Correlated correlated{.group = {},
                                   .is_count = measures_count(targets, firing.target),
                                   .measured = firing.measured,
                                   .first = firing.first,
                                   .last = firing.last,
                                   .events = firing.event_ids};
    const auto names = targets.key_names(firing.target);
    for (size_t i = 0; i < names.size(); ++i)
        correlated.group.emplace_back(names[i], firing.key[i].value_or(""));
    hits.add(*firing.rule, event, std::move(correlated));
}

}  // namespace yagura::detect
