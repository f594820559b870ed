// The catalog's part of decided.h. A lake of an earlier program has none of it; it comes with its
// next writer, for which nothing is decided and nothing is open.

#include <algorithm>
#include <limits>

#include "store/catalog_impl.h"

namespace yagura::store {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
constexpr int64_t kNothing = std::numeric_limits<int64_t>::max();

constexpr const char* kCreate = R"(
CREATE TABLE firings(what INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY(what, time)) WITHOUT ROWID;
CREATE INDEX firings_by_time ON firings(time);
INSERT INTO meta VALUES ('decided_until', -9223372036854775808),
    ('open_from', 9223372036854775807), ('first_seen_memory', 0);
)";

}  // namespace

Result<void> Catalog::Impl::prepare_decided() {
    YAGURA_TRY(const int64_t tables,
               database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'firings'"));
    return tables > 0 ? Result<void>() : database.execute(kCreate);
}

Result<void> Catalog::Impl::open_from(int64_t time) {
    YAGURA_TRY(const int64_t before, meta("open_from"));
    return time < before ? set_meta("open_from", time) : Result<void>();
}

Result<void> Catalog::Impl::put_firings(const std::vector<FiringKey>& firings) {
    if (firings.empty()) return {};
    for (const FiringKey& firing : firings)
        YAGURA_CHECK(
            database.run("INSERT OR IGNORE INTO firings VALUES (?,?)", firing.what, firing.time));
    YAGURA_TRY(const int64_t count, database.number("SELECT count(*) FROM firings"));
    if (count <= kMaxKeptFirings) return {};
    return database.run(
        "DELETE FROM firings WHERE time < (SELECT time FROM firings ORDER BY time LIMIT 1 OFFSET "
        "?)",
        count - kMaxKeptFirings);
}

Result<void> Catalog::Impl::put(const Decision& decision, int64_t memory) {
    YAGURA_CHECK(put_firings(decision.firings));
    if (decision.until) YAGURA_CHECK(set_meta("decided_until", *decision.until));
    YAGURA_CHECK(set_meta("open_from", decision.open_from.value_or(kNothing)));
    if (!decision.open_from) {
        YAGURA_TRY(const int64_t next, meta("next_segment"));
        YAGURA_CHECK(set_meta("decided_segment", next));
    }
    return set_meta("first_seen_memory", memory);
}

Result<DecidedState> Catalog::decided() {
    DecidedState state;
    YAGURA_TRY(const int64_t until, impl_->meta("decided_until"));
    YAGURA_TRY(const int64_t open_from, impl_->meta("open_from"));
    YAGURA_TRY(state.segment, impl_->meta("decided_segment"));
    YAGURA_TRY(state.memory, impl_->meta("first_seen_memory"));
    if (until != kNever) state.until = until;
    if (open_from != kNothing) state.open_from = open_from;
    return state;
}

Result<bool> Catalog::is_told(const FiringKey& firing) {
    YAGURA_TRY(auto row,
               impl_->database.prepare(
                   "SELECT 1 FROM firings WHERE what = ? AND time = ?", firing.what, firing.time));
    return row.step();
}

Result<std::vector<FiringKey>> Catalog::told_between(int64_t from, int64_t until) {
    std::vector<FiringKey> firings;
    YAGURA_TRY(auto row,
               impl_->database.prepare(
                   "SELECT what, time FROM firings WHERE time >= ? AND time <= ?", from, until));
    for (;;) {
        YAGURA_TRY(const bool more, row.step());
        if (!more) return firings;
        FiringKey& firing = firings.emplace_back();
        row.read(firing.what, firing.time);
    }
}

}  // namespace yagura::store
