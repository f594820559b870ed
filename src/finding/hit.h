// What the rules matched, collected while scanning and told afterwards.
//
//   auto limits = std::make_shared<HitLimits>(Level::low);   // list matches from this level up
//   HitCollector hits(limits);                               // one per worker
//   hits.add(rule.info, event, type, object, ordinal);
//   total.merge(std::move(hits)); … total.finish();          // one thread, in any order of workers
//
// A match is counted in every case (by rule, level, time slot, account and Region). From `low` up
// it also belongs to a finding (finding.h), and from the wanted level up it is kept for the
// outputs, until limits are met. Matches of one event share its facts, texts are interned: about
// 150 bytes for an event, 8 for a match. Everything after finish() is a function of the set of
// matches, not of workers or arrival.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "event/event.h"
#include "finding/string_pool.h"
#include "finding/tag_table.h"
#include "finding/touched.h"
#include "logtype/log_type.h"
#include "logtype/resource_fields.h"
#include "match/ir.h"

namespace yagura::finding {

using match::Level;
constexpr size_t kLevels = 5;
using LevelCounts = std::array<uint64_t, kLevels>;  // indexed by Level
constexpr int32_t kSlotMinutes = 10;                // how finely matches are counted over time
constexpr int32_t kSlotsPerDay = 24 * 60 / kSlotMinutes;

// The texts of an event that outputs show. Absent ones are empty.
enum class Part : uint8_t {
    event_id,
    event_name,
    event_source,
    account,
    region,
    principal,  // who did it, as a person would say it
    source_ip,
    access_key,
    user_agent,
    error_code,
    error_message,
    user_name,
    user_type,
    user_arn,
    user_principal_id,
    user_account,  // that the caller belongs to
    target,        // what it was done to
    count_,
};
constexpr size_t kParts = static_cast<size_t>(Part::count_);
using PartSlots = std::array<int, kParts>;  // where a log type has them; -1 = it has none

struct EventFacts {
    int64_t time = 0;  // microseconds
    uint64_t ordinal = 0;
    const logtype::LogType* type = nullptr;
    StringId object = 0;
    std::array<StringId, kParts> parts{};
};

// Where `type` keeps each part: slots of a FieldPlan made from its dictionary.
PartSlots part_slots_of(const logtype::LogType& type);

// What a rule over several events says beyond the event that decided it.
struct Correlated {
    static constexpr size_t kEvents = 10;
    std::vector<std::pair<std::string, std::string>> group;  // key and value, as the rule names it
    bool is_count = true;                                    // `measured` counts events or values
    double measured = 0;
    int64_t first = 0;  // microseconds: of the events counted
    int64_t last = 0;
    std::vector<std::string> events;  // their ids, at most kEvents: the first ones and the last
};

// An event told by its texts, for matches decided after it was read. The texts are copied from.
struct ToldEvent {
    int64_t time = 0;  // microseconds
    uint64_t ordinal = 0;
    const logtype::LogType* type = nullptr;
    std::string_view object;
    std::array<std::string_view, kParts> parts{};
    std::string_view resource_note = {};  // resource_notes.h
    std::string_view part(Part which) const { return parts[static_cast<size_t>(which)]; }
};

// One rule met by one event. Points into the HitCollector it came from, and to the rule.
struct HitView {
    const match::RuleInfo* rule;
    const EventFacts* facts;
    const StringPool* pool;
    const Correlated* correlated = nullptr;  // of rules over several events

    Timestamp time() const { return from_micros(facts->time); }
    std::string_view text(Part part) const {
        return pool->text(facts->parts[static_cast<size_t>(part)]);
    }
    std::string_view object() const { return pool->text(facts->object); }
    std::string_view log_type() const { return facts->type->name; }
};

// How many matches are kept for the outputs, by all workers together. When there are more than
// `max_kept`, the lowest level is given up as a whole (it stays counted), then the next: which ones
// are listed does not depend on the order of reading. Only when the highest level alone is too much
// are late ones left out. Shared by all workers (hence shared_ptr); thread-safe.
class HitLimits {
  public:
    static constexpr uint64_t kDefaultMaxKept = 1'000'000;
    // About 300 bytes each. Beyond it, further entities of a rule fall into one finding without
    // entities.
    static constexpr size_t kMaxFindings = 200'000;
    // Resources of all findings of a collector; beyond it, further ones are counted together.
    static constexpr size_t kMaxTouched = 1'000'000;

    // `max_kept` 0 keeps none: everything is counted and made into findings, nothing is listed.
    explicit HitLimits(Level keep_from, uint64_t max_kept = kDefaultMaxKept)
        : max_kept_(max_kept),
          wanted_(keep_from),
          floor_(static_cast<uint8_t>(keep_from)),
          plenty_(max_kept > kPlenty) {}

