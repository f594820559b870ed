// Collecting must stay cheap: on real logs three of four events match some informational rule, and
// with all public rules there are more matches than events. So an event's texts are read in steps,
// as far as its matches need them: for counting (account, Region), for the key of a finding
// (principal, address), and all of them only for a sample or an output. And since neighbouring
// events agree in most of what is asked of them, what was looked up last is tried before looking
// up.

#include "finding/hit.h"

#include <algorithm>
#include <thread>
#include <tuple>
#include <utility>

#include "base/keyed_hash.h"
#include "finding/outcome.h"

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
    return std::tie(rule.id, rule.title, rule.file, rule.line, rule.level);
}

// On up to `threads` cores, when it is worth it.
template <class T, class Less>
void sort(std::vector<T>& items, const Less& less, uint32_t threads) {
    constexpr size_t kWorthAThread = 20'000;
    if (threads < 2 || items.size() < kWorthAThread) {
        std::sort(items.begin(), items.end(), less);
        return;
    }
    const auto middle = items.begin() + static_cast<ptrdiff_t>(items.size() / 2);
    {
        const std::jthread other([&] { std::sort(middle, items.end(), less); });
        std::sort(items.begin(), middle, less);
    }
    std::inplace_merge(items.begin(), middle, items.end(), less);
}

