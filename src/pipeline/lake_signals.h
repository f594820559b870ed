// Matches that a lake's rows make, for rules over several events.
//
// Both ask the lake in one query for each log type (query/hunt.h): the rules' own programs run over
// the rows, so that what is found is what was found when the records were read.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "base/time.h"
#include "detect/collector.h"
#include "detect/first_seen.h"
#include "detect/targets.h"
#include "finding/resource_notes.h"
#include "match/policy.h"
#include "store/lake.h"

namespace yagura::pipeline {

struct LakeRows {
    std::filesystem::path lake;
    TimeRange range;
    int64_t before_segment = INT64_MAX;              // only rows in segments with lower ids
    uint32_t threads = 0;                            // 0: one per core
    const match::Policy* policy = nullptr;           // matches its exceptions hold back are none
    const std::atomic<bool>* interrupted = nullptr;  // set: fails with Code::cancelled
    // Only rows in these segments; null: in all. Of this moment of the lake; null: of now.
    const std::unordered_set<int64_t>* segments = nullptr;
    const store::Snapshot* snapshot = nullptr;
};

// Orders events of one time and tells them apart, the same however and whenever they are read.
uint64_t signal_identity(const logtype::LogType& type,
                         event::Event& event,
                         std::string_view object_path);

// Adds the matches that correlations and first-seen rules wait for. `is_wanted(target)` tells which
// of those; only the rules they look at are asked.
Result<void> add_lake_signals(const LakeRows& rows,
                              const detect::RulesView& rules,
                              const detect::Targets& targets,
                              const std::function<bool(uint32_t)>& is_wanted,
                              detect::SignalCollector& signals);

// What a person will want to read about an event of the lake. Points into the event, `object` (the
// path of the object it came from) and `notes`.
finding::ToldEvent told_of_row(const logtype::LogType& type,
                               event::Event& event,
                               std::string_view object,
                               finding::ResourceNotes& notes);
// The fields it reads.
void add_shown_fields(std::set<std::string>& fields);

// The value of a field of a row's event, as a SignalCollector reads it from a record.
std::optional<std::string_view> text_of(event::Event& event, std::string_view name);

// Teaches the first-seen rules for which `is_wanted(place)` holds what the rows show.
Result<void> learn_from_lake(const LakeRows& rows,
                             const detect::RulesView& rules,
                             const detect::Targets& targets,
                             const std::function<bool(size_t)>& is_wanted,
                             detect::FirstSeenMemory& memory);

}  // namespace yagura::pipeline
