// Numbers of the whole catalog, and taking objects out of it.
#include <fmt/format.h>

#include "store/catalog_impl.h"

namespace yagura::store {

Result<Catalog::Impl::Tally> Catalog::Impl::count_objects() {
    YAGURA_TRY(auto row,
               database.prepare("SELECT count(*), coalesce(sum(faults), 0) FROM objects"));
    YAGURA_CHECK(row.step());
    Tally tally;
    row.read(tally.objects, tally.faults);
    return tally;
}

Result<Catalog::Impl::Tally> Catalog::Impl::tally() {
    YAGURA_TRY(auto row,
               database.prepare(
                   "SELECT o.value, f.value FROM meta o, meta f, meta noted, meta sum WHERE "
                   "o.key = 'objects_count' AND f.key = 'objects_faults' AND noted.key = "
                   "'objects_counted_at' AND sum.key = 'objects_sum' AND noted.value = sum.value"));
    YAGURA_TRY(const auto kept, row.first([](const sqlite::Statement& one) {
        return Tally{one.integer(0), one.integer(1)};
    }));
    if (kept) return *kept;
    return count_objects();
}

Result<void> Catalog::Impl::keep(const Tally& tally) {
    YAGURA_TRY(const int64_t sum, meta("objects_sum"));
    return database.run(
        "INSERT OR REPLACE INTO meta VALUES ('objects_count', ?), ('objects_faults', ?), "
        "('objects_counted_at', ?)",
        tally.objects,
        tally.faults,
        sum);
}

Result<Catalog::Counts> Catalog::counts() {
    Counts counts;
    const auto read = [&](std::string_view sql, uint64_t& into) -> Result<void> {
        YAGURA_TRY(const int64_t value, impl_->database.number(sql));
        into = static_cast<uint64_t>(value);
        return {};
    };
    YAGURA_CHECK(read("SELECT coalesce(sum(rows), 0) FROM segments WHERE state = 0", counts.rows));
    YAGURA_TRY(const auto tally, impl_->tally());
    counts.objects = static_cast<uint64_t>(tally.objects);
    counts.faults = static_cast<uint64_t>(tally.faults);
    YAGURA_CHECK(read("SELECT count(*) FROM findings", counts.findings));
    YAGURA_TRY(counts.next_segment, impl_->meta("next_segment"));
    YAGURA_TRY(auto newest,
               impl_->database.prepare("SELECT max(max_time) FROM segments WHERE state = 0"));
    YAGURA_CHECK(newest.step());
    newest.read(counts.newest);
    return counts;
}

// A table whose rows have seals loses one row.
Result<void> Catalog::Impl::remove_sealed(std::string_view table, int64_t id, int64_t seal) {
    YAGURA_CHECK(database.run(fmt::format("DELETE FROM {} WHERE id = ?", table), id));
    return change_sum(fmt::format("{}_sum", table), uint64_t{0} - static_cast<uint64_t>(seal));
}

Result<std::vector<std::pair<int64_t, int64_t>>> Catalog::Impl::ids_and_seals(
    std::string_view sql, std::string_view prefix) {
    YAGURA_TRY(auto rows, database.prepare(sql, prefix));
    return rows.all(
        [](const sqlite::Statement& row) { return std::pair(row.integer(0), row.integer(1)); });
}

Result<void> Catalog::Impl::remove_objects(std::string_view prefix,
                                           const std::vector<int64_t>& segments) {
    for (const int64_t id : segments) YAGURA_CHECK(retire(id));
    YAGURA_CHECK(next_generation({}, segments));
    YAGURA_TRY(const auto objects,
               ids_and_seals("SELECT id, seal FROM objects WHERE substr(path, 1, length(?1)) = ?1",
                             prefix));
    for (const auto& [id, seal] : objects) {
        YAGURA_CHECK(database.run("DELETE FROM quarantine WHERE object_id = ?", id));
        YAGURA_CHECK(remove_sealed("objects", id, seal));
    }
    YAGURA_TRY(const Tally left, count_objects());
    YAGURA_CHECK(keep(left));
    YAGURA_TRY(const auto findings,
               ids_and_seals("SELECT id, seal FROM findings WHERE id IN (SELECT finding FROM "
                             "finding_samples GROUP BY finding HAVING "
                             "min(substr(object, 1, length(?1)) = ?1))",
                             prefix));
    for (const auto& [id, seal] : findings) {
        YAGURA_CHECK(database.run("DELETE FROM finding_samples WHERE finding = ?", id));
        YAGURA_CHECK(database.run("DELETE FROM finding_changes WHERE finding = ?", id));
        YAGURA_CHECK(remove_sealed("findings", id, seal));
    }
    return {};
}

Result<void> Catalog::remove_objects(std::string_view prefix,
                                     const std::vector<int64_t>& segments) {
    auto done = impl_->transaction([&] { return impl_->remove_objects(prefix, segments); });
    impl_->fold();
    return done;
}

}  // namespace yagura::store
