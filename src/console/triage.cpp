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

Status status_at(int64_t number) {
    return static_cast<Status>(std::clamp<int64_t>(number, 0, kStatuses - 1));
}

Result<Row> row_of(sqlite::Database& file, std::string_view finding) {
    YAGURA_TRY(
        auto row,
        file.prepare("SELECT status, assignee, count, action FROM triage WHERE finding = ?"));
    row.bind(1, finding);
    YAGURA_TRY(const bool found, row.step());
    if (!found) return Row();
    return Row{status_at(row.integer(0)),
               std::string(row.text(1)),
               static_cast<uint64_t>(row.integer(2)),
               row.integer(3)};
}

Result<void> put(sqlite::Database& file, const Subject& subject, const Row& now) {
    YAGURA_TRY(auto row, file.prepare("INSERT OR REPLACE INTO triage VALUES (?,?,?,?,?,?,?,?,?)"));
    row.bind(1, std::string_view(subject.id));
    row.bind(2, std::string_view(subject.key.rule_id));
    row.bind(3, std::string_view(subject.key.account));
    row.bind(4, std::string_view(subject.key.principal));
    row.bind(5, std::string_view(subject.key.source_ip));
    row.bind(6, static_cast<int64_t>(now.status));
    row.bind(7, std::string_view(now.assignee));
    row.bind(8, static_cast<int64_t>(now.count));
    row.bind(9, now.action);
    return row.run();
}

// Remembers how the finding was before `action`.
Result<void> put_change(sqlite::Database& file,
                        int64_t action,
                        const Subject& subject,
                        const Row& before) {
    YAGURA_TRY(auto row, file.prepare("INSERT INTO changes VALUES (?,?,?,?,?,?,?)"));
    row.bind(1, action);
    row.bind(2, std::string_view(subject.id));
    row.bind(3, std::string_view(subject.key.account));
    row.bind(4, static_cast<int64_t>(before.status));
    row.bind(5, std::string_view(before.assignee));
    row.bind(6, static_cast<int64_t>(before.count));
    row.bind(7, before.action);
    return row.run();
}

Result<void> put_comment(sqlite::Database& file,
                         int64_t id,
                         const Action& action,
                         const Subject& subject) {
    YAGURA_TRY(auto row,
               file.prepare("INSERT INTO comments(finding, action, time, who, text) VALUES "
                            "(?,?,?,?,?)"));
    row.bind(1, std::string_view(subject.id));
    row.bind(2, id);
    row.bind(3, to_micros(action.time));
    row.bind(4, std::string_view(action.who));
    row.bind(5, std::string_view(action.comment));
    return row.run();
}

Result<int64_t> put_action(sqlite::Database& file, const Action& action) {
    YAGURA_TRY(auto row,
               file.prepare("INSERT INTO actions(time, who, kind, detail) VALUES (?,?,?,?)"));
    row.bind(1, to_micros(action.time));
    row.bind(2, std::string_view(action.who));
    row.bind(3, action_name(action.kind));
    row.bind(4, std::string_view(action.assignee));
    YAGURA_CHECK(row.run());
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
                            "WHERE action = ?"));
    row.bind(1, action);
    std::vector<Change> changes;
    for (;;) {
        YAGURA_TRY(const bool more, row.step());
        if (!more) return changes;
        changes.push_back({std::string(row.text(0)),
                           std::string(row.text(1)),
                           {status_at(row.integer(2)),
                            std::string(row.text(3)),
                            static_cast<uint64_t>(row.integer(4)),
                            row.integer(5)}});
    }
}

