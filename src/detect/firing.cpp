#include "detect/firing.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace yagura::detect {
namespace {

// Of the events that are named by their ids alone.
constexpr auto kNamedParts = [] {
    std::array<finding::Part, finding::ResourceNotes::kReadWith.size() + 1> parts{};
    std::copy(finding::ResourceNotes::kReadWith.begin(),
              finding::ResourceNotes::kReadWith.end(),
              parts.begin());
    parts.back() = finding::Part::event_id;
    return parts;
}();

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

template <class Read>
std::optional<Evidence> FiringReader::find(uint64_t id, const Read& read) {
    const uint64_t log = id >> 48;
    if (log >= logs_.size()) return std::nullopt;
    auto found = read(*logs_[log], id & ((uint64_t{1} << 48) - 1));
    if (found) return std::move(*found);
    if (!error_) error_ = found.error();
    return std::nullopt;
}

std::optional<Evidence> FiringReader::find_whole(uint64_t id) {
    return find(id, [](const EvidenceLog& log, uint64_t place) { return log.read(place); });
}

void FiringReader::tell_event(const Evidence& event, Firing& firing) {
    firing.event_ids.push_back(event.part(finding::Part::event_id));
    auto& resources = firing.resources;
    for (const std::string& key : notes_.read(event.told())) {
        if (resources.size() == Firing::kMaxResources) return;
        if (std::find(resources.begin(), resources.end(), key) == resources.end())
            resources.push_back(key);
    }
}

Firing FiringReader::read(const Decided& decided) {
    Firing firing{.target = decided.target,
                  .rule = &targets_.info(decided.target),
                  .time = decided.time,
                  .opened = decided.opened,
                  .first = decided.first,
                  .last = decided.last,
                  .measured = decided.measured,
                  .events = decided.events,
                  .group = decided.group,
                  .key = {},
                  .event = {},
                  .event_ids = {},
                  .resources = {}};
    firing.event.type = logtype::all().front();
    const auto named = [](const EvidenceLog& log, uint64_t place) {
        return log.read_parts(place, kNamedParts);
    };
    for (uint8_t i = 0; i + 1 < decided.evidence_count; ++i) {
        if (const auto evidence = find(decided.evidence[i], named)) tell_event(*evidence, firing);
    }
    const auto take_key = [&](const Evidence& evidence) {
        if (decided.key < evidence.keys.size()) firing.key = evidence.keys[decided.key];
    };
    bool has_key = false;
    if (decided.evidence_count > 0) {
        const uint64_t last = decided.evidence[decided.evidence_count - 1];
        if (auto evidence = find_whole(last)) {
            has_key = last == decided.evidence_of_key;
            if (has_key) take_key(*evidence);
            tell_event(*evidence, firing);
            firing.event = std::move(*evidence);
        }
    }
    if (!has_key) {
        if (const auto evidence = find_whole(decided.evidence_of_key)) take_key(*evidence);
    }
    firing.key.resize(targets_.key_names(decided.target).size());
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
    hits.add(*firing.rule, event, std::move(correlated), firing.resources);
}

}  // namespace yagura::detect