// Puts items[from[i]] at place i, for all i at once. They are large: each is moved once.
template <class List>
void permute(List& items, std::vector<uint32_t> from) {
    for (uint32_t start = 0; start < from.size(); ++start) {
        if (from[start] == start) continue;
        auto held = std::move(items[start]);
        uint32_t at = start;
        for (uint32_t next = from[at]; next != start; next = from[at]) {
            items[at] = std::move(items[next]);
            from[at] = at;
            at = next;
        }
        items[at] = std::move(held);
        from[at] = at;
    }
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

HitCollector::HitCollector(std::shared_ptr<HitLimits> limits)
    : limits_(std::move(limits)), floor_(limits_->floor()) {}

void HitCollector::add(const match::RuleInfo& rule,
                       event::Event& event,
                       const logtype::LogType& type,
                       std::string_view object,
                       uint64_t ordinal) {
    if (limits_->floor() > floor_) drop_below_floor();
    take_up(event, type, object, ordinal);
    const uint32_t index = known_rule_index(rule);
    count(index);
    if (admit(rule.level)) {
        fill_all(event);
        if (current_index_ == kNone) {
            current_index_ = static_cast<uint32_t>(facts_.size());
            facts_.push_back(current_);
        }
        hits_.push_back({current_index_, index});
    }
    if (rule.level != Level::informational) add_to_finding(index, event);
}

void HitCollector::add(const match::RuleInfo& rule,
                       const ToldEvent& event,
                       Correlated correlated,
                       std::span<const std::string> resources) {
    if (limits_->floor() > floor_) drop_below_floor();
    take_up(event);
    const uint32_t index = rule_index(rule);
    count(index);
    if (admit(rule.level)) {
        const auto place = static_cast<uint32_t>(facts_.size());
        facts_.push_back(current_);
        correlated_.emplace(place, std::move(correlated));
        hits_.push_back({place, index});
    }
    if (rule.level != Level::informational) {
        Finding& finding = count_finding(index);
        const auto says = [&](Part part) { return current_.parts[static_cast<size_t>(part)] != 0; };
        if (says(Part::error_code) || says(Part::error_message)) ++finding.failed;
        touch(finding, resources);
        if (is_sample(finding, current_)) offer_sample(finding, current_);
    }
    filled_ = Filled::nothing;  // the next match is not of this event
    has_resources_ = false;
}

void HitCollector::tag(const match::RuleInfo& rule, Timestamp time) {
    const uint32_t index = known_rule_index(rule);
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
    find_counters();
}

// Asks the limits, or only remembers to tell them: they are shared by all workers, and asking for
// every match made workers wait for each other.
bool HitCollector::admit(Level level) {
    if (level < floor_) return false;
    if (!limits_->is_plenty()) {
        tell_limits();
        return limits_->admit(level);
    }
    ++untold_[static_cast<size_t>(level)];
    if (++untold_count_ >= HitLimits::kUntold) tell_limits();
    return true;
}

void HitCollector::tell_limits() {
    if (untold_count_ == 0) return;
    limits_->tell(untold_);
    untold_ = {};
    untold_count_ = 0;
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
    const StringId kept = intern_near(current_.object, object);
    current_ = EventFacts{to_micros(event.time), ordinal, &type, kept, {}};
    has_resources_ = false;
    current_index_ = kNone;
    fill(event, Part::account);
    fill(event, Part::region);
    filled_ = Filled::counts;
    find_counters();
}

// As intern(), quick when it is the text of `near`.
StringId HitCollector::intern_near(StringId near, std::string_view text) {
    return pool_.text(near) == text ? near : pool_.intern(text);
}

void HitCollector::fill(event::Event& event, Part part) {
    const int slot = slots_[static_cast<size_t>(part)];
    if (slot < 0) return;
    const std::string_view text = event.text(static_cast<event::SlotId>(slot));
    StringId& id = current_.parts[static_cast<size_t>(part)];
    if (part == Part::event_id) {
        id = pool_.append(text);  // nearly always new: a table entry would be wasted
        return;
    }
    StringId& latest = latest_[static_cast<size_t>(part)];
    if (findings_.size() < HitLimits::kMaxFindings || filled_ == Filled::key) {
        latest = id = intern_near(latest, text);
    } else {
        id = pool_.find(text);
    }
}

void HitCollector::fill_key(event::Event& event) {
    if (filled_ != Filled::counts) return;
    fill(event, Part::principal);
    fill(event, Part::source_ip);
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
    ++(*counters_.by_slot)[level];
    ++(*counters_.by_account)[level];
    ++(*counters_.by_region)[level];
}

void HitCollector::find_counters() {
    const int32_t slot = slot_of(current_.time);
    const StringId account = current_.parts[static_cast<size_t>(Part::account)];
    const StringId region = current_.parts[static_cast<size_t>(Part::region)];
    const bool any = counters_.by_slot != nullptr;
    if (!any || counters_.slot != slot) counters_.by_slot = &count_slot(slot);
    if (!any || counters_.account != account)
        counters_.by_account = &count_name(by_account_, account);
    if (!any || counters_.region != region) counters_.by_region = &count_name(by_region_, region);
    counters_.slot = slot;
    counters_.account = account;
    counters_.region = region;
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

uint32_t HitCollector::known_rule_index(const match::RuleInfo& rule) {
    const auto address = reinterpret_cast<uintptr_t>(&rule);
    KnownRule& known = known_rules_[address * 0x9E3779B97F4A7C15u >> 56];
    if (known.rule != &rule) known = {&rule, rule_index(rule)};
    return known.index;
}

void HitCollector::add_to_finding(uint32_t rule, event::Event& event) {
    fill_key(event);
    Finding& finding = count_finding(rule);
    if (is_failure(event, *current_.type)) ++finding.failed;
    if (!has_resources_) resources_ = reader_.read(event, *current_.type);
    has_resources_ = true;
    touch(finding, resources_);
    if (!is_sample(finding, current_)) return;
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
    return finding;
}

void HitCollector::touch(Finding& finding, std::span<const std::string> resources) {
    for (const std::string& key : resources) {
        const bool room = touched_ < HitLimits::kMaxTouched;
        touched_ += finding.touched.add(touched_rank(key), key, 1, pool_, room);
    }
}

uint64_t HitCollector::hash_of(const FindingKey& key) {
    return keyed_hash({reinterpret_cast<const char*>(&key), sizeof key});
}

uint32_t HitCollector::find_finding(const FindingKey& key, uint64_t hash) const {
    return finding_ids_.find(hash, [&](uint32_t id) {
        const Finding& other = findings_[id - 1];
        return key == FindingKey{other.rule, other.account, other.principal, other.source_ip};
    });
}

Finding& HitCollector::finding_for(FindingKey key) {
    uint64_t hash = hash_of(key);
    uint32_t id = find_finding(key, hash);
    if (id == 0 && findings_.size() >= HitLimits::kMaxFindings) {
        overflowed_ = true;
        key = {key.rule, 0, 0, 0};
        hash = hash_of(key);
        id = find_finding(key, hash);
    }
    if (id != 0) return findings_[id - 1];
    Finding& finding = findings_.emplace_back();
    finding.rule = key.rule;
    finding.account = key.account;
    finding.principal = key.principal;
    finding.source_ip = key.source_ip;
    finding_ids_.insert(hash, static_cast<uint32_t>(findings_.size()));
    return finding;
}

bool HitCollector::is_before(const EventFacts& a, const EventFacts& b) const {
    if (a.time != b.time) return a.time < b.time;
    const int objects = pool_.text(a.object).compare(pool_.text(b.object));
    return objects != 0 ? objects < 0 : a.ordinal < b.ordinal;
}

bool HitCollector::is_sample(const Finding& finding, const EventFacts& facts) const {
    if (finding.sample_count < Finding::kSamples || facts.time < finding.samples_until) return true;
    return facts.time == finding.samples_until && is_before(facts, finding.samples.back());
}

void HitCollector::offer_sample(Finding& finding, const EventFacts& facts) {
    size_t at = finding.sample_count;
    while (at > 0 && is_before(facts, finding.samples[at - 1])) --at;
    if (at == Finding::kSamples) return;
    if (finding.sample_count < Finding::kSamples) ++finding.sample_count;
    for (size_t i = finding.sample_count - 1; i > at; --i)
        finding.samples[i] = finding.samples[i - 1];
    finding.samples[at] = facts;
    if (finding.sample_count == Finding::kSamples)
        finding.samples_until = finding.samples.back().time;
}

// Moves what stays into a fresh collector, so that the texts of what went are freed with it.
void HitCollector::drop_below_floor() {
    tell_limits();
    HitCollector fresh(limits_);
    fresh.take_over(*this, {&pool_, std::vector<StringId>(pool_.size(), 0)});
    *this = std::move(fresh);
}

void HitCollector::forget_current() {
    filled_ = Filled::nothing;
    has_resources_ = false;
    current_ = {};
    current_index_ = kNone;
    latest_ = {};
    counters_ = {};
    known_rules_ = {};
}

void HitCollector::merge(HitCollector&& other) {
    tell_limits();
    other.tell_limits();
    if (rules_.empty()) {
        *this = std::move(other);
    } else {
        take_over(other, {nullptr, pool_.absorb(std::move(other.pool_))});
    }
    forget_current();
}

EventFacts HitCollector::adopt(const EventFacts& facts, Adoption& from) {
    EventFacts own = facts;
    own.object = adopt(facts.object, from);
    for (size_t i = 0; i < kParts; ++i)
        own.parts[i] = adopt(facts.parts[i], from, i == static_cast<size_t>(Part::event_id));
    return own;
}

StringId HitCollector::adopt(StringId id, Adoption& from, bool is_unique) {
    StringId& own = from.ids[id];
    if (own == 0 && from.pool) {
        const std::string_view text = from.pool->text(id);
        own = is_unique ? pool_.append(text) : pool_.intern(text);
    }
    return own;
}

void HitCollector::take_over(const HitCollector& other, Adoption from) {
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
    const auto text_of = [&](StringId id) {
        return from.pool ? from.pool->text(id) : pool_.text(from.ids[id]);
    };
    const bool room = touched_ < HitLimits::kMaxTouched;
    touched_ += ours.touched.merge(theirs.touched, text_of, pool_, room);
    for (size_t i = 0; i < theirs.sample_count; ++i) {
        if (theirs.samples[i].time <= ours.samples_until)
            offer_sample(ours, adopt(theirs.samples[i], from));
    }
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

void HitCollector::finish(uint32_t threads) {
    tell_limits();
    if (limits_->floor() > floor_) drop_below_floor();
    forget_current();
    finding_ids_ = {};
    sort_rules();
    sort_findings(threads);
    sort_hits(threads);
    // What workers had kept without telling when the last room went.
    if (limits_->max_kept() != 0 && hits_.size() > limits_->max_kept()) {
        limits_->leave_out(hits_.size() - limits_->max_kept());
        hits_.resize(limits_->max_kept());
    }
}

// Texts are compared once: sorting findings is sorting numbers then.
void HitCollector::sort_findings(uint32_t threads) {
    std::vector<uint32_t> rank(pool_.size(), 0);
    std::vector<StringId> names;
    const auto collect = [&](StringId id) {
        if (std::exchange(rank[id], 1) == 0) names.push_back(id);
    };
    for (const Finding& finding : findings_) {
        collect(finding.account);
        collect(finding.principal);
        collect(finding.source_ip);
    }
    const auto by_text = [&](StringId a, StringId b) { return pool_.text(a) < pool_.text(b); };
    sort(names, by_text, threads);
    for (uint32_t i = 0; i < names.size(); ++i) rank[names[i]] = i;

    struct Order {
        uint32_t rule, account, principal, source_ip, finding;
        auto operator<=>(const Order&) const = default;
    };
    std::vector<Order> order;
    order.reserve(findings_.size());
    for (uint32_t i = 0; i < findings_.size(); ++i) {
        const Finding& finding = findings_[i];
        order.push_back({finding.rule,
                         rank[finding.account],
                         rank[finding.principal],
                         rank[finding.source_ip],
                         i});
    }
    sort(order, std::less<>(), threads);
    std::vector<uint32_t> from;  // by place, where its finding is now
    from.reserve(order.size());
    for (const Order& place : order) from.push_back(place.finding);
    permute(findings_, std::move(from));
}

void HitCollector::sort_hits(uint32_t threads) {
    struct Order {
        int64_t time;
        Hit hit;
    };
    std::vector<Order> order;
    order.reserve(hits_.size());
    for (const Hit& hit : hits_) order.push_back({facts_[hit.facts].time, hit});
    const auto before = [&](const Order& a, const Order& b) {
        if (a.time != b.time) return a.time < b.time;
        if (a.hit.rule != b.hit.rule) return a.hit.rule < b.hit.rule;
        return is_before(facts_[a.hit.facts], facts_[b.hit.facts]);
    };
    sort(order, before, threads);
    for (size_t i = 0; i < order.size(); ++i) hits_[i] = order[i].hit;
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