// One finding back to what it was; false when it was decided about again since.
Result<bool> take_back(sqlite::Database& file, int64_t action, const Change& change) {
    YAGURA_TRY(const Row now, row_of(file, change.finding));
    if (now.action != action) return false;
    YAGURA_TRY(auto row,
               file.prepare("UPDATE triage SET status = ?, assignee = ?, count = ?, action = ? "
                            "WHERE finding = ?"));
    row.bind(1, static_cast<int64_t>(change.before.status));
    row.bind(2, std::string_view(change.before.assignee));
    row.bind(3, static_cast<int64_t>(change.before.count));
    row.bind(4, change.before.action);
    row.bind(5, std::string_view(change.finding));
    YAGURA_CHECK(row.run());
    YAGURA_TRY(auto comment, file.prepare("DELETE FROM comments WHERE action = ? AND finding = ?"));
    comment.bind(1, action);
    comment.bind(2, std::string_view(change.finding));
    YAGURA_CHECK(comment.run());
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
    Done done;
    YAGURA_CHECK(notebook_.change([&](sqlite::Database& file) -> Result<void> {
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
        return {};
    }));
    return done;
}

Result<uint64_t> Triage::undo(int64_t action, std::string_view who, const AccountScope& scope) {
    uint64_t undone = 0;
    YAGURA_CHECK(notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto row,
                   file.prepare("UPDATE actions SET undone = 1 WHERE id = ? AND who = ? AND "
                                "undone = 0"));
        row.bind(1, action);
        row.bind(2, who);
        YAGURA_CHECK(row.run());
        if (file.changes() == 0) return fail(Code::not_found, say(message::console_no_action));
        YAGURA_TRY(const auto changes, changes_of(file, action));
        for (const Change& change : changes) {
            if (!scope.contains(change.account)) continue;
            YAGURA_TRY(const bool done, take_back(file, action, change));
            undone += done;
        }
        return {};
    }));
    return undone;
}

Result<Triage::ById> Triage::all() {
    ById out;
    YAGURA_CHECK(notebook_.read([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto row, file.prepare("SELECT finding, status, assignee, count FROM triage"));
        for (;;) {
            YAGURA_TRY(const bool more, row.step());
            if (!more) break;
            out[std::string(row.text(0))] = {status_at(row.integer(1)),
                                             std::string(row.text(2)),
                                             static_cast<uint64_t>(row.integer(3)),
                                             0};
        }
        YAGURA_TRY(auto count,
                   file.prepare("SELECT finding, count(*) FROM comments GROUP BY finding"));
        for (;;) {
            YAGURA_TRY(const bool more, count.step());
            if (!more) return {};
            out[std::string(count.text(0))].comments = static_cast<uint32_t>(count.integer(1));
        }
    }));
    return out;
}

Result<std::vector<Comment>> Triage::comments(std::string_view finding) {
    std::vector<Comment> out;
    YAGURA_CHECK(notebook_.read([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto row,
                   file.prepare("SELECT time, who, text FROM comments WHERE finding = ? ORDER BY "
                                "id DESC LIMIT ?"));
        row.bind(1, finding);
        row.bind(2, static_cast<int64_t>(kMaxRead));
        for (;;) {
            YAGURA_TRY(const bool more, row.step());
            if (!more) return {};
            out.push_back(
                {from_micros(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))});
        }
    }));
    std::reverse(out.begin(), out.end());
    return out;
}

Result<std::vector<Deed>> Triage::history(std::string_view finding) {
    std::vector<Deed> out;
    YAGURA_CHECK(notebook_.read([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto row,
                   file.prepare("SELECT a.time, a.who, a.kind, a.detail, a.undone FROM changes c "
                                "JOIN actions a ON a.id = c.action WHERE c.finding = ? ORDER BY "
                                "a.id DESC LIMIT ?"));
        row.bind(1, finding);
        row.bind(2, static_cast<int64_t>(kMaxRead));
        for (;;) {
            YAGURA_TRY(const bool more, row.step());
            if (!more) return {};
            out.push_back({from_micros(row.integer(0)),
                           std::string(row.text(1)),
                           std::string(row.text(2)),
                           std::string(row.text(3)),
                           row.integer(4) != 0});
        }
    }));
    std::reverse(out.begin(), out.end());
    return out;
}

}  // namespace yagura::console
