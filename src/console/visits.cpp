#include "console/visits.h"

namespace yagura::console {
namespace {

constexpr std::chrono::minutes kWriteEvery{1};

struct Row {
    Mark last;
    Mark before;  // time 0: there was none
};

Mark mark_at(const sqlite::Statement& row, int column) {
    return {from_micros(row.integer(column)),
            row.integer(column + 1),
            static_cast<uint64_t>(row.integer(column + 2))};
}

void bind(sqlite::Statement& row, int place, const Mark& mark) {
    row.bind(place, to_micros(mark.time));
    row.bind(place + 1, mark.last_finding);
    row.bind(place + 2, static_cast<int64_t>(mark.events));
}

Result<std::optional<Row>> row_of(sqlite::Database& file, std::string_view who) {
    YAGURA_TRY(auto row,
               file.prepare("SELECT last_time, last_finding, last_events, before_time, "
                            "before_finding, before_events FROM visits WHERE who = ?"));
    row.bind(1, who);
    YAGURA_TRY(const bool found, row.step());
    if (!found) return std::optional<Row>();
    return std::optional<Row>(Row{mark_at(row, 0), mark_at(row, 3)});
}

}  // namespace

Result<std::optional<Mark>> Visits::before(std::string_view who) {
    std::optional<Row> known;
    YAGURA_CHECK(notebook_.read([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(known, row_of(file, who));
        return {};
    }));
    if (!known || known->before.time == Timestamp{}) return std::optional<Mark>();
    return std::optional<Mark>(known->before);
}

Result<std::optional<Mark>> Visits::look(std::string_view who, const Mark& now) {
    std::optional<Row> known;
    YAGURA_CHECK(notebook_.read([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(known, row_of(file, who));
        return {};
    }));
    Row next = known.value_or(Row{now, {}});
    const bool is_new_visit = known && now.time - known->last.time > kPause;
    if (is_new_visit) next.before = known->last;
    next.last = now;
    if (!known || is_new_visit || now.time - known->last.time >= kWriteEvery) {
        YAGURA_CHECK(notebook_.change([&](sqlite::Database& file) -> Result<void> {
            YAGURA_TRY(auto row,
                       file.prepare("INSERT OR REPLACE INTO visits VALUES (?,?,?,?,?,?,?)"));
            row.bind(1, who);
            bind(row, 2, next.last);
            bind(row, 5, next.before);
            return row.run();
        }));
    }
    if (next.before.time == Timestamp{}) return std::optional<Mark>();
    return std::optional<Mark>(next.before);
}

}  // namespace yagura::console
