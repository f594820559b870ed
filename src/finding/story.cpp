// Ranking. The idea is that of a term weight in text search: what many entities do tells little
// about any of them, what one does alone tells much; a grave act weighs more than a light one; and
// an entity seen in many phases of an attack is more than the sum of its acts.

#include "finding/story.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "base/ip.h"
#include "finding/severity.h"

namespace yagura::finding {
namespace {

constexpr double kTacticStep = 0.15;

// Principals of different accounts are different people, whatever their name; an address is one
// everywhere (its account is 0 here).
struct Entity {
    StringId name = 0;
    StringId account = 0;
    friend auto operator<=>(const Entity&, const Entity&) = default;
};

// Findings of one entity, as indices.
using Members = std::map<Entity, std::vector<uint32_t>>;

bool is_before(const EventFacts& a, const EventFacts& b, const StringPool& pool) {
    if (a.time != b.time) return a.time < b.time;
    const int objects = pool.text(a.object).compare(pool.text(b.object));
    return objects != 0 ? objects < 0 : a.ordinal < b.ordinal;
}

// How many entities met each rule.
std::vector<uint32_t> entities_per_rule(const Members& members, const HitCollector& hits) {
    std::vector<uint32_t> counts(hits.rules().size(), 0);
    for (const auto& [entity, findings] : members) {
        uint32_t previous = UINT32_MAX;  // findings are sorted by rule
        for (const uint32_t i : findings) {
            if (hits.findings()[i].rule != previous) ++counts[previous = hits.findings()[i].rule];
        }
    }
    return counts;
}

std::vector<Evidence> gather_evidence(const std::vector<uint32_t>& findings,
                                      const HitCollector& hits) {
    std::vector<Evidence> evidence;
    for (const uint32_t i : findings) {
        const Finding& finding = hits.findings()[i];
        if (evidence.empty() || evidence.back().rule != finding.rule) {
            evidence.push_back(
                {finding.rule, 0, 0, finding.first, finding.last, 0, &finding.samples[0]});
        }
        Evidence& rule = evidence.back();
        rule.count += finding.count;
        rule.failed += finding.failed;
        rule.first = std::min(rule.first, finding.first);
        rule.last = std::max(rule.last, finding.last);
        if (is_before(finding.samples[0], *rule.sample, hits.strings()))
            rule.sample = &finding.samples[0];
    }
    return evidence;
}

// Names by how many matches they have, most first; ties by text.
std::vector<StringId> by_matches(const std::map<StringId, uint64_t>& counts,
                                 const StringPool& pool) {
    std::vector<std::pair<StringId, uint64_t>> named(counts.begin(), counts.end());
    std::erase_if(named, [](const auto& one) { return one.first == 0; });
    std::sort(named.begin(), named.end(), [&](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : pool.text(a.first) < pool.text(b.first);
    });
    std::vector<StringId> names;
    for (const auto& [name, count] : named) names.push_back(name);
    return names;
}

class Teller {
  public:
    Teller(const HitCollector& hits, StringId Finding::*entity, StringId Finding::*counterpart)
        : hits_(hits), entity_(entity), counterpart_(counterpart) {
        for (const RuleTally& tally : hits.rules())
            tactics_.push_back(tactics_of(tally.rule->tags));
    }

    std::vector<Story> tell() {
        const Members members = gather();
        const std::vector<uint32_t> entities = entities_per_rule(members, hits_);
        std::vector<Story> stories;
        for (const auto& [entity, findings] : members)
            stories.push_back(tell_one(entity, findings, entities));
        std::sort(stories.begin(), stories.end(), [&](const Story& a, const Story& b) {
            if (a.score != b.score) return a.score > b.score;
            return std::pair(text(a.entity), text(a.account)) <
                   std::pair(text(b.entity), text(b.account));
        });
        return stories;
    }

  private:
    Members gather() const {
        Members members;
        for (uint32_t i = 0; i < hits_.findings().size(); ++i) {
            const Finding& finding = hits_.findings()[i];
            const StringId name = finding.*entity_;
            const StringId account = is_address() ? 0 : finding.account;
            if (name != 0 && is_entity(name)) members[{name, account}].push_back(i);
        }
        return members;
    }

    bool is_address() const { return entity_ == &Finding::source_ip; }
    bool is_entity(StringId id) const {
        return !is_address() || IpAddress::parse(text(id)).has_value();
    }
    std::string_view text(StringId id) const { return hits_.strings().text(id); }

    Story tell_one(const Entity& entity,
                   const std::vector<uint32_t>& findings,
                   const std::vector<uint32_t>& entities) const {
        Story story;
        story.entity = entity.name;
        story.account = entity.account;
        story.evidence = gather_evidence(findings, hits_);
        story.first = story.evidence.front().first;
        story.last = story.evidence.front().last;
        for (Evidence& evidence : story.evidence) {
            const match::RuleInfo& rule = *hits_.rules()[evidence.rule].rule;
            evidence.score = evidence_weight(rule.level, entities[evidence.rule], evidence.count);
            story.score += evidence.score;
            story.highest = std::max(story.highest, rule.level);
            story.matches += evidence.count;
            story.failed += evidence.failed;
            story.first = std::min(story.first, evidence.first);
            story.last = std::max(story.last, evidence.last);
            story.tactics |= tactics_[evidence.rule];
            story.by_level[static_cast<size_t>(rule.level)] += evidence.count;
        }
        story.score *= tactic_spread(story.tactics);
        std::stable_sort(story.evidence.begin(),
                         story.evidence.end(),
                         [&](const Evidence& a, const Evidence& b) {
                             const Level x = hits_.rules()[a.rule].rule->level;
                             const Level y = hits_.rules()[b.rule].rule->level;
                             return x != y ? x > y : a.score > b.score;
                         });
        add_names(story, findings);
        return story;
    }

    void add_names(Story& story, const std::vector<uint32_t>& findings) const {
        std::map<StringId, uint64_t> accounts;
        std::map<StringId, uint64_t> counterparts;
        for (const uint32_t i : findings) {
            const Finding& finding = hits_.findings()[i];
            accounts[finding.account] += finding.count;
            counterparts[finding.*counterpart_] += finding.count;
        }
        story.accounts = by_matches(accounts, hits_.strings());
        story.counterparts = by_matches(counterparts, hits_.strings());
    }

    const HitCollector& hits_;
    std::vector<TacticSet> tactics_;  // by rule
    StringId Finding::*entity_;
    StringId Finding::*counterpart_;
};

}  // namespace

double evidence_weight(Level level, uint64_t entities, uint64_t count) {
    const double rarity =
        1.0 / (1.0 + std::log2(static_cast<double>(std::max<uint64_t>(entities, 1))));
    const double volume = 1.0 + 0.1 * std::log2(static_cast<double>(count));
    return severity(level).weight * rarity * volume;
}

double tactic_spread(const TacticSet& tactics) {
    const size_t count = tactics.count();
    return 1.0 + kTacticStep * static_cast<double>(count > 1 ? count - 1 : 0);
}

Stories rank(const HitCollector& hits) {
    Stories stories;
    stories.principals = Teller(hits, &Finding::principal, &Finding::source_ip).tell();
    stories.addresses = Teller(hits, &Finding::source_ip, &Finding::principal).tell();
    return stories;
}

}  // namespace yagura::finding
