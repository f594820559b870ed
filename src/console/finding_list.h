// Which findings somebody asked for, in which order, and how many there are of each kind.
//
//   FindingFilter filter;
//   filter.levels = {Level::high};
//   const FindingList list = list_findings(sight, filter);
//   for (uint32_t place : list.page) use(sight.finding(place));
//
// The counts of a facet are over what all other filters leave, so that one sees what choosing
// another value would show. One pass over the findings of the sight.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "console/board.h"

namespace yagura::console {

enum class FindingSort : uint8_t { score, last, first, count, rarest, level };
std::optional<FindingSort> sort_from_name(std::string_view name);

// What must be new to who asks: the finding itself, all findings of its rule, or of its principal.
enum class Novelty : uint8_t { finding, rule, principal };
std::optional<Novelty> novelty_from_name(std::string_view name);

struct FindingFilter {
    std::vector<Status> statuses;  // none: all but suppressed
    bool any_status = false;       // suppressed ones, too
    bool only_open = false;        // new, acknowledged, or grown since closed
    std::vector<match::Level> levels;
    std::vector<std::string> rules, accounts, principals, addresses;
    std::vector<std::string> resources;  // keys, names or ARNs; any of them
    std::vector<finding::Tactic> tactics;
    std::vector<std::string> types;  // log types of its first events
    std::string text;                // words; each must be in some text of the finding
    TimeRange range;                 // it was active within
    std::optional<std::string> assignee;
    // Only those kept after this one (an id of the catalog), and new in this sense: what of the
    // sight they knew before decides, not what the other filters leave.
    std::optional<int64_t> newer_than;
    Novelty novelty = Novelty::finding;

    FindingSort sort = FindingSort::score;
    bool ascending = false;  // the other way round than the sort's own
    size_t limit = 100;
    size_t offset = 0;
};

struct FacetCount {
    std::string value;
    uint64_t count = 0;
};

struct FindingFacets {
    static constexpr size_t kMaxValues = 50;
    std::array<uint64_t, kStatuses> statuses{};
    std::array<uint64_t, finding::kLevels> levels{};
    std::array<uint64_t, finding::kTactics> tactics{};
    std::vector<FacetCount> rules, accounts, principals, addresses, resources;  // most first
};

struct FindingList {
    std::vector<uint32_t> page;  // places
    uint64_t total = 0;
    uint64_t suppressed = 0;  // left out for being so
    FindingFacets facets;
};

FindingList list_findings(const Sight& sight, const FindingFilter& filter);

// All that the filter leaves, in the order of score.
std::vector<uint32_t> matching_findings(const Sight& sight, const FindingFilter& filter);

}  // namespace yagura::console
