// Signals of the lake's rows, for rules over several events that look back.
//
//   YAGURA_TRY(auto earlier, EarlierSignals::open(rows, view, targets, streams, collector));
//   YAGURA_CHECK(earlier->add({.range = …, .targets = …, .is_wanted = …}));
//   … decide, with earlier->fetch(decided) as detect::PrepareDecided …
//
// What was kept of them when their rows came (store/kept_signals.h) is read; only segments that
// lack what a correlation asks are hunted: those of an earlier program, of an ingest without
// correlations, or from before somebody edited the rules. Kept signals say nothing that people
// read: the rows of those few that are told are looked up when something fires. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "detect/collector.h"
#include "detect/firing.h"
#include "detect/streams.h"
#include "pipeline/lake_signals.h"
#include "store/lake.h"

namespace yagura::pipeline {

class EarlierSignals {
  public:
    // `rows.range` and `rows.segments` do not count, add() tells. All but `rows` must outlive this;
    // `collector` takes signals and evidence.
    static Result<std::unique_ptr<EarlierSignals>> open(const LakeRows& rows,
                                                        const detect::RulesView& rules,
                                                        const detect::Targets& targets,
                                                        const detect::SignalStreams& streams,
                                                        detect::SignalCollector& collector);

    // Which signals; each may be added once.
    struct Asked {
        TimeRange range;
        int64_t first_segment = 0;           // only of rows in segments with this id or higher
        int64_t before_segment = INT64_MAX;  // and lower than this
        std::function<bool(uint32_t target)> is_waiting;                      // unset: all targets
        std::function<bool(uint32_t target, uint64_t group)> is_wanted = {};  // unset: all groups
    };
    Result<void> add(const Asked& asked);
    // There is no more to add: lets go of the files of the moment it was opened.
    void end_adding() { snapshot_.reset(); }

    // Reads the rows of evidence that lies elsewhere, see detect::PrepareDecided.
    Result<void> fetch(std::vector<detect::Decided>& decided);

    struct Counts {
        uint64_t segments = 0;  // looked at
        uint64_t hunted = 0;    // of them, so many had to be hunted
        uint64_t kept = 0;      // signals that had been kept
        uint64_t fetched = 0;   // rows that were looked up
    };
    const Counts& counts() const { return counts_; }

  private:
    // An event whose signals were kept.
    struct Place {
        int64_t time = 0;
        uint64_t identity = 0;  // its upper bits
        const logtype::LogType* type = nullptr;
    };
    // Evidence to be made of a place, of a group of a target, with the group key as one of its
    // references has it, or without.
    struct Want {
        static constexpr uint16_t kNoKey = UINT16_MAX;
        uint32_t place = 0;
        uint32_t target = 0;
        uint64_t group = 0;
        uint16_t reference = kNoKey;
        friend auto operator<=>(const Want&, const Want&) = default;
    };
    using Hunts = std::map<std::vector<uint32_t>, std::unordered_set<int64_t>>;

    EarlierSignals(const LakeRows& rows,
                   const detect::RulesView& rules,
                   const detect::Targets& targets,
                   const detect::SignalStreams& streams,
                   detect::SignalCollector& collector,
                   store::Lake lake,
                   store::Snapshot snapshot);
    bool is_about(uint32_t target, const logtype::LogType& type) const;
    std::vector<uint32_t> waiting(const logtype::LogType& type, const Asked& asked) const;
    Result<void> add_segment(const store::Segment& segment,
                             const std::vector<uint32_t>& waiting,
                             const Asked& asked,
                             Hunts& hunts);
    void add_kept(const store::Segment& segment,
                  const store::SegmentSignals& signals,
                  const store::KeptSignals& kept,
                  const std::vector<uint8_t>& targets,
                  const Asked& asked);
    Result<void> hunt(const std::vector<uint32_t>& targets,
                      const std::unordered_set<int64_t>& segments,
                      const Asked& asked);
    std::vector<Want> missing(const std::vector<detect::Decided>& decided) const;
    Result<void> look_up(const logtype::LogType& type, std::span<const Want> wants);
    bool is_of_group(const Want& want, event::Event& event) const;
    void make_evidence(const Want& want, event::Event& event, const std::string& object);
    uint64_t evidence_of(uint64_t elsewhere,
                         const detect::Decided& decided,
                         uint16_t reference) const;

    LakeRows rows_;
    detect::RulesView rules_;
    const detect::Targets& targets_;
    const detect::SignalStreams& streams_;
    detect::SignalCollector& collector_;
    store::Lake lake_;
    std::optional<store::Snapshot> snapshot_;               // while signals are added
    std::unordered_map<uint64_t, uint32_t> stream_places_;  // by id
    std::vector<Place> places_;
    std::map<Want, uint64_t> evidence_;  // made so far
    finding::ResourceNotes notes_;
    Counts counts_;
};

}  // namespace yagura::pipeline
