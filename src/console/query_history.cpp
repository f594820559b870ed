#include "console/query_history.h"

#include "base/messages/console.h"

namespace yagura::console {
namespace {

constexpr size_t kMaxQuestionBytes = 256 << 10;

Result<void> check(const PastQuestion& question) {
    const size_t size = question.text.size() + question.from.size() + question.to.size() +
                        question.types.size() + question.kind.size();
    if (question.kind.empty()) return fail(Code::invalid, say(message::console_needs, "kind"));
    if (size > kMaxQuestionBytes)
        return fail(Code::invalid, say(message::console_too_long, "text", kMaxQuestionBytes));
    return {};
}

void bind_number(sqlite::Statement& row, int place, const std::optional<int64_t>& number) {
    if (number)
        row.bind(place, *number);
    else
        row.bind_null(place);
}

std::optional<int64_t> number_at(const sqlite::Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.integer(column);
}

Result<void> insert(sqlite::Database& file, std::string_view who, const PastQuestion& question) {
    YAGURA_TRY(auto row,
               file.prepare("INSERT INTO history(who, time, kind, text, range_from, range_to, "
                            "types, row_count, elapsed_ms) VALUES (?,?,?,?,?,?,?,?,?)"));
    row.bind(1, who);
    row.bind(2, to_micros(question.time));
    row.bind(3, std::string_view(question.kind));
    row.bind(4, std::string_view(question.text));
    row.bind(5, std::string_view(question.from));
    row.bind(6, std::string_view(question.to));
    row.bind(7, std::string_view(question.types));
    bind_number(row, 8, question.rows);
    bind_number(row, 9, question.elapsed_ms);
    return row.run();
}

}  // namespace

Result<void> QueryHistory::add(std::string_view who, const PastQuestion& question) {
    YAGURA_CHECK(check(question));
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto same,
                   file.prepare("DELETE FROM history WHERE id = (SELECT max(id) FROM history WHERE "
                                "who = ?) AND kind = ? AND text = ?"));
        same.bind(1, who);
        same.bind(2, std::string_view(question.kind));
        same.bind(3, std::string_view(question.text));
        YAGURA_CHECK(same.run());
        YAGURA_CHECK(insert(file, who, question));
        YAGURA_TRY(auto old,
                   file.prepare("DELETE FROM history WHERE who = ? AND id <= (SELECT id FROM "
                                "history WHERE who = ? ORDER BY id DESC LIMIT 1 OFFSET ?)"));
        old.bind(1, who);
        old.bind(2, who);
        old.bind(3, static_cast<int64_t>(kMaxOfOne));
        return old.run();
    });
}

Result<std::vector<PastQuestion>> QueryHistory::of(std::string_view who, std::string_view kind) {
    std::vector<PastQuestion> out;
    YAGURA_CHECK(notebook_.read([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto row,
                   file.prepare("SELECT time, kind, text, range_from, range_to, types, row_count, "
                                "elapsed_ms FROM history WHERE who = ? AND (? = '' OR kind = ?) "
                                "ORDER BY id DESC"));
        row.bind(1, who);
        row.bind(2, kind);
        row.bind(3, kind);
        for (;;) {
            YAGURA_TRY(const bool more, row.step());
            if (!more) return {};
            out.push_back({from_micros(row.integer(0)),
                           std::string(row.text(1)),
                           std::string(row.text(2)),
                           std::string(row.text(3)),
                           std::string(row.text(4)),
                           std::string(row.text(5)),
                           number_at(row, 6),
                           number_at(row, 7)});
        }
    }));
    return out;
}

}  // namespace yagura::console
