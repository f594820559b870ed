// The catalog's part of reader_lock.h: in which generations of the list of live segments each of
// them is. A lake of an earlier program has none of it; it comes with its next writer, and what
// such a program published was always there, what it retired is retired then.
#include <map>
#include <utility>

#include "store/catalog_impl.h"

namespace yagura::store {
namespace {

// `retired` is 0 as long as the segment is live.
constexpr const char* kCreate = R"(
CREATE TABLE segment_generations(segment INTEGER PRIMARY KEY, published INTEGER NOT NULL, retired INTEGER NOT NULL);
INSERT INTO meta VALUES ('generation', 0);
)";

}  // namespace

Result<void> Catalog::Impl::prepare_generations() {
    YAGURA_TRY(
        const int64_t tables,
        database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'segment_generations'"));
    if (tables == 0) YAGURA_CHECK(database.execute(kCreate));
    YAGURA_CHECK(database.execute(
        "DELETE FROM segment_generations WHERE segment NOT IN (SELECT id FROM segments)"));
    YAGURA_TRY(auto rows,
               database.prepare("SELECT id FROM segments WHERE state = 1 AND id NOT IN (SELECT "
                                "segment FROM segment_generations WHERE retired > 0)"));
    YAGURA_TRY(const auto retired,
               rows.all([](const sqlite::Statement& row) { return row.integer(0); }));
    return next_generation({}, retired);
}

Result<void> Catalog::Impl::next_generation(const std::vector<Segment>& published,
                                            const std::vector<int64_t>& retired) {
    if (published.empty() && retired.empty()) return {};
    YAGURA_TRY(const int64_t before, meta("generation"));
    const int64_t now = before + 1;
    YAGURA_CHECK(set_meta("generation", now));
    for (const Segment& segment : published)
        YAGURA_CHECK(
            database.run("INSERT INTO segment_generations VALUES (?,?,0)", segment.id, now));
    for (const int64_t id : retired)
        YAGURA_CHECK(
            database.run("INSERT INTO segment_generations VALUES (?1,0,?2) ON CONFLICT(segment) DO "
                         "UPDATE SET retired = ?2",
                         id,
                         now));
    return {};
}

Result<int64_t> Catalog::generation() {
    return impl_->database.number(
        "SELECT coalesce((SELECT value FROM meta WHERE key = 'generation'), 0)");
}

Result<SegmentList> Catalog::segment_list() {
    SegmentList out;
    YAGURA_CHECK(impl_->at_one_moment([&]() -> Result<void> {
        YAGURA_TRY(out.generation, generation());
        YAGURA_TRY(out.segments, segments());
        return {};
    }));
    return out;
}

Result<std::vector<RetiredSegment>> Catalog::retired() {
    YAGURA_TRY(
        auto rows,
        impl_->database.prepare(
            "SELECT segment, published, retired FROM segment_generations WHERE retired > 0"));
    std::map<int64_t, std::pair<int64_t, int64_t>> generations;
    YAGURA_CHECK(rows.each([&](const sqlite::Statement& row) {
        generations.emplace(row.integer(0), std::pair(row.integer(1), row.integer(2)));
    }));
    YAGURA_TRY(auto all, segments());
    std::vector<RetiredSegment> out;
    for (Segment& segment : all) {
        const auto at = generations.find(segment.id);
        if (segment.state != SegmentState::retired || at == generations.end()) continue;
        out.push_back({std::move(segment), at->second.first, at->second.second});
    }
    return out;
}

Result<void> Catalog::forget(const std::vector<int64_t>& segments) {
    auto done = impl_->transaction([&]() -> Result<void> {
        for (const int64_t id : segments) {
            YAGURA_TRY(auto row,
                       impl_->database.prepare(
                           "DELETE FROM segments WHERE id = ? AND state = 1 RETURNING seal", id));
            YAGURA_TRY(const bool found, row.step());
            if (!found) continue;
            const auto seal = static_cast<uint64_t>(row.integer(0));
            row.reset();
            YAGURA_CHECK(impl_->change_sum("segments_sum", uint64_t{0} - seal));
            YAGURA_CHECK(impl_->database.run("DELETE FROM signals WHERE segment = ?", id));
            YAGURA_CHECK(
                impl_->database.run("DELETE FROM segment_generations WHERE segment = ?", id));
        }
        return {};
    });
    impl_->fold();
    return done;
}

}  // namespace yagura::store
