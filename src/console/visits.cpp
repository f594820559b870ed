#include "console/visits.h"

namespace yagura::console {
namespace {

constexpr std::chrono::minutes kWriteEvery{1};

struct Row {
    Mark last;
    Mark before;  // time 0: there was none
};

Row read_row(const sqlite::Statement& row) {
    Row read;
    auto& [last, before] = read;
    row.read(
        last.time, last.last_finding, last.events, before.time, before.last_finding, before.events);
    return read;
}

Result<std::optional<Row>> row_of(sqlite::Database& file, std::string_view who) {
    YAGURA_TRY(auto row,
               file.prepare("SELECT last_time, last_finding, last_events, before_time, "
                            "before_finding, before_events FROM visits WHERE who = ?",
                            who));
    return row.first(read_row);
}

Result<void> put(sqlite::Database& file, std::string_view who, const Row& row) {
    return file.run("INSERT OR REPLACE INTO visits VALUES (?,?,?,?,?,?,?)",
                    who,
                    row.last.time,
                    row.last.last_finding,
                    row.last.events,
                    row.before.time,
                    row.before.last_finding,
                    row.before.events);
}

std::optional<Mark> visit_before(const Row& row) {
    if (row.before.time == Timestamp{}) return std::nullopt;
    return row.before;
}

}  // namespace

Result<std::optional<Mark>> Visits::before(std::string_view who) {
    YAGURA_TRY(const auto known,
               notebook_.read([&](sqlite::Database& file) { return row_of(file, who); }));
    return known ? visit_before(*known) : std::nullopt;
}

Result<std::optional<Mark>> Visits::look(std::string_view who, const Mark& now) {
    YAGURA_TRY(const auto known,
               notebook_.read([&](sqlite::Database& file) { return row_of(file, who); }));
    if (known && now.time - known->last.time < kWriteEvery) return visit_before(*known);
    // Looked up again inside the transaction: another look, of this program or another, may have
    // been noted since.
    return notebook_.change([&](sqlite::Database& file) -> Result<std::optional<Mark>> {
        YAGURA_TRY(const auto latest, row_of(file, who));
        Row next = latest.value_or(Row{now, {}});
        if (latest && now.time - latest->last.time > kPause) next.before = latest->last;
        if (!latest || latest->last.time < now.time) next.last = now;
        YAGURA_CHECK(put(file, who, next));
        return visit_before(next);
    });
}

}  // namespace yagura::console
