// What was done, by whom and from where: rows that only grow, each sealed with the one before it.
//
//   YAGURA_CHECK(audit.write({.who = who.name, .address = peer, .action = "rule.disable", .target =
//   id})); YAGURA_TRY(const AuditCheck check, audit.verify());      // check.is_ok
//
// hash(n) = SHA-256(hash(n-1), fields of row n, each with its length). The number of rows and the
// last hash are kept beside them, so that verify() notices a row that was changed, removed, added
// or moved, and rows cut off at the end. Who can write the file can also write a whole new chain:
// keep copies of the newest hash elsewhere where that matters. Never put secrets into a row.
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "auth/file.h"

namespace yagura::auth {

struct AuditEntry {
    std::string who;  // empty: nobody known
    std::string address;
    std::string action;  // "login", "user.add", "finding.triage"
    std::string target = {};
    std::string detail = {};    // cut at kLongestDetail bytes
    std::string result = "ok";  // "ok", "refused", "throttled", "failed"
};

struct AuditRow {
    int64_t id = 0;  // 1, 2, 3 …
    Timestamp time;
    AuditEntry entry;
};

struct AuditPage {
    std::vector<AuditRow> rows;  // newest first
    int64_t total = 0;
};

struct AuditCheck {
    bool is_ok = true;
    int64_t rows = 0;         // that agree, from the first on
    std::string newest_hash;  // hex, for keeping elsewhere
    std::string problem;      // in the reader's language; empty when all is well
};

class AuditLog {
  public:
    static constexpr size_t kLongestDetail = 2048;
    static constexpr size_t kLongestField = 256;

    explicit AuditLog(File& file) : file_(file) {}

    Result<void> write(const AuditEntry& entry);
    // The same inside a change() of the file, so that the deed and its row are one transaction.
    Result<void> write(sqlite::Database& database, const AuditEntry& entry);

    Result<AuditPage> page(size_t limit, size_t offset);

    // Reads all rows over a connection of its own, so nobody waits for it.
    Result<AuditCheck> verify() const;
    // The same, at most kCheckAge old: for pages that are opened again and again.
    Result<AuditCheck> recent_check();

  private:
    static constexpr std::chrono::seconds kCheckAge{30};

    File& file_;
    std::mutex check_mutex_;
    AuditCheck check_;
    std::optional<Timestamp> checked_;
};

}  // namespace yagura::auth
