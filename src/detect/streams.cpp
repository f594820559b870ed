#include "detect/streams.h"

#include <algorithm>
#include <bit>
#include <string>
#include <unordered_map>

#include "base/hash.h"
#include "match/fingerprint.h"

namespace yagura::detect {
namespace {

// Changes when the same rules and records give other signals than before.
constexpr uint64_t kMeaning = 1;
constexpr uint32_t kNone = UINT32_MAX;

void put(std::string& out, uint64_t number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put(std::string& out, std::span<const std::string> names) {
    put(out, names.size());
    for (const std::string& name : names) {
        put(out, name.size());
        out += name;
    }
}

// How a value becomes Signal::value.
uint64_t kind_of_value(match::CorrelationType type) {
    switch (type) {
        case match::CorrelationType::value_count:
            return 1;
        case match::CorrelationType::value_sum:
        case match::CorrelationType::value_avg:
        case match::CorrelationType::value_percentile:
        case match::CorrelationType::value_median:
            return 2;
        default:
            return 0;
    }
}

uint64_t id_of(const match::Correlation& correlation,
               const match::CorrelationReference& reference,
               const RulesView& rules,
               const match::Policy* policy,
               Timestamp now) {
    std::string asked;
    put(asked, kMeaning);
    put(asked, kind_of_value(correlation.type));
    put(asked, correlation.missing_is_a_group);
    put(asked, reference.group_by);
    put(asked, reference.value_fields);
    std::vector<uint64_t> asked_rules;
    for (const uint32_t place : reference.rules) {
        if (place >= rules.rules.size()) continue;
        const match::Rule& rule = rules.rules[place];
        std::string one;
        put(one, match::fingerprint(rule));
        put(one, policy ? match::exceptions_fingerprint(*policy, rule.info, now) : 0);
        asked_rules.push_back(hash64(one));
    }
    std::sort(asked_rules.begin(), asked_rules.end());
    for (const uint64_t rule : asked_rules) put(asked, rule);
    return hash64(asked);
}

// Of the correlation itself; what it refers to is known by `asked` and the ids of correlations.
void put_own(std::string& out, const match::Correlation& correlation) {
    put(out, std::span(&correlation.info.id, 1));
    put(out, static_cast<uint64_t>(correlation.type));
    put(out, static_cast<uint64_t>(correlation.window));
    put(out, static_cast<uint64_t>(correlation.timespan));
    put(out, static_cast<uint64_t>(correlation.gap));
    put(out, std::bit_cast<uint64_t>(correlation.percentile));
    put(out, correlation.group_by);
    for (const match::Threshold& bound : correlation.thresholds) {
        put(out, static_cast<uint64_t>(bound.kind));
        put(out, std::bit_cast<uint64_t>(bound.value));
    }
    if (!correlation.condition) return;
    match::Rule condition;
    condition.condition = *correlation.condition;
    put(out, match::fingerprint(condition));
}

}  // namespace

SignalStreams::SignalStreams(const Targets& targets,
                             const RulesView& rules,
                             const match::Policy* policy,
                             Timestamp now)
    : by_target_(targets.size()), keepers_(targets.size()) {
    std::unordered_map<uint64_t, uint32_t> places;
    for (uint32_t target = 0; target < targets.correlation_count(); ++target) {
        const match::Correlation& correlation = targets.correlation(target);
        keepers_[target].assign(correlation.references.size(), kNone);
        std::string asked;
        put_own(asked, correlation);
        for (uint16_t i = 0; i < correlation.references.size(); ++i) {
            const match::CorrelationReference& reference = correlation.references[i];
            const uint64_t id = id_of(correlation, reference, rules, policy, now);
            put(asked, id);
            put(asked, reference.correlations.size());
            for (const uint32_t inner : reference.correlations)
                put(asked, inner < target ? target_ids_[inner] : 0);
            if (reference.rules.empty()) continue;
            const auto [at, is_new] = places.emplace(id, static_cast<uint32_t>(streams_.size()));
            if (is_new) {
                streams_.push_back({id, {}});
                keepers_[target][i] = at->second;
            }
            streams_[at->second].uses.push_back({target, i});
            by_target_[target].push_back(at->second);
        }
        target_ids_.push_back(hash64(asked));
    }
}

std::optional<uint32_t> SignalStreams::keeper_of(const Use& use) const {
    if (use.target >= keepers_.size() || use.reference >= keepers_[use.target].size())
        return std::nullopt;
    const uint32_t place = keepers_[use.target][use.reference];
    return place == kNone ? std::nullopt : std::optional(place);
}

std::vector<uint64_t> SignalStreams::ids() const {
    std::vector<uint64_t> out;
    for (const SignalStream& stream : streams_) out.push_back(stream.id);
    return out;
}

}  // namespace yagura::detect
