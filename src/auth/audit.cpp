#include "auth/audit.h"

#include "auth/names.h"
#include "base/hash.h"
#include "base/messages/auth.h"

namespace yagura::auth {
namespace {

constexpr std::string_view kFields = "id, time, who, address, action, target, detail, result";

// Feeds the hash with a text and its length, so that no two rows read alike.
void seal(Sha256Stream& hash, std::string_view text) {
    const uint64_t size = text.size();
    char length[8];
    for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(size >> (8 * i));
    hash.update({length, sizeof length});
    hash.update(text);
}

std::string chained(std::string_view previous, const AuditRow& row) {
    Sha256Stream hash;
    hash.update("yagura audit 1\n");
    seal(hash, previous);
    seal(hash, std::to_string(row.id));
    seal(hash, std::to_string(to_micros(row.time)));
    const AuditEntry& e = row.entry;
    for (const std::string* field :
         {&e.who, &e.address, &e.action, &e.target, &e.detail, &e.result})
        seal(hash, *field);
    const Sha256 digest = hash.finish();
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

AuditEntry bounded(const AuditEntry& entry) {
    constexpr size_t kField = AuditLog::kLongestField;
    return {clipped(entry.who, kField),
            clipped(entry.address, kField),
            clipped(entry.action, kField),
            clipped(entry.target, kField),
            clipped(entry.detail, AuditLog::kLongestDetail),
            clipped(entry.result, kField)};
}

AuditRow read_row(const sqlite::Statement& row) {
    AuditRow read;
    AuditEntry& e = read.entry;
    row.read(read.id, read.time, e.who, e.address, e.action, e.target, e.detail, e.result);
    return read;
}

struct Head {
    int64_t rows = 0;
    std::string hash;
};

Result<Head> read_head(sqlite::Database& database) {
    YAGURA_TRY(auto row, database.prepare("SELECT rows, hash FROM audit_head"));
    YAGURA_TRY(const bool found, row.step());
    if (!found) return Head{-1, ""};
    return Head{row.integer(0), std::string(row.text(1))};
}

Result<void> insert(sqlite::Database& database, const AuditRow& row, std::string_view hash) {
    const AuditEntry& e = row.entry;
    return database.run("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        row.id,
                        row.time,
                        e.who,
                        e.address,
                        e.action,
                        e.target,
                        e.detail,
                        e.result,
                        sqlite::Blob{hash});
}

std::string hex(std::string_view bytes) {
    Sha256 digest{};
    if (bytes.size() != digest.size()) return "";
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return to_hex(digest);
}

// Walks the chain; `check.rows` and the hash are those of the last good row.
Result<void> walk(sqlite::Database& database, AuditCheck& check, std::string& hash) {
    YAGURA_TRY(
        auto row,
        database.prepare("SELECT " + std::string(kFields) + ", hash FROM audit ORDER BY id"));
    for (;;) {
        YAGURA_TRY(const bool more, row.step());
        if (!more) return {};
        const AuditRow read = read_row(row);
        std::string wanted = chained(hash, read);
        if (read.id != check.rows + 1 || wanted != row.text(8)) {
            check.is_ok = false;
            check.problem = say(read.id != check.rows + 1 ? message::auth_audit_missing
                                                          : message::auth_audit_changed,
                                check.rows + 1);
            return {};
        }
        hash = std::move(wanted);
        ++check.rows;
    }
}

}  // namespace

Result<void> AuditLog::write(const AuditEntry& entry) {
    return file_.change([&](sqlite::Database& database) { return write(database, entry); });
}

Result<void> AuditLog::write(sqlite::Database& database, const AuditEntry& entry) {
    YAGURA_TRY(const Head head, read_head(database));
    if (head.rows < 0) return fail(Code::corrupt, say(message::auth_audit_cut, 0, 0));
    const AuditRow row{head.rows + 1, file_.now(), bounded(entry)};
    const std::string hash = chained(head.hash, row);
    YAGURA_CHECK(insert(database, row, hash));
    return database.run("UPDATE audit_head SET rows = ?, hash = ?", row.id, sqlite::Blob{hash});
}

Result<AuditPage> AuditLog::page(size_t limit, size_t offset) {
    return file_.look([&](sqlite::Database& database) -> Result<AuditPage> {
        AuditPage page;
        YAGURA_TRY(const Head head, read_head(database));
        page.total = head.rows;
        YAGURA_TRY(auto rows,
                   database.prepare("SELECT " + std::string(kFields) +
                                        " FROM audit ORDER BY id DESC LIMIT ? OFFSET ?",
                                    limit,
                                    offset));
        YAGURA_TRY(page.rows, rows.all(read_row));
        return page;
    });
}

Result<AuditCheck> AuditLog::verify() const {
    YAGURA_TRY(auto database, sqlite::Database::open(file_.path(), sqlite::Mode::read));
    AuditCheck check;
    std::string hash;
    // One transaction, hence one moment.
    YAGURA_CHECK(database.execute("BEGIN"));
    YAGURA_TRY(const Head head, read_head(database));
    YAGURA_CHECK(walk(database, check, hash));
    if (check.is_ok && (head.rows != check.rows || head.hash != hash)) {
        check.is_ok = false;
        check.problem = say(message::auth_audit_cut, check.rows, head.rows);
    }
    check.newest_hash = hex(hash);
    return check;
}

Result<AuditCheck> AuditLog::recent_check() {
    const std::lock_guard lock(check_mutex_);
    const Timestamp now = file_.now();
    if (checked_ && now >= *checked_ && now - *checked_ < kCheckAge) return check_;
    YAGURA_TRY(check_, verify());
    checked_ = now;
    return check_;
}

}  // namespace yagura::auth
