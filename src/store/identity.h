// Which event a row is, so that no event is stored twice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "event/event.h"
#include "sql/database.h"
#include "store/catalog.h"
#include "store/schema.h"

namespace yagura::store {

// Hash of the event's own id (with its account, and its revision where ids are reused); nullopt for
// events without one. Computed so that the stored columns give the same hash back.
std::optional<Hash128> identity_of(const logtype::LogType& type, event::Event& event);

// Calls `visit` with the identity of every row of `files` whose event_time lies in [from, to).
Result<void> read_identities(sql::Connection& connection,
                             const Schema& schema,
                             const std::vector<std::string>& files,
                             Timestamp from,
                             Timestamp to,
                             const std::function<void(Timestamp, const Hash128&)>& visit);

// "['/lake/a.parquet', '/lake/b.parquet']"
std::string file_list(const std::vector<std::string>& files);

}  // namespace yagura::store
