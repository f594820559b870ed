#include "store/findings.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "finding/attack.h"
#include "finding/story.h"

namespace yagura::store {
namespace {

constexpr size_t kLongestText = 1024;

std::string bounded(std::string_view text) {
    if (text.size() <= kLongestText) return std::string(text);
    size_t size = kLongestText;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    return std::string(text.substr(0, size));
}

bool is_before(const FindingSample& a, const FindingSample& b) {
    return std::tie(a.time, a.object, a.ordinal) < std::tie(b.time, b.object, b.ordinal);
}

KeptFinding kept(const finding::Finding& found, const finding::HitCollector& hits) {
    const finding::StringPool& texts = hits.strings();
    const match::RuleInfo& rule = *hits.rules()[found.rule].rule;
    KeptFinding out;
    out.rule_id = rule.id;
    out.account = bounded(texts.text(found.account));
    out.principal = bounded(texts.text(found.principal));
    out.source_ip = bounded(texts.text(found.source_ip));
    out.level = rule.level;
    out.title = rule.title;
    out.title_ja = rule.title_ja;
    out.author = rule.author;
    out.tags = fmt::format("{}", fmt::join(rule.tags, " "));
    out.count = found.count;
    out.failed = found.failed;
    out.first = from_micros(found.first);
    out.last = from_micros(found.last);
    for (size_t i = 0; i < found.sample_count; ++i) {
        const finding::EventFacts& facts = found.samples[i];
        const auto event_id = facts.parts[static_cast<size_t>(finding::Part::event_id)];
        out.samples.push_back({from_micros(facts.time),
                               std::string(facts.type->name),
                               bounded(texts.text(event_id)),
                               std::string(texts.text(facts.object)),
                               facts.ordinal});
    }
    for (const finding::TouchedResource& one : found.touched.most(texts))
        out.resources.push_back({std::string(texts.text(one.key)), one.count});
    out.other_resources = found.touched.others();
    return out;
}

// As finding::Touched does it: the same stay, whichever commits their events came in.
void add_resources(KeptFinding& finding, KeptFinding& later) {
    struct Ranked {
        uint64_t rank;
        KeptResource resource;
    };
    std::vector<Ranked> ranked;
    const auto take = [&](std::vector<KeptResource>& resources) {
        for (KeptResource& one : resources)
            ranked.push_back({finding::touched_rank(one.key), std::move(one)});
    };
    take(finding.resources);
    take(later.resources);
    std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
        return std::tie(a.rank, a.resource.key) < std::tie(b.rank, b.resource.key);
    });
    finding.resources.clear();
    finding.other_resources += later.other_resources;
    for (Ranked& one : ranked) {
        if (!finding.resources.empty() && finding.resources.back().key == one.resource.key) {
            finding.resources.back().count += one.resource.count;
        } else if (finding.resources.size() < finding::Touched::kMost) {
            finding.resources.push_back(std::move(one.resource));
        } else {
            finding.other_resources += one.resource.count;
        }
    }
    const auto is_more = [](const KeptResource& a, const KeptResource& b) {
        return a.count != b.count ? a.count > b.count : a.key < b.key;
    };
    std::sort(finding.resources.begin(), finding.resources.end(), is_more);
}

finding::TacticSet tactics_of(const KeptFinding& finding) {
    std::vector<std::string> tags;
    for (const std::string_view tag : split(finding.tags, ' ')) tags.emplace_back(tag);
    return finding::tactics_of(tags);
}

// Who a finding is about: a principal within its account, else an address.
using Entity = std::tuple<std::string_view, std::string_view, std::string_view>;

Entity entity_of(const KeptFinding& finding) {
    if (finding.principal.empty()) return {"", "", finding.source_ip};
    return {finding.account, finding.principal, ""};
}

}  // namespace

void KeptFinding::add(KeptFinding later) {
    level = later.level;
    title = std::move(later.title);
    title_ja = std::move(later.title_ja);
    author = std::move(later.author);
    tags = std::move(later.tags);
    first = count == 0 ? later.first : std::min(first, later.first);
    last = count == 0 ? later.last : std::max(last, later.last);
    count += later.count;
    failed += later.failed;
    if (!later.resources.empty() || later.other_resources > 0) add_resources(*this, later);
    std::move(later.samples.begin(), later.samples.end(), std::back_inserter(samples));
    std::sort(samples.begin(), samples.end(), is_before);
    if (samples.size() > kMaxFindingSamples) samples.resize(kMaxFindingSamples);
}

void FindingTally::add(const match::RuleInfo& rule,
                       event::Event& event,
                       const logtype::LogType& type,
                       std::string_view object,
                       uint64_t ordinal) {
    // Matches themselves are on the rows; only findings are gathered here.
    if (!hits_) hits_.emplace(std::make_shared<finding::HitLimits>(match::Level::critical, 0));
    hits_->add(rule, event, type, object, ordinal);
}

void FindingTally::add(const match::RuleInfo& rule,
                       const finding::ToldEvent& event,
                       std::span<const std::string> resources) {
    if (!hits_) hits_.emplace(std::make_shared<finding::HitLimits>(match::Level::critical, 0));
    hits_->add(rule, event, finding::Correlated{}, resources);
}

std::vector<KeptFinding> FindingTally::take() {
    std::vector<KeptFinding> out;
    if (!hits_) return out;
    hits_->finish();
    for (const finding::Finding& found : hits_->findings()) out.push_back(kept(found, *hits_));
    hits_.reset();
    return out;
}

std::vector<Placed> ranking(std::span<const KeptFinding* const> chosen) {
    std::map<std::string_view, std::set<Entity>> entities;  // that met a rule
    std::map<Entity, finding::TacticSet> tactics;
    for (const KeptFinding* finding : chosen) {
        entities[finding->rule_id].insert(entity_of(*finding));
        tactics[entity_of(*finding)] |= tactics_of(*finding);
    }
    std::vector<Placed> out;
    out.reserve(chosen.size());
    for (const KeptFinding* finding : chosen) {
        const double weight = finding::evidence_weight(
            finding->level, entities[finding->rule_id].size(), finding->count);
        out.push_back({static_cast<uint32_t>(out.size()),
                       weight * finding::tactic_spread(tactics[entity_of(*finding)])});
    }
    std::sort(out.begin(), out.end(), [&](const Placed& a, const Placed& b) {
        if (a.score != b.score) return a.score > b.score;
        const KeptFinding &x = *chosen[a.place], &y = *chosen[b.place];
        return std::tie(x.first, x.rule_id, x.account, x.principal, x.source_ip) <
               std::tie(y.first, y.rule_id, y.account, y.principal, y.source_ip);
    });
    return out;
}

std::vector<RankedFinding> rank(std::vector<KeptFinding> findings) {
    std::vector<const KeptFinding*> all;
    for (const KeptFinding& finding : findings) all.push_back(&finding);
    std::vector<RankedFinding> out;
    out.reserve(findings.size());
    for (const Placed& placed : ranking(all))
        out.push_back({std::move(findings[placed.place]), placed.score});
    return out;
}

}  // namespace yagura::store
