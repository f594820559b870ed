// Who and what to look at first: principals and addresses ranked by what the rules say about them.
//
//   const Stories stories = rank(hits);            // hits.finish() was called
//   for (const Story& story : stories.principals) … hits.strings().text(story.entity)
//
// A story's score is the sum over its rules of severity × rarity × volume, times the spread over
// ATT&CK tactics; docs/ranking.md has the formula and why. A function of the set of matches:
// neither the order of reading nor the number of workers changes it.
#pragma once

#include <vector>

#include "finding/attack.h"
#include "finding/hit.h"

namespace yagura::finding {

// What one rule contributed to a story.
struct Evidence {
    uint32_t rule = 0;  // index into HitCollector::rules()
    uint64_t count = 0;
    uint64_t failed = 0;
    int64_t first = 0;
    int64_t last = 0;
    double score = 0;
    const EventFacts* sample = nullptr;  // the earliest event; points into the HitCollector
};

struct Story {
    StringId entity = 0;
    StringId account = 0;  // of a principal; 0 for addresses
    double score = 0;
    Level highest = Level::low;
    uint64_t matches = 0;
    uint64_t failed = 0;
    int64_t first = 0;
    int64_t last = 0;
    TacticSet tactics;
    LevelCounts by_level{};
    std::vector<Evidence> evidence;  // one per rule, the strongest first
    std::vector<StringId> accounts;  // by number of matches, most first
    std::vector<StringId>
        counterparts;  // of a principal its addresses, of an address its principals; likewise
};

struct Stories {
    std::vector<Story> principals;  // highest score first; ties by name
    std::vector<Story> addresses;   // only real addresses: AWS also writes service names there
};

// On up to `threads` cores.
Stories rank(const HitCollector& hits, uint32_t threads = 1);

// The factors of a score. What `count` matches of a rule weigh that `entities` met:
double evidence_weight(Level level, uint64_t entities, uint64_t count);
// What the sum of an entity's weights is multiplied by.
double tactic_spread(const TacticSet& tactics);

}  // namespace yagura::finding