    // Asks to keep one more match of `level`.
    bool admit(Level level);
    // Tells of matches that were kept without asking, which is right while there is_plenty() of
    // room; nobody may keep more than kUntold of them to himself.
    void tell(const LevelCounts& kept);
    bool is_plenty() const { return plenty_.load(std::memory_order_relaxed); }
    static constexpr uint32_t kUntold = 256;
    // Tells that `count` matches of the highest level had to go after all.
    void leave_out(uint64_t count) { left_out_.fetch_add(count); }
    Level floor() const { return static_cast<Level>(floor_.load(std::memory_order_relaxed)); }
    Level wanted() const { return wanted_; }
    uint64_t left_out() const {
        return left_out_.load(std::memory_order_relaxed);
    }  // at the highest level
    uint64_t max_kept() const { return max_kept_; }

  private:
    // For more workers than there are cores to give them.
    static constexpr uint64_t kPlenty = 256 * kUntold;

    // Matches at or above `floor`.
    uint64_t kept_from(uint8_t floor) const;

    // Read for every match by all workers, written seldom.
    const uint64_t max_kept_;
    const Level wanted_;
    std::atomic<uint8_t> floor_;
    std::atomic<bool> plenty_;
    // Written often.
    alignas(64) std::array<std::atomic<uint64_t>, kLevels> kept_{};
    std::atomic<uint64_t> left_out_{0};
};

// What is known about one rule after the scan.
struct RuleTally {
    const match::RuleInfo* rule = nullptr;
    uint64_t count = 0;
    int64_t first = 0;  // microseconds
    int64_t last = 0;
    bool only_tags = false;  // its matches were tags: counted here and nowhere else
};

// The same rule met by the same account, principal and address: one thing for a person to look at.
struct Finding {
    static constexpr size_t kSamples = 3;
    uint32_t rule = 0;  // index into HitCollector::rules()
    StringId account = 0;
    StringId principal = 0;
    StringId source_ip = 0;
    uint64_t count = 0;
    uint64_t failed = 0;  // of them, how many came to nothing (outcome.h)
    int64_t first = 0;
    int64_t last = 0;
    // Time of the last sample when there are kSamples: nothing later can become one.
    int64_t samples_until = INT64_MAX;
    uint8_t sample_count = 0;
    std::array<EventFacts, kSamples> samples{};  // the earliest, by time, object and ordinal
    Touched touched;                             // what it was done to
};

class HitCollector {
  public:
    explicit HitCollector(std::shared_ptr<HitLimits> limits);

    // Counts and keeps one match. `rule` and `type` must outlive the collector; `event` and
    // `object` are copied from.
    void add(const match::RuleInfo& rule,
             event::Event& event,
             const logtype::LogType& type,
             std::string_view object,
             uint64_t ordinal);

    // The same for a rule over several events; `event` is the one that decided it, `resources` are
    // those of all that it tells, each once.
    void add(const match::RuleInfo& rule,
             const ToldEvent& event,
             Correlated correlated,
             std::span<const std::string> resources);

    // Counts a match of a rule that does not report: in rules() and nowhere else.
    void tag(const match::RuleInfo& rule, Timestamp time);

    void merge(HitCollector&& other);

    // Puts everything in its final order: hits by time, rule id, object, ordinal; rules by id;
    // findings by rule and entities. Call once, after the last merge(); sorts on up to `threads`
    // cores.
    void finish(uint32_t threads = 1);

    // Takes matches out of the list, in its order; they stay counted. After finish().
    template <class Keep>
    void retain(Keep&& keep) {
        size_t kept = 0;
        for (size_t i = 0; i < hits_.size(); ++i) {
            if (keep(hit(i))) hits_[kept++] = hits_[i];
        }
        hits_.resize(kept);
    }

    // --- after finish() ---
    size_t hit_count() const { return hits_.size(); }  // kept ones
    HitView hit(size_t i) const {
        return {rules_[hits_[i].rule].rule,
                &facts_[hits_[i].facts],
                &pool_,
                correlated_of(hits_[i].facts)};
    }
    const std::vector<RuleTally>& rules() const { return rules_; }
    const std::vector<Finding>& findings() const { return findings_; }
    const StringPool& strings() const { return pool_; }
    const HitLimits& limits() const { return *limits_; }

    uint64_t matches() const;
    const LevelCounts& by_level() const { return by_level_; }
    // Slots of kSlotMinutes since 1970, UTC.
    const std::map<int32_t, LevelCounts>& by_slot() const { return by_slot_; }
    const std::unordered_map<StringId, LevelCounts>& by_account() const { return by_account_; }
    const std::unordered_map<StringId, LevelCounts>& by_region() const { return by_region_; }
    // True when entities had to be given up because there were more than HitLimits::kMaxFindings.
    bool findings_overflowed() const { return overflowed_; }

