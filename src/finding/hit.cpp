// Counting must stay cheap: on real logs three of four events match some informational rule. So an
// event's texts are read in steps, as far as its matches need them: for counting (account, Region),
// for the key of a finding (principal, address), and all of them only for a sample or an output.

#include "finding/hit.h"

#include <algorithm>
#include <tuple>

#include "base/hash.h"

namespace yagura::finding {
namespace {

// A log the attacker shapes must not grow the tables for ever.
constexpr size_t kMaxSlots = 200'000;
constexpr size_t kMaxNames = 100'000;
constexpr uint32_t kNone = UINT32_MAX;
constexpr int64_t kMicrosPerSlot = kSlotMinutes * int64_t{60'000'000};

int32_t slot_of(int64_t micros) {
    const int64_t down = micros < 0 ? kMicrosPerSlot - 1 : 0;
    return static_cast<int32_t>((micros - down) / kMicrosPerSlot);
}

// Lake columns of the parts that are no role of every log type; the same in all that have them.
struct NamedPart {
    Part part;
    std::string_view column;
};
constexpr NamedPart kNamedParts[] = {
    {Part::error_message, "error_message"},
    {Part::user_name, "user_name"},
    {Part::user_type, "user_type"},
    {Part::user_arn, "user_arn"},
    {Part::user_principal_id, "user_principal_id"},
    {Part::user_account, "user_account_id"},
};

auto order_of(const match::RuleInfo& rule) {
    return std::tie(rule.id, rule.title, rule.file, rule.line);
}

}  // namespace

PartSlots part_slots_of(const logtype::LogType& type) {
    PartSlots slots;
    slots.fill(-1);
    const auto set = [&](Part part, int slot) { slots[static_cast<size_t>(part)] = slot; };
    const logtype::Roles& roles = type.roles;
    set(Part::event_id, roles.event_id);
    set(Part::event_name, roles.event_name);
    set(Part::event_source, roles.event_source);
    set(Part::account, roles.account);
    set(Part::region, roles.region);
    set(Part::principal, roles.principal);
    set(Part::source_ip, roles.source_ip);
    set(Part::access_key, roles.access_key);
    set(Part::user_agent, roles.user_agent);
    set(Part::error_code, roles.error_code);
    set(Part::target, roles.target);
    for (const NamedPart& named : kNamedParts) {
        if (const auto field = type.dictionary().find(named.column)) set(named.part, *field);
    }
    return slots;
}

size_t HitCollector::FindingKeyHash::operator()(const FindingKey& key) const {
    return hash64({reinterpret_cast<const char*>(&key), sizeof key});
}

HitCollector::HitCollector(std::shared_ptr<HitLimits> limits)
    : limits_(std::move(limits)), floor_(limits_->floor()) {}

void HitCollector::add(const match::RuleInfo& rule,
                       event::Event& event,
                       const logtype::LogType& type,
                       std::string_view object,
                       uint64_t ordinal) {
    if (limits_->floor() > floor_) drop_below_floor();
    take_up(event, type, object, ordinal);
    const uint32_t index = rule_index(rule);
    count(index);
    const bool keep = limits_->admit(rule.level);
    if (keep) {
        fill_all(event);
        if (current_index_ == kNone) {
            current_index_ = static_cast<uint32_t>(facts_.size());
            facts_.push_back(current_);
        }
        hits_.push_back({current_index_, index});
    }
    if (rule.level != Level::informational) add_to_finding(index, event);
}

void HitCollector::add(const match::RuleInfo& rule, const ToldEvent& event, Correlated correlated) {
    if (limits_->floor() > floor_) drop_below_floor();
    take_up(event);
    const uint32_t index = rule_index(rule);
    count(index);
    if (limits_->admit(rule.level)) {
        const auto place = static_cast<uint32_t>(facts_.size());
        facts_.push_back(current_);
        correlated_.emplace(place, std::move(correlated));
        hits_.push_back({place, index});
    }
    if (rule.level != Level::informational) {
        Finding& finding = count_finding(index);
        if (is_sample_of(finding)) offer_sample(finding, current_);
    }
    filled_ = Filled::nothing;  // the next match is not of this event
}

void HitCollector::tag(const match::RuleInfo& rule, Timestamp time) {
    const uint32_t index = rule_index(rule);
    rules_[index].only_tags = true;
    count_rule(index, to_micros(time));
}

void HitCollector::take_up(const ToldEvent& event) {
    current_ = EventFacts{event.time, event.ordinal, event.type, pool_.intern(event.object), {}};
    current_index_ = kNone;
    for (size_t i = 0; i < kParts; ++i) {
        current_.parts[i] = i == static_cast<size_t>(Part::event_id) ? pool_.append(event.parts[i])
                                                                     : pool_.intern(event.parts[i]);
    }
    filled_ = Filled::everything;
    slots_ = part_slots_of(*event.type);
}

// Starts with an event unless the last match was of the same one.
void HitCollector::take_up(event::Event& event,
                           const logtype::LogType& type,
                           std::string_view object,
                           uint64_t ordinal) {
    const bool same = filled_ != Filled::nothing && current_.ordinal == ordinal &&
                      current_.type == &type && pool_.text(current_.object) == object;
    if (same) return;
    if (current_.type != &type) slots_ = part_slots_of(type);
    current_ = EventFacts{to_micros(event.time), ordinal, &type, pool_.intern(object), {}};
    current_index_ = kNone;
    fill(event, Part::account);
    fill(event, Part::region);
    filled_ = Filled::counts;
}

void HitCollector::fill(event::Event& event, Part part) {
    const int slot = slots_[static_cast<size_t>(part)];
    if (slot < 0) return;
    const std::string_view text = event.text(static_cast<event::SlotId>(slot));
    StringId& id = current_.parts[static_cast<size_t>(part)];
    if (part == Part::event_id) {
        id = pool_.append(text);  // nearly always new: a table entry would be wasted
    } else if (findings_.size() < HitLimits::kMaxFindings || filled_ == Filled::key) {
        id = pool_.intern(text);
    } else {
        id = pool_.find(text);
    }
}

void HitCollector::fill_key(event::Event& event) {
    if (filled_ != Filled::counts) return;
    fill(event, Part::principal);
    fill(event, Part::source_ip);
    fill(event, Part::error_code);
    filled_ = Filled::key;
}

void HitCollector::fill_all(event::Event& event) {
    fill_key(event);
    if (filled_ == Filled::everything) return;
    for (size_t i = 0; i < kParts; ++i) {
        if (current_.parts[i] == 0) fill(event, static_cast<Part>(i));
    }
    filled_ = Filled::everything;
}

void HitCollector::count_rule(uint32_t rule, int64_t time) {
    RuleTally& tally = rules_[rule];
    tally.first = tally.count == 0 ? time : std::min(tally.first, time);
    tally.last = tally.count == 0 ? time : std::max(tally.last, time);
    ++tally.count;
}

void HitCollector::count(uint32_t rule) {
    count_rule(rule, current_.time);
    const auto level = static_cast<size_t>(rules_[rule].rule->level);
    ++by_level_[level];
    count_slot(slot_of(current_.time))[level] += 1;
    count_name(by_account_, current_.parts[static_cast<size_t>(Part::account)])[level] += 1;
    count_name(by_region_, current_.parts[static_cast<size_t>(Part::region)])[level] += 1;
}

LevelCounts& HitCollector::count_slot(int32_t slot) {
    const bool room = by_slot_.size() < kMaxSlots || by_slot_.count(slot) != 0;
    return by_slot_[room ? slot : by_slot_.rbegin()->first];
}

LevelCounts& HitCollector::count_name(std::unordered_map<StringId, LevelCounts>& names,
                                      StringId name) {
    const bool room = names.size() < kMaxNames || names.count(name) != 0;
    return names[room ? name : 0];
}

uint32_t HitCollector::rule_index(const match::RuleInfo& rule) {
    const auto [at, is_new] = rule_ids_.try_emplace(&rule, static_cast<uint32_t>(rules_.size()));
    if (is_new) rules_.push_back({&rule});
    return at->second;
}

void HitCollector::add_to_finding(uint32_t rule, event::Event& event) {
    fill_key(event);
    Finding& finding = count_finding(rule);
    if (!is_sample_of(finding)) return;
    fill_all(event);
    offer_sample(finding, current_);
}

Finding& HitCollector::count_finding(uint32_t rule) {
    const auto part = [&](Part which) { return current_.parts[static_cast<size_t>(which)]; };
    Finding& finding =
        finding_for({rule, part(Part::account), part(Part::principal), part(Part::source_ip)});
    finding.first = finding.count == 0 ? current_.time : std::min(finding.first, current_.time);
    finding.last = finding.count == 0 ? current_.time : std::max(finding.last, current_.time);
    ++finding.count;
    if (part(Part::error_code) != 0) ++finding.failed;
    return finding;
}

bool HitCollector::is_sample_of(const Finding& finding) const {
    return finding.sample_count < Finding::kSamples ||
           is_before(current_, finding.samples[finding.sample_count - 1]);
}

Finding& HitCollector::finding_for(FindingKey key) {
    if (findings_.size() >= HitLimits::kMaxFindings && finding_ids_.count(key) == 0) {
        overflowed_ = true;
        key = {key.rule, 0, 0, 0};
    }
    const auto [at, is_new] =
        finding_ids_.try_emplace(key, static_cast<uint32_t>(findings_.size()));
    if (is_new) {
        Finding& finding = findings_.emplace_back();
        finding.rule = key.rule;
        finding.account = key.account;
        finding.principal = key.principal;
        finding.source_ip = key.source_ip;
    }
    return findings_[at->second];
}

bool HitCollector::is_before(const EventFacts& a, const EventFacts& b) const {
    if (a.time != b.time) return a.time < b.time;
    const int objects = pool_.text(a.object).compare(pool_.text(b.object));
    return objects != 0 ? objects < 0 : a.ordinal < b.ordinal;
}

void HitCollector::offer_sample(Finding& finding, const EventFacts& facts) {
    size_t at = finding.sample_count;
    while (at > 0 && is_before(facts, finding.samples[at - 1])) --at;
    if (at == Finding::kSamples) return;
    if (finding.sample_count < Finding::kSamples) ++finding.sample_count;
    for (size_t i = finding.sample_count - 1; i > at; --i)
        finding.samples[i] = finding.samples[i - 1];
    finding.samples[at] = facts;
}

// Moves what stays into a fresh collector, so that the texts of what went are freed with it.
void HitCollector::drop_below_floor() {
    HitCollector fresh(limits_);
    fresh.take_over(*this);
    *this = std::move(fresh);
}

void HitCollector::merge(HitCollector&& other) {
    if (rules_.empty()) {
        *this = std::move(other);
    } else {
        take_over(other);
    }
}

EventFacts HitCollector::adopt(const EventFacts& facts, Adoption& from) {
    EventFacts own = facts;
    own.object = adopt(facts.object, from);
    for (size_t i = 0; i < kParts; ++i) {
        own.parts[i] = i == static_cast<size_t>(Part::event_id)
                           ? pool_.append(from.pool.text(facts.parts[i]))
                           : adopt(facts.parts[i], from);
    }
    return own;
}

StringId HitCollector::adopt(StringId id, Adoption& from) {
    if (from.ids[id] == 0) from.ids[id] = pool_.intern(from.pool.text(id));
    return from.ids[id];
}

void HitCollector::take_over(const HitCollector& other) {
    Adoption from{other.pool_, std::vector<StringId>(other.pool_.size(), 0)};
    std::vector<uint32_t> rules(other.rules_.size());
    for (size_t i = 0; i < rules.size(); ++i) {
        const RuleTally& theirs = other.rules_[i];
        rules[i] = rule_index(*theirs.rule);
        RuleTally& ours = rules_[rules[i]];
        ours.first = ours.count == 0 ? theirs.first : std::min(ours.first, theirs.first);
        ours.last = ours.count == 0 ? theirs.last : std::max(ours.last, theirs.last);
        ours.count += theirs.count;
        ours.only_tags = ours.only_tags || theirs.only_tags;
    }
    take_over_hits(other, rules, from);
    for (const Finding& finding : other.findings_)
        take_over_finding(finding, rules[finding.rule], from);
    take_over_counts(other, from);
    overflowed_ = overflowed_ || other.overflowed_;
}

void HitCollector::take_over_hits(const HitCollector& other,
                                  const std::vector<uint32_t>& rules,
                                  Adoption& from) {
    floor_ = std::max(floor_, limits_->floor());
    std::vector<uint32_t> facts(other.facts_.size(), kNone);
    for (const Hit& hit : other.hits_) {
        if (other.rules_[hit.rule].rule->level < floor_) continue;
        if (facts[hit.facts] == kNone) {
            facts[hit.facts] = static_cast<uint32_t>(facts_.size());
            facts_.push_back(adopt(other.facts_[hit.facts], from));
            if (const Correlated* correlated = other.correlated_of(hit.facts))
                correlated_.emplace(facts[hit.facts], *correlated);
        }
        hits_.push_back({facts[hit.facts], rules[hit.rule]});
    }
}

void HitCollector::take_over_finding(const Finding& theirs, uint32_t rule, Adoption& from) {
    Finding& ours = finding_for({rule,
                                 adopt(theirs.account, from),
                                 adopt(theirs.principal, from),
                                 adopt(theirs.source_ip, from)});
    ours.first = ours.count == 0 ? theirs.first : std::min(ours.first, theirs.first);
    ours.last = ours.count == 0 ? theirs.last : std::max(ours.last, theirs.last);
    ours.count += theirs.count;
    ours.failed += theirs.failed;
    for (size_t i = 0; i < theirs.sample_count; ++i)
        offer_sample(ours, adopt(theirs.samples[i], from));
}

void HitCollector::take_over_counts(const HitCollector& other, Adoption& from) {
    const auto add = [](LevelCounts& ours, const LevelCounts& theirs) {
        for (size_t i = 0; i < kLevels; ++i) ours[i] += theirs[i];
    };
    add(by_level_, other.by_level_);
    for (const auto& [slot, counts] : other.by_slot_) add(count_slot(slot), counts);
    for (const auto& [id, counts] : other.by_account_)
        add(count_name(by_account_, adopt(id, from)), counts);
    for (const auto& [id, counts] : other.by_region_)
        add(count_name(by_region_, adopt(id, from)), counts);
}

void HitCollector::finish() {
    if (limits_->floor() > floor_) drop_below_floor();
    sort_rules();
    const auto text = [&](StringId id) { return pool_.text(id); };
    std::sort(findings_.begin(), findings_.end(), [&](const Finding& a, const Finding& b) {
        if (a.rule != b.rule) return a.rule < b.rule;
        return std::tuple(text(a.account), text(a.principal), text(a.source_ip)) <
               std::tuple(text(b.account), text(b.principal), text(b.source_ip));
    });
    finding_ids_.clear();
    std::sort(hits_.begin(), hits_.end(), [&](const Hit& a, const Hit& b) {
        const EventFacts& x = facts_[a.facts];
        const EventFacts& y = facts_[b.facts];
        if (x.time != y.time) return x.time < y.time;
        if (a.rule != b.rule) return a.rule < b.rule;
        return is_before(x, y);
    });
    filled_ = Filled::nothing;
}

void HitCollector::sort_rules() {
    std::vector<uint32_t> order(rules_.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
        return order_of(*rules_[a].rule) < order_of(*rules_[b].rule);
    });
    std::vector<RuleTally> sorted;
    std::vector<uint32_t> place(rules_.size());
    for (const uint32_t old : order) {
        place[old] = static_cast<uint32_t>(sorted.size());
        rule_ids_[rules_[old].rule] = place[old];
        sorted.push_back(rules_[old]);
    }
    rules_ = std::move(sorted);
    for (Finding& finding : findings_) finding.rule = place[finding.rule];
    for (Hit& hit : hits_) hit.rule = place[hit.rule];
}

uint64_t HitCollector::matches() const {
    uint64_t sum = 0;
    for (const uint64_t count : by_level_) sum += count;
    return sum;
}

}  // namespace yagura::finding
