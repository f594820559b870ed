// Matches in, signals out: the part of correlation that runs inside every worker.
//
//   const SignalPlan plan(targets, type, rules, all_rules);   // once for a log type
//   plan.want_fields(fields);                                  // before fields.freeze()
//   SignalCollector signals(targets, number);                  // one per worker
//   signals.add(plan, matches, event, type, object, ordinal, identity);
//
// A match that no correlation and no first-seen rule waits for costs one look into a table. Values
// of group keys are compared exactly, case and all, as the texts they are, but for addresses, which
// have the spelling the lake keeps; of a list the first one counts. An event without one of the
// keys is not counted unless the correlation says so, one without a value to count or to sum
// neither.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/evidence.h"
#include "detect/firing.h"
#include "detect/signal.h"
#include "detect/targets.h"
#include "event/event.h"
#include "logtype/log_type.h"

namespace yagura::detect {

// Where the events of one log type have what targets ask for. Immutable, shared by workers.
class SignalPlan {
  public:
    SignalPlan() = default;
    // `rules` are those of the log type, pointing into `all_rules`, which `targets` was made from.
    SignalPlan(const Targets& targets,
               std::span<const match::Rule* const> rules,
               std::span<const match::Rule> all_rules);

    void want_fields(event::FieldPlan& fields);

    bool is_wanted(uint32_t rule) const { return rule < uses_.size() && !uses_[rule].empty(); }

  private:
    friend class SignalCollector;
    struct Slot {
        event::SlotId id = event::kNoSlot;
        bool is_address = false;  // of a field of that type
    };
    struct Ready {
        Use use;
        std::vector<Slot> key, value, entity;
    };
    const Targets* targets_ = nullptr;
    std::vector<std::vector<Ready>> uses_;  // by place of the rule in the log type's list
};

// The value of a field of a row, or nullopt; for matches that come from a query.
using FieldReader = std::function<std::optional<std::string_view>(std::string_view name)>;

class SignalCollector {
  public:
    static constexpr uint64_t kMaxSignals = 4'000'000;  // in memory, about 200 MB

    // `number` tells the collectors of one run apart; below 65,536.
    SignalCollector(const Targets& targets, uint32_t number, uint64_t max_signals = kMaxSignals);

    // `matches` are indices into the rules the plan was made from.
    void add(const SignalPlan& plan,
             std::span<const uint32_t> matches,
             event::Event& event,
             const logtype::LogType& type,
             std::string_view object,
             uint64_t ordinal,
             uint64_t identity);

    // A match of RuleSet::rules[rule] that was found by other means than matching an Event; `event`
    // has its note of resources.
    void add_row(uint32_t rule,
                 const finding::ToldEvent& event,
                 uint64_t identity,
                 const FieldReader& field);

    // Signals of the event added last; valid until the next is.
    std::span<const Signal> latest() const { return fresh_; }

    // A signal made before, as it is.
    void add_kept(const Signal& signal);

    // From now on add() and add_row() take only signals that `wanted` returns true for.
    void take_only(std::function<bool(const Signal&)> wanted) { wanted_ = std::move(wanted); }

    // A firing, for the correlations that refer to its correlation.
    void add_firing(const Firing& firing);

    uint64_t count() const { return count_; }
    uint32_t number() const { return number_; }
    // Calls `visit` with all signals, in no order.
    Result<void> for_each(const std::function<void(const Signal&)>& visit) const;
    const EvidenceLog& evidence() const { return evidence_; }
    EvidenceLog& evidence() { return evidence_; }

    // --- for the orderers ---
    struct Run {
        uint64_t offset = 0;  // in the file, bytes
        uint64_t count = 0;
    };
    // Signals in memory, in no order; of one level and shard.
    Signals& bucket(uint32_t level, uint32_t shard) { return buckets_[level * kShards + shard]; }
    // Sorted runs in the temporary file.
    std::span<const Run> runs(uint32_t level, uint32_t shard) const {
        return runs_[level * kShards + shard];
    }
    Result<void> read_run(uint64_t offset, std::span<Signal> into) const;
    // The first failure to write.
    const std::optional<Error>& error() const;

  private:
    template <class Get>
    void make_signal(Use use, const Get& get);
    uint16_t keep_key(size_t first);
    void begin(int64_t time, uint64_t identity);
    std::string_view spelled(std::string_view address);
    void end(const finding::ToldEvent& event);
    void put(const Signal& signal);
    void spill();

    const Targets& targets_;
    uint32_t number_;
    uint64_t max_signals_;
    EvidenceLog evidence_;
    std::vector<Signals> buckets_;
    std::vector<std::vector<Run>> runs_;
    std::optional<TemporaryFile> file_;
    uint64_t file_size_ = 0;
    uint64_t in_memory_ = 0;
    uint64_t count_ = 0;
    std::optional<Error> error_;

    std::function<bool(const Signal&)> wanted_;  // unset: all

    // Of the event being looked at:
    Signal next_;
    std::vector<Signal> fresh_;
    struct KeyPlace {
        uint32_t first, size;  // in key_values_
    };
    std::vector<std::optional<std::string_view>> key_values_;
    std::vector<KeyPlace> keys_;
    std::vector<KeyView> key_views_;
    std::deque<std::string> texts_;  // that no record holds
    finding::PartSlots part_slots_{};
    const logtype::LogType* part_type_ = nullptr;
    finding::ResourceNotes notes_;
};

}  // namespace yagura::detect
