// The catalog's part of kept_signals.h. A lake of an earlier program has none of it; it comes with
// its next writer, and segments of before have no signals.
//
// Signals say nothing that rows do not, so they have no seals: damaged ones count as none.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "store/catalog_impl.h"

namespace yagura::store {
namespace {

// Most segments have the streams of the same rules, so a list of them is kept once.
constexpr const char* kCreate = R"(
CREATE TABLE signal_streams(id INTEGER PRIMARY KEY, streams BLOB NOT NULL);
CREATE TABLE signals(segment INTEGER PRIMARY KEY, streams INTEGER NOT NULL, bytes BLOB NOT NULL);
INSERT INTO meta VALUES ('decided_segment', 0);
)";

std::string bytes_of(const std::vector<uint64_t>& streams) {
    return {reinterpret_cast<const char*>(streams.data()), streams.size() * sizeof(uint64_t)};
}

SegmentSignals read_signals(const sqlite::Statement& row) {
    SegmentSignals signals;
    signals.segment = row.integer(0);
    const std::string_view streams = row.text(1);
    signals.streams.resize(streams.size() / sizeof(uint64_t));
    if (!signals.streams.empty())
        std::memcpy(
            signals.streams.data(), streams.data(), signals.streams.size() * sizeof(uint64_t));
    signals.bytes = row.text(2);
    return signals;
}

constexpr const char* kSelect =
    "SELECT s.segment, t.streams, s.bytes FROM signals s JOIN signal_streams t ON t.id = s.streams";

}  // namespace

Result<bool> Catalog::Impl::has_signals() {
    YAGURA_TRY(const int64_t tables,
               database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'signals'"));
    return tables > 0;
}

Result<void> Catalog::Impl::prepare_signals() {
    YAGURA_TRY(const bool exist, has_signals());
    if (!exist) return database.execute(kCreate);
    // Left by an earlier program that removed segments and knew of no signals.
    return database.execute(
        "DELETE FROM signals WHERE segment NOT IN (SELECT id FROM segments);"
        "DELETE FROM signal_streams WHERE id NOT IN (SELECT streams FROM signals)");
}

Result<void> Catalog::Impl::put(const SegmentSignals& signals) {
    const std::string streams = bytes_of(signals.streams);
    const auto id = static_cast<int64_t>(hash64(streams));
    YAGURA_CHECK(database.run(
        "INSERT OR IGNORE INTO signal_streams VALUES (?,?)", id, sqlite::Blob{streams}));
    return database.run("INSERT OR REPLACE INTO signals VALUES (?,?,?)",
                        signals.segment,
                        id,
                        sqlite::Blob{signals.bytes});
}

Result<std::optional<SegmentSignals>> Catalog::signals_of(int64_t segment) {
    YAGURA_TRY(const bool exist, impl_->has_signals());
    if (!exist) return std::optional<SegmentSignals>();
    YAGURA_TRY(auto row,
               impl_->database.prepare(fmt::format("{} WHERE s.segment = ?", kSelect), segment));
    return row.first(read_signals);
}

Result<std::vector<SegmentSignals>> Catalog::signals_of_all(std::span<const int64_t> segments) {
    std::vector<SegmentSignals> all;
    for (const int64_t segment : segments) {
        YAGURA_TRY(auto signals, signals_of(segment));
        if (!signals) return std::vector<SegmentSignals>();
        all.push_back(std::move(*signals));
    }
    return all;
}

Result<Catalog::SignalCounts> Catalog::signal_counts() {
    SignalCounts counts;
    YAGURA_TRY(const bool exist, impl_->has_signals());
    if (!exist) return counts;
    YAGURA_TRY(auto row,
               impl_->database.prepare(
                   "SELECT count(*), coalesce(sum(length(n.bytes)), 0), coalesce(sum(s.rows), 0) "
                   "FROM signals n JOIN segments s ON s.id = n.segment WHERE s.state = 0"));
    YAGURA_CHECK(row.step());
    row.read(counts.segments, counts.bytes, counts.rows);
    return counts;
}

Result<std::vector<int64_t>> Catalog::damaged_signals() {
    std::vector<int64_t> damaged;
    YAGURA_TRY(const bool exist, impl_->has_signals());
    if (!exist) return damaged;
    YAGURA_TRY(auto row, impl_->database.prepare(kSelect));
    YAGURA_CHECK(row.each([&](const sqlite::Statement& each) {
        const SegmentSignals signals = read_signals(each);
        const auto kept = KeptSignals::decode(signals.bytes);
        const bool sound =
            kept && std::all_of(kept->runs().begin(), kept->runs().end(), [&](const auto& run) {
                return run.signal.stream < signals.streams.size();
            });
        if (!sound) damaged.push_back(signals.segment);
    }));
    return damaged;
}

}  // namespace yagura::store
