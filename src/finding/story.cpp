// Ranking. The idea is that of a term weight in text search: what many entities do tells little
// about any of them, what one does alone tells much; a grave act weighs more than a light one; and
// an entity seen in many phases of an attack is more than the sum of its acts.

#include "finding/story.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <thread>
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

// A finding and whom it is about; sorted, an entity's findings stand together, in their order.
struct Member {
    Entity entity;
    uint32_t finding = 0;
    friend auto operator<=>(const Member&, const Member&) = default;
};
using Members = std::span<const Member>;  // of one entity

bool is_before(const EventFacts& a, const EventFacts& b, const StringPool& pool) {
    if (a.time != b.time) return a.time < b.time;
    const int objects = pool.text(a.object).compare(pool.text(b.object));
    return objects != 0 ? objects < 0 : a.ordinal < b.ordinal;
}

std::vector<Members> by_entity(const std::vector<Member>& members) {
    std::vector<Members> groups;
    for (size_t from = 0, to = 0; from < members.size(); from = to) {
        while (to < members.size() && members[to].entity == members[from].entity) ++to;
        groups.emplace_back(&members[from], to - from);
    }
    return groups;
}

// How many entities met each rule.
std::vector<uint32_t> entities_per_rule(const std::vector<Members>& groups,
                                        const HitCollector& hits) {
    std::vector<uint32_t> counts(hits.rules().size(), 0);
    for (const Members& findings : groups) {
        uint32_t previous = UINT32_MAX;  // findings are sorted by rule
        for (const Member& member : findings) {
            const uint32_t rule = hits.findings()[member.finding].rule;
            if (rule != previous) ++counts[previous = rule];
        }
    }
    return counts;
}

std::vector<Evidence> gather_evidence(Members findings, const HitCollector& hits) {
    std::vector<Evidence> evidence;
    for (const Member& member : findings) {
        const Finding& finding = hits.findings()[member.finding];
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

// Names by how many matches they have, most first; ties by text. A name may stand in `counts` more
// than once.
class Names {
  public:
    void clear() { counts_.clear(); }
    void count(StringId name, uint64_t matches) {
        if (!counts_.empty() && counts_.back().first == name) {
            counts_.back().second += matches;
        } else if (name != 0) {
            counts_.emplace_back(name, matches);
        }
    }
    std::vector<StringId> by_matches(const StringPool& pool) {
        std::sort(counts_.begin(), counts_.end());
        size_t size = 0;
        for (const auto& [name, matches] : counts_) {
            if (size > 0 && counts_[size - 1].first == name) {
                counts_[size - 1].second += matches;
            } else {
                counts_[size++] = {name, matches};
            }
        }
        counts_.resize(size);
        std::sort(counts_.begin(), counts_.end(), [&](const auto& a, const auto& b) {
            return a.second != b.second ? a.second > b.second
                                        : pool.text(a.first) < pool.text(b.first);
        });
        std::vector<StringId> names;
        names.reserve(size);
        for (const auto& [name, matches] : counts_) names.push_back(name);
        return names;
    }

  private:
    std::vector<std::pair<StringId, uint64_t>> counts_;
};

class Teller {
  public:
    Teller(const HitCollector& hits, StringId Finding::*entity, StringId Finding::*counterpart)
        : hits_(hits), entity_(entity), counterpart_(counterpart) {
        for (const RuleTally& tally : hits.rules())
            tactics_.push_back(tactics_of(tally.rule->tags));
    }

    std::vector<Story> tell() {
        const std::vector<Member> members = gather();
        const std::vector<Members> groups = by_entity(members);
        const std::vector<uint32_t> entities = entities_per_rule(groups, hits_);
        std::vector<Story> stories;
        stories.reserve(groups.size());
        for (const Members& findings : groups) stories.push_back(tell_one(findings, entities));
        std::sort(stories.begin(), stories.end(), [&](const Story& a, const Story& b) {
            if (a.score != b.score) return a.score > b.score;
            return std::pair(text(a.entity), text(a.account)) <
                   std::pair(text(b.entity), text(b.account));
        });
        return stories;
    }

  private:
    std::vector<Member> gather() const {
        std::vector<Member> members;
        for (uint32_t i = 0; i < hits_.findings().size(); ++i) {
            const Finding& finding = hits_.findings()[i];
            const StringId name = finding.*entity_;
            const StringId account = is_address() ? 0 : finding.account;
            if (name != 0 && is_entity(name)) members.push_back({{name, account}, i});
        }
        std::sort(members.begin(), members.end());
        return members;
    }

    bool is_address() const { return entity_ == &Finding::source_ip; }
    bool is_entity(StringId id) const {
        return !is_address() || IpAddress::parse(text(id)).has_value();
    }
    std::string_view text(StringId id) const { return hits_.strings().text(id); }

    Story tell_one(Members findings, const std::vector<uint32_t>& entities) {
        Story story;
        story.entity = findings[0].entity.name;
        story.account = findings[0].entity.account;
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

    void add_names(Story& story, Members findings) {
        const auto names_of = [&](StringId Finding::*what) {
            names_.clear();
            for (const Member& member : findings) {
                const Finding& finding = hits_.findings()[member.finding];
                names_.count(finding.*what, finding.count);
            }
            return names_.by_matches(hits_.strings());
        };
        story.accounts = names_of(&Finding::account);
        story.counterparts = names_of(counterpart_);
    }

    const HitCollector& hits_;
    std::vector<TacticSet> tactics_;  // by rule
    StringId Finding::*entity_;
    StringId Finding::*counterpart_;
    Names names_;  // reused
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

Stories rank(const HitCollector& hits, uint32_t threads) {
    constexpr size_t kWorthAThread = 2'000;
    Stories stories;
    const auto rank_principals = [&] {
        stories.principals = Teller(hits, &Finding::principal, &Finding::source_ip).tell();
    };
    std::jthread other;
    const bool is_shared = threads > 1 && hits.findings().size() >= kWorthAThread;
    if (is_shared) other = std::jthread(rank_principals);
    stories.addresses = Teller(hits, &Finding::source_ip, &Finding::principal).tell();
    if (!is_shared) rank_principals();
    if (other.joinable()) other.join();
    return stories;
}

}  // namespace yagura::finding
