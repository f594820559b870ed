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

Result<void> insert(sqlite::Database& file, std::string_view who, const PastQuestion& question) {
    return file.run(
        "INSERT INTO history(who, time, kind, text, range_from, range_to, types, row_count, "
        "elapsed_ms) VALUES (?,?,?,?,?,?,?,?,?)",
        who,
        question.time,
        question.kind,
        question.text,
        question.from,
        question.to,
        question.types,
        question.rows,
        question.elapsed_ms);
}

}  // namespace

Result<void> QueryHistory::add(std::string_view who, const PastQuestion& question) {
    YAGURA_CHECK(check(question));
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_CHECK(
            file.run("DELETE FROM history WHERE id = (SELECT max(id) FROM history WHERE who = ?) "
                     "AND kind = ? AND text = ?",
                     who,
                     question.kind,
                     question.text));
        YAGURA_CHECK(insert(file, who, question));
        return file.run(
            "DELETE FROM history WHERE who = ?1 AND id <= (SELECT id FROM history WHERE who = ?1 "
            "ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            who,
            kMaxOfOne);
    });
}

Result<std::vector<PastQuestion>> QueryHistory::of(std::string_view who, std::string_view kind) {
    return notebook_.read([&](sqlite::Database& file) -> Result<std::vector<PastQuestion>> {
        YAGURA_TRY(auto rows,
                   file.prepare("SELECT time, kind, text, range_from, range_to, types, row_count, "
                                "elapsed_ms FROM history WHERE who = ?1 AND (?2 = '' OR kind = ?2) "
                                "ORDER BY id DESC",
                                who,
                                kind));
        return rows.all([](const sqlite::Statement& row) {
            PastQuestion q;
            row.read(q.time, q.kind, q.text, q.from, q.to, q.types, q.rows, q.elapsed_ms);
            return q;
        });
    });
}

}  // namespace yagura::console
