// How far correlations and first-seen rules are decided in a lake.
//
//   const DecidedState before = writer->decided();          // as the writer found it
//   … rows are committed; each commit widens `open_from` in its own transaction …
//   YAGURA_TRY(const bool told, writer->is_told(firing));
//   YAGURA_CHECK(writer->decide({until, firings, findings}, save));
//
// The deciding commit names the firings, what they add to the findings, the new memory of
// first-seen rules and "nothing is open" in one transaction, so a crash leaves all of it or none.
// What a crash left open is decided by the next ingest from the lake's own rows, and a firing that
// is known is not told again. Who follows logs tells firings as they are decided (Writer::tell) and
// moves the rest on now and then.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/findings.h"

namespace yagura::store {

struct DecidedState {
    std::optional<int64_t> until;      // latest event when it was last decided; microseconds
    std::optional<int64_t> open_from;  // earliest event committed since
    // Rows in segments before it were there when everything was last decided.
    int64_t segment = 0;
    int64_t memory = 0;  // which file first-seen rules remember in; 0: none
};

// What makes a firing one: the rule and its group, hashed, and when.
struct FiringKey {
    uint64_t what = 0;
    int64_t time = 0;
};

// A lake remembers so many firings, the latest.
constexpr int64_t kMaxKeptFirings = 2'000'000;

struct Decision {
    std::optional<int64_t> until;
    std::optional<int64_t> open_from = {};  // rows from here on wait on; none: nothing is open
    std::vector<FiringKey> firings;
    std::vector<KeptFinding> findings;
};

}  // namespace yagura::store
