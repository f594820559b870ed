// What is asked of the lake about one address, principal, key, …
//
//   const auto* kind = find_entity_kind("address");
//   YAGURA_TRY(auto totals, ask_entity_totals(lease, *kind, {"198.51.100.7"}, range, now));
//
// Which columns hold an entity of a kind is one row here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "base/result.h"
#include "base/time.h"
#include "query/pool.h"

namespace yagura::api {

struct EntityKind {
    std::string_view name;
    std::string_view columns;  // of the lake, separated by blanks
    Text title;
};

std::span<const EntityKind> entity_kinds();
const EntityKind* find_entity_kind(std::string_view name);

// A text as a constant of the query language.
std::string query_quote(std::string_view text);

// What an entity is called.
struct EntityNames {
    std::string value;
    std::vector<std::string> principals = {};  // that act in its name: sessions of an instance
};

// "filter source_ip = \"198.51.100.7\" or …"
std::string entity_filter(const EntityKind& kind, const EntityNames& names);

using Counts = std::map<std::string, uint64_t, std::less<>>;

struct ApiCount {
    uint64_t success = 0;
    uint64_t failed = 0;
};

// How much there is of it, and when.
struct EntityTotals {
    uint64_t events = 0;
    std::optional<Timestamp> first, last;
    Counts log_types, accounts, principals;
};

// One scan of few columns of what the side indexes leave; like all counts here kept by segment, so
// that asking again reads only what is new.
Result<EntityTotals> ask_entity_totals(query::EnginePool::Lease& lease,
                                       const EntityKind& kind,
                                       const EntityNames& names,
                                       const TimeRange& range,
                                       Timestamp now);

struct EntityLine {
    std::chrono::seconds bucket{3600};
    Timestamp from{};
    std::vector<uint64_t> counts, failed;
};

// From `from` up to `to` in at most about two hundred buckets, nothing counted yet.
EntityLine empty_line(Timestamp from, Timestamp to);

// What it did, from where, as whom; of each the commonest when there are very many. When, if a line
// was asked for.
struct EntityDeeds {
    Counts regions, principals, addresses, keys, user_agents, errors;
    std::map<std::string, ApiCount, std::less<>> apis;
    std::optional<EntityLine> line;
};

// One scan of more columns. `line` is what an empty one becomes.
Result<EntityDeeds> ask_entity_deeds(query::EnginePool::Lease& lease,
                                     const EntityKind& kind,
                                     const EntityNames& names,
                                     const TimeRange& range,
                                     std::optional<EntityLine> line,
                                     Timestamp now);

// The line alone, of events in the range.
Result<EntityLine> ask_entity_line(query::EnginePool::Lease& lease,
                                   const EntityKind& kind,
                                   const EntityNames& names,
                                   const TimeRange& range,
                                   EntityLine line,
                                   Timestamp now);

}  // namespace yagura::api
