// A correlation or first-seen rule that held: what is told about it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detect/evidence.h"
#include "detect/targets.h"
#include "detect/windows.h"
#include "finding/hit.h"

namespace yagura::detect {

struct Firing {
    uint32_t target = 0;
    const match::RuleInfo* rule = nullptr;
    int64_t time = 0;    // of the deciding event, or when the window closed; microseconds
    int64_t opened = 0;  // start of the window
    int64_t first = 0;   // of the events counted
    int64_t last = 0;
    double measured = 0;
    uint64_t events = 0;
    uint64_t group = 0;  // hash
    Key key;             // values of Targets::key_names()
    Evidence event;      // the last one: it decided, unless a window closed without one
    std::vector<std::string> event_ids;  // the first ones and the last
    // Keys of what those events were about, each once, in their order; at most kMaxResources.
    static constexpr size_t kMaxResources = finding::ResourceNotes::kMaxKeys;
    std::vector<std::string> resources;
};

// Called in order of time, correlations of correlations after those they refer to. What it is given
// is valid during the call.
using FiringSink = std::function<void(const Firing&)>;

// Called with what was decided before firings are made of it, in order of time. May take out what
// nobody waits for (a correlation of correlations may), and must give evidence that lies in no
// collector (kElsewhere) a place in one.
using PrepareDecided = std::function<Result<void>(std::vector<Decided>&)>;

// The log number of evidence that is not in any collector: whoever made the signal knows where its
// place is.
constexpr uint32_t kElsewhere = UINT16_MAX;

// Makes a firing a match like any other.
void add_to(finding::HitCollector& hits, const Firing& firing, const Targets& targets);

// The order in which firings are told and given on to other correlations.
bool is_before(const Decided& a, const Decided& b);

// Evidence is found by log and place: the log's number is in the upper 16 bits.
constexpr uint64_t evidence_id(uint32_t log, uint64_t place) {
    return (uint64_t{log} << 48) | place;
}
// Reads the evidence of decisions, of `logs` by their numbers. Not thread-safe.
class FiringReader {
  public:
    FiringReader(const Targets& targets, std::vector<const EvidenceLog*> logs)
        : targets_(targets), logs_(std::move(logs)) {}

    // Unreadable evidence leaves its fields empty.
    Firing read(const Decided& decided);
    // The first evidence that could not be read.
    const std::optional<Error>& error() const { return error_; }

  private:
    // What `read(log, place)` gives for a piece of evidence; nullopt when it cannot be read.
    template <class Read>
    std::optional<Evidence> find(uint64_t id, const Read& read);
    std::optional<Evidence> find_whole(uint64_t id);
    void tell_event(const Evidence& event, Firing& firing);

    const Targets& targets_;
    std::vector<const EvidenceLog*> logs_;
    finding::ResourceNotes notes_;
    std::optional<Error> error_;
};

}  // namespace yagura::detect
