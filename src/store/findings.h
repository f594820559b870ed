// Findings as a lake keeps them: the same rule met by the same account, principal and address is
// one row, however many commits its events came in.
//
//   FindingTally tally;                                    // one per worker
//   tally.add(rule, event, type, object, ordinal);         // every match of level low and above
//   commit.findings = tally.take();                        // together with the events' rows
//
//   for (const RankedFinding& ranked : rank(catalog.findings())) …
//
// Because a finding grows in the transaction that publishes the rows it counts, and no event is
// stored twice, its numbers are those of the lake's rows at any moment, crashes or not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "finding/hit.h"

namespace yagura::store {

// Beyond this many rows in a lake, further entities of a rule fall into one row without entities.
constexpr size_t kMaxKeptFindings = 200'000;
constexpr size_t kMaxFindingSamples = finding::Finding::kSamples;

// An event to look at first.
struct FindingSample {
    Timestamp time{};
    std::string log_type;
    std::string event_id;  // empty where the log has none
    std::string object;    // path of the object in the ledger
    uint64_t ordinal = 0;  // of the record in it
    friend bool operator==(const FindingSample&, const FindingSample&) = default;
};

// A resource that events of a finding were about, by its key (logtype/resource.h).
struct KeptResource {
    std::string key;
    uint64_t count = 0;
    friend bool operator==(const KeptResource&, const KeptResource&) = default;
};

struct KeptFinding {
    int64_t id = 0;  // given by the catalog
    // What makes it one. Texts of an event longer than 1 KiB are cut.
    std::string rule_id;
    std::string account;
    std::string principal;
    std::string source_ip;
    // The rule as it last matched.
    match::Level level = match::Level::low;
    std::string title;
    std::string title_ja;  // empty where the rule has none
    std::string author;
    std::string tags;  // separated by blanks

    uint64_t count = 0;
    uint64_t failed = 0;  // of them, how many carry an error code
    Timestamp first{};
    Timestamp last{};
    std::vector<FindingSample> samples;  // the earliest, by time, object and ordinal
    // The most touched first; which, when there are more than finding::Touched::kMost, touched.h
    // tells. Empty in findings of earlier programs.
    std::vector<KeptResource> resources;
    uint64_t other_resources = 0;  // how often events were about resources that are not listed

    // Counts what `later`, of the same rule and entities, counts too, and takes its rule texts.
    void add(KeptFinding later);
};

// What one worker found since its last commit. Belongs to that worker.
class FindingTally {
  public:
    // `rule` and `type` must live until take(); the event and `object` are copied from.
    void add(const match::RuleInfo& rule,
             event::Event& event,
             const logtype::LogType& type,
             std::string_view object,
             uint64_t ordinal);

    // The same for a rule over several events; `event` is the one that decided it, `resources` are
    // those of all that it tells, each once.
    void add(const match::RuleInfo& rule,
             const finding::ToldEvent& event,
             std::span<const std::string> resources);

    std::vector<KeptFinding> take();

  private:
    std::optional<finding::HitCollector> hits_;
};

struct RankedFinding {
    KeptFinding finding;
    double score = 0;  // severity × rarity × volume × spread, docs/ranking.md
};

// The place of a finding in a list, and its score.
struct Placed {
    uint32_t place = 0;
    double score = 0;
};

// The same order for those at `chosen`, as if there were no others, without moving them.
std::vector<Placed> ranking(std::span<const KeptFinding* const> chosen);

// The one to look at first comes first; ties by first time, rule and entities.
std::vector<RankedFinding> rank(std::vector<KeptFinding> findings);

}  // namespace yagura::store