  private:
    struct Hit {
        uint32_t facts;
        uint32_t rule;
    };
    struct FindingKey {
        uint32_t rule, account, principal, source_ip;
        friend bool operator==(const FindingKey&, const FindingKey&) = default;
    };

    // How much of the current event's texts has been read.
    enum class Filled : uint8_t { nothing, counts, key, everything };
    // Texts of another pool on their way into ours: their id → our id, 0 = not yet.
    struct Adoption {
        const StringPool* pool;  // null when all of them are ours already
        std::vector<StringId> ids;
    };
    // Where the matches of an event are counted; texts and times of neighbours often agree.
    struct Counters {
        int32_t slot = 0;
        StringId account = 0;
        StringId region = 0;
        LevelCounts* by_slot = nullptr;  // all three null, or none
        LevelCounts* by_account = nullptr;
        LevelCounts* by_region = nullptr;
    };
    struct KnownRule {
        const match::RuleInfo* rule = nullptr;
        uint32_t index = 0;
    };
    static constexpr size_t kKnownRules = 256;

    void take_up(event::Event& event,
                 const logtype::LogType& type,
                 std::string_view object,
                 uint64_t ordinal);
    void take_up(const ToldEvent& event);
    StringId intern_near(StringId near, std::string_view text);
    void fill(event::Event& event, Part part);
    void fill_key(event::Event& event);
    void fill_all(event::Event& event);
    void find_counters();
    void count(uint32_t rule);
    void count_rule(uint32_t rule, int64_t time);
    LevelCounts& count_slot(int32_t slot);
    LevelCounts& count_name(std::unordered_map<StringId, LevelCounts>& names, StringId name);
    uint32_t rule_index(const match::RuleInfo& rule);
    uint32_t known_rule_index(const match::RuleInfo& rule);
    bool admit(Level level);
    void tell_limits();
    void add_to_finding(uint32_t rule, event::Event& event);
    Finding& count_finding(uint32_t rule);
    void touch(Finding& finding, std::span<const std::string> resources);
    const Correlated* correlated_of(uint32_t facts) const {
        if (correlated_.empty()) return nullptr;
        const auto found = correlated_.find(facts);
        return found != correlated_.end() ? &found->second : nullptr;
    }
    static uint64_t hash_of(const FindingKey& key);
    uint32_t find_finding(const FindingKey& key, uint64_t hash) const;
    Finding& finding_for(FindingKey key);
    bool is_before(const EventFacts& a, const EventFacts& b) const;
    bool is_sample(const Finding& finding, const EventFacts& facts) const;
    void offer_sample(Finding& finding, const EventFacts& facts);
    void drop_below_floor();
    void forget_current();
    EventFacts adopt(const EventFacts& facts, Adoption& from);
    StringId adopt(StringId id, Adoption& from, bool is_unique = false);
    void take_over(const HitCollector& other, Adoption from);
    void take_over_hits(const HitCollector& other,
                        const std::vector<uint32_t>& rules,
                        Adoption& from);
    void take_over_finding(const Finding& theirs, uint32_t rule, Adoption& from);
    void take_over_counts(const HitCollector& other, Adoption& from);
    void sort_rules();
    void sort_findings(uint32_t threads);
    void sort_hits(uint32_t threads);

    std::shared_ptr<HitLimits> limits_;
    StringPool pool_;
    std::vector<EventFacts> facts_;
    std::unordered_map<uint32_t, Correlated> correlated_;  // by place in facts_
    std::vector<Hit> hits_;
    std::vector<RuleTally> rules_;
    std::unordered_map<const match::RuleInfo*, uint32_t> rule_ids_;
    std::vector<Finding> findings_;
    TagTable finding_ids_;  // place in findings_ + 1
    size_t touched_ = 0;    // resources told apart in them
    LevelCounts by_level_{};
    std::map<int32_t, LevelCounts> by_slot_;
    std::unordered_map<StringId, LevelCounts> by_account_;
    std::unordered_map<StringId, LevelCounts> by_region_;
    Level floor_;  // what this worker has dropped down to
    bool overflowed_ = false;

    EventFacts current_;                   // the event of the last match
    uint32_t current_index_ = UINT32_MAX;  // in facts_
    Filled filled_ = Filled::nothing;
    logtype::ResourceReader reader_;
    std::span<const std::string> resources_;  // of current_, from reader_
    bool has_resources_ = false;              // they were read
    PartSlots slots_{};                       // of current_.type
    std::array<StringId, kParts> latest_{};   // texts met last
    Counters counters_;
    std::array<KnownRule, kKnownRules> known_rules_{};  // by address
    LevelCounts untold_{};                              // kept, and limits_ does not know
    uint32_t untold_count_ = 0;
};

}  // namespace yagura::finding
