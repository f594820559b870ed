#include "console/triage.h"

#include <algorithm>
#include <array>

#include "base/messages/console.h"

namespace yagura::console {
namespace {

constexpr std::string_view kStatusNames[kStatuses] = {
    "new", "acknowledged", "suppressed", "closed"};
constexpr std::string_view kActionNames[] = {"acknowledge", "reopen", "close", "assign", "comment"};
constexpr size_t kMaxRead = 1'000;  // comments, deeds of one finding

// A row of `triage`; `action` is the one that wrote it, 0 for none.
struct Row {
    Status status = Status::fresh;
    std::string assignee;
    uint64_t count = 0;
    int64_t action = 0;
};

// Columns from `column` on: status, assignee, count, action. A newer program may know more states.
Row read_row(const sqlite::Statement& row, int column) {
    return {static_cast<Status>(std::clamp<int64_t>(row.integer(column), 0, kStatuses - 1)),
            std::string(row.text(column + 1)),
            static_cast<uint64_t>(row.integer(column + 2)),
            row.integer(column + 3)};
}

Result<Row> row_of(sqlite::Database& file, std::string_view finding) {
    YAGURA_TRY(auto row,
               file.prepare("SELECT status, assignee, count, action FROM triage WHERE finding = ?",
                            finding));
    YAGURA_TRY(auto known, row.first([](const auto& found) { return read_row(found, 0); }));
    return std::move(known).value_or(Row());
}

Result<void> put(sqlite::Database& file, const Subject& subject, const Row& now) {
    return file.run("INSERT OR REPLACE INTO triage VALUES (?,?,?,?,?,?,?,?,?)",
                    subject.id,
                    subject.key.rule_id,
                    subject.key.account,
                    subject.key.principal,
                    subject.key.source_ip,
                    now.status,
                    now.assignee,
                    now.count,
                    now.action);
}

// Remembers how the finding was before `action`.
Result<void> put_change(sqlite::Database& file,
                        int64_t action,
                        const Subject& subject,
                        const Row& before) {
    return file.run("INSERT INTO changes VALUES (?,?,?,?,?,?,?)",
                    action,
                    subject.id,
                    subject.key.account,
                    before.status,
                    before.assignee,
                    before.count,
                    before.action);
}

Result<void> put_comment(sqlite::Database& file,
                         int64_t id,
                         const Action& action,
                         const Subject& subject) {
    return file.run("INSERT INTO comments(finding, action, time, who, text) VALUES (?,?,?,?,?)",
                    subject.id,
                    id,
                    action.time,
                    action.who,
                    action.comment);
}

Result<int64_t> put_action(sqlite::Database& file, const Action& action) {
    YAGURA_CHECK(file.run("INSERT INTO actions(time, who, kind, detail) VALUES (?,?,?,?)",
                          action.time,
                          action.who,
                          action_name(action.kind),
                          action.assignee));
    return file.last_id();
}

void apply(const Action& action, const Subject& subject, Row& row) {
    switch (action.kind) {
        case ActionKind::acknowledge:
            row.status = Status::acknowledged;
            break;
        case ActionKind::reopen:
            row.status = Status::fresh;
            break;
        case ActionKind::close:
            row.status = Status::closed;
            break;
        case ActionKind::assign:
            row.assignee = action.assignee;
            return;
        case ActionKind::comment:
            return;
    }
    row.count = subject.count;
}

Result<void> check(const Action& action, std::span<const Subject> subjects) {
    if (subjects.size() > kMaxSubjects)
        return fail(Code::invalid, say(message::console_too_many, kMaxSubjects));
    if (action.comment.size() > kMaxCommentBytes)
        return fail(Code::invalid, say(message::console_too_long, "comment", kMaxCommentBytes));
    if (action.assignee.size() > kMaxNameBytes)
        return fail(Code::invalid, say(message::console_too_long, "assignee", kMaxNameBytes));
    if (action.kind == ActionKind::comment && action.comment.empty())
        return fail(Code::invalid, say(message::console_needs, "comment"));
    return {};
}

// What an action found.
struct Change {
    std::string finding;
    std::string account;
    Row before;
};

Result<std::vector<Change>> changes_of(sqlite::Database& file, int64_t action) {
    YAGURA_TRY(auto row,
               file.prepare("SELECT finding, account, status, assignee, count, before FROM changes "
                            "WHERE action = ?",
                            action));
    return row.all([](const sqlite::Statement& found) {
        Change change;
        found.read(change.finding, change.account);
        change.before = read_row(found, 2);
        return change;
    });
}

// One finding back to what it was; false when it was decided about again since.
Result<bool> take_back(sqlite::Database& file, int64_t action, const Change& change) {
    YAGURA_TRY(const Row now, row_of(file, change.finding));
    if (now.action != action) return false;
    YAGURA_CHECK(
        file.run("UPDATE triage SET status = ?, assignee = ?, count = ?, action = ? "
                 "WHERE finding = ?",
                 change.before.status,
                 change.before.assignee,
                 change.before.count,
                 change.before.action,
                 change.finding));
    YAGURA_CHECK(
        file.run("DELETE FROM comments WHERE action = ? AND finding = ?", action, change.finding));
    return true;
}

}  // namespace

std::string_view status_name(Status status) {
    return kStatusNames[static_cast<size_t>(status)];
}

std::optional<Status> status_from_name(std::string_view name) {
    for (size_t i = 0; i < kStatuses; ++i)
        if (kStatusNames[i] == name) return static_cast<Status>(i);
    return std::nullopt;
}

std::string_view action_name(ActionKind kind) {
    return kActionNames[static_cast<size_t>(kind)];
}

std::optional<ActionKind> action_from_name(std::string_view name) {
    for (size_t i = 0; i < std::size(kActionNames); ++i)
        if (kActionNames[i] == name) return static_cast<ActionKind>(i);
    return std::nullopt;
}

FindingKey key_of(const store::KeptFinding& finding) {
    return {finding.rule_id, finding.account, finding.principal, finding.source_ip};
}

std::string finding_id(const FindingKey& key) {
    std::string bytes;
    for (const std::string* part : {&key.rule_id, &key.account, &key.principal, &key.source_ip})
        bytes += std::to_string(part->size()) + ':' + *part;
    return to_hex(sha256(bytes)).substr(0, 24);
}

Result<Done> Triage::act(const Action& action, std::span<const Subject> subjects) {
    YAGURA_CHECK(check(action, subjects));
    return notebook_.change([&](sqlite::Database& file) -> Result<Done> {
        Done done;
        YAGURA_TRY(done.action, put_action(file, action));
        for (const Subject& subject : subjects) {
            YAGURA_TRY(const Row before, row_of(file, subject.id));
            if (before.action == done.action) continue;  // named twice
            Row now = before;
            apply(action, subject, now);
            now.action = done.action;
            YAGURA_CHECK(put_change(file, done.action, subject, before));
            YAGURA_CHECK(put(file, subject, now));
            if (!action.comment.empty())
                YAGURA_CHECK(put_comment(file, done.action, action, subject));
            ++done.changed;
        }
        return done;
    });
}

Result<uint64_t> Triage::undo(int64_t action, std::string_view who, const AccountScope& scope) {
    return notebook_.change([&](sqlite::Database& file) -> Result<uint64_t> {
        YAGURA_CHECK(file.run(
            "UPDATE actions SET undone = 1 WHERE id = ? AND who = ? AND undone = 0", action, who));
        if (file.changes() == 0) return fail(Code::not_found, say(message::console_no_action));
        YAGURA_TRY(const auto changes, changes_of(file, action));
        uint64_t undone = 0;
        for (const Change& change : changes) {
            if (!scope.contains(change.account)) continue;
            YAGURA_TRY(const bool done, take_back(file, action, change));
            undone += done;
        }
        return undone;
    });
}

Result<Triage::ById> Triage::all() {
    return notebook_.read([](sqlite::Database& file) -> Result<ById> {
        ById out;
        YAGURA_TRY(auto rows,
                   file.prepare("SELECT finding, status, assignee, count, action FROM triage"));
        YAGURA_CHECK(rows.each([&](const sqlite::Statement& row) {
            Row kept = read_row(row, 1);
            out[std::string(row.text(0))] = {kept.status, std::move(kept.assignee), kept.count, 0};
        }));
        YAGURA_TRY(auto counts,
                   file.prepare("SELECT finding, count(*) FROM comments GROUP BY finding"));
        YAGURA_CHECK(counts.each([&](const sqlite::Statement& row) {
            out[std::string(row.text(0))].comments = static_cast<uint32_t>(row.integer(1));
        }));
        return out;
    });
}

Result<std::vector<Comment>> Triage::comments(std::string_view finding) {
    return notebook_.read([&](sqlite::Database& file) -> Result<std::vector<Comment>> {
        YAGURA_TRY(auto rows,
                   file.prepare("SELECT time, who, text FROM (SELECT * FROM comments WHERE "
                                "finding = ? ORDER BY id DESC LIMIT ?) ORDER BY id",
                                finding,
                                kMaxRead));
        return rows.all([](const sqlite::Statement& row) {
            Comment comment;
            row.read(comment.time, comment.who, comment.text);
            return comment;
        });
    });
}

Result<std::vector<Deed>> Triage::history(std::string_view finding) {
    return notebook_.read([&](sqlite::Database& file) -> Result<std::vector<Deed>> {
        YAGURA_TRY(auto rows,
                   file.prepare("SELECT time, who, kind, detail, undone FROM (SELECT a.* FROM "
                                "changes c JOIN actions a ON a.id = c.action WHERE c.finding = ? "
                                "ORDER BY a.id DESC LIMIT ?) ORDER BY id",
                                finding,
                                kMaxRead));
        return rows.all([](const sqlite::Statement& row) {
            Deed deed;
            row.read(deed.time, deed.who, deed.action, deed.detail, deed.undone);
            return deed;
        });
    });
}

}  // namespace yagura::console
