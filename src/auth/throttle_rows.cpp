#include "auth/throttle_rows.h"

namespace yagura::auth {
namespace {

constexpr int kCleanEvery = 100;  // times something was written

Result<void> write(sqlite::Database& database, const Throttle::Kept& count) {
    const sqlite::Blob key{count.key};
    if (count.failures == 0) return database.run("DELETE FROM throttle WHERE key = ?", key);
    return database.run("INSERT OR REPLACE INTO throttle VALUES (?, ?, ?, ?)",
                        key,
                        count.failures,
                        count.last,
                        count.until);
}

}  // namespace

Result<void> ThrottleRows::load(Throttle& throttle) {
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        YAGURA_CHECK(clean(database, throttle.options()));
        YAGURA_TRY(auto rows,
                   database.prepare("SELECT key, failures, last, until FROM throttle "
                                    "ORDER BY last"));
        return rows.each([&](const sqlite::Statement& row) {
            Throttle::Kept kept;
            row.read(kept.key, kept.failures, kept.last, kept.until);
            throttle.restore(kept);
        });
    });
}

Result<void> ThrottleRows::keep(const std::vector<Throttle::Kept>& counts,
                                const Throttle::Options& options) {
    if (counts.empty()) return {};
    return file_.change([&](sqlite::Database& database) -> Result<void> {
        for (const Throttle::Kept& count : counts) YAGURA_CHECK(write(database, count));
        if (--until_clean_ > 0) return {};
        until_clean_ = kCleanEvery;
        return clean(database, options);
    });
}

Result<void> ThrottleRows::clean(sqlite::Database& database, const Throttle::Options& options) {
    const Timestamp now = file_.now();
    // A row of the future is of a clock that has been set back since.
    YAGURA_CHECK(database.run(
        "DELETE FROM throttle WHERE last < ? OR last > ?", now - options.forget_after, now));
    return database.run(
        "DELETE FROM throttle WHERE key IN (SELECT key FROM throttle "
        "ORDER BY last DESC LIMIT -1 OFFSET ?)",
        options.most);
}

}  // namespace yagura::auth
