#include "auth/audit.h"

#include <thread>

#include "auth/made.h"
#include "base/text.h"

namespace yagura::auth {
namespace {

// A log of ten rows whose guards against change are off.
struct Open : MadeGate {
    Open() {
        for (int i = 0; i < 10; ++i) write(fmt::format("thing {}", i));
        tamper(
            "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_removed; "
            "CREATE TABLE kept AS SELECT * FROM audit; "
            "CREATE TABLE kept_head AS SELECT * FROM audit_head");
    }
    // The ten rows as they were.
    void restore() {
        tamper(
            "BEGIN; DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; "
            "DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head; COMMIT");
        REQUIRE(check().is_ok);
    }
    void write(const std::string& target) {
        must((*this)->audit().write({.who = "mika",
                                     .address = "192.0.2.1",
                                     .action = "thing.change",
                                     .target = target,
                                     .detail = "a"}));
    }
    AuditCheck check() { return must((*this)->audit().verify()); }
};

}  // namespace

TEST_CASE("rows come newest first, by page, with their time") {
    Open made;
    const AuditPage page = must(made->audit().page(3, 2));
    CHECK(page.total == 10);
    REQUIRE(page.rows.size() == 3);
    CHECK(page.rows[0].id == 8);
    CHECK(page.rows[0].entry.target == "thing 7");
    CHECK(page.rows[0].time == made.now());
    CHECK(must(made->audit().page(100, 9)).rows.size() == 1);
    CHECK(must(made->audit().page(100, 10)).rows.empty());
}

TEST_CASE("an untouched chain is sound, also an empty one and after a restart") {
    MadeGate empty;
    CHECK(must(empty->audit().verify()).is_ok);
    Open made;
    const AuditCheck check = made.check();
    CHECK(check.is_ok);
    CHECK(check.rows == 10);
    CHECK(check.newest_hash.size() == 64);
    made.open();
    made.write("one more");
    CHECK(made.check().rows == 11);
    CHECK(made.check().newest_hash != check.newest_hash);
}

TEST_CASE("a change of any field of any row is found and located") {
    Open made;
    for (const char* change : {"time = time + 1",
                               "who = 'ken'",
                               "address = ''",
                               "action = 'thing.changes'",
                               "target = target || ' '",
                               "detail = ''",
                               "result = 'refused'",
                               "hash = zeroblob(32)",
                               "hash = x''",
                               // Moved from one field to the next.
                               "action = 'thing.chang', target = 'e' || target"}) {
        for (const int row : {1, 5, 10}) {
            CAPTURE(change);
            CAPTURE(row);
            made.tamper(fmt::format("UPDATE audit SET {} WHERE id = {}", change, row).c_str());
            const AuditCheck check = made.check();
            CHECK(!check.is_ok);
            CHECK(check.rows == row - 1);
            CHECK(check.problem == fmt::format("row {} of the audit log was changed", row));
            made.restore();
        }
    }
}

TEST_CASE("rows that are removed, moved, doubled or cut off are found") {
    Open made;
    for (const char* change :
         {"DELETE FROM audit WHERE id = 1",
          "DELETE FROM audit WHERE id = 5",
          "DELETE FROM audit WHERE id = 10",
          "DELETE FROM audit WHERE id > 3",
          "DELETE FROM audit",
          "DELETE FROM audit WHERE id = 5; UPDATE audit SET id = id - 1 WHERE id > 5",
          "UPDATE audit SET id = 99 WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 5; "
          "UPDATE audit SET id = 5 WHERE id = 99",
          "INSERT INTO audit SELECT 11, time, who, address, action, target, detail, result, hash "
          "FROM audit WHERE id = 10",
          "UPDATE audit SET id = 0 WHERE id = 1",
          "UPDATE audit_head SET rows = 9",
          "UPDATE audit_head SET hash = zeroblob(32)",
          "DELETE FROM audit_head"}) {
        CAPTURE(change);
        made.tamper(change);
        CHECK(!made.check().is_ok);
        CHECK(!made.check().problem.empty());
        made.restore();
    }
}

TEST_CASE("the file itself refuses to change or remove rows") {
    MadeGate made;
    made.add("mika");
    for (const char* change : {"UPDATE audit SET who = 'x'", "DELETE FROM audit"}) {
        auto database = must(sqlite::Database::open(made.file(), sqlite::Mode::write));
        CHECK(!database.execute(change).has_value());
    }
    CHECK(must(made->audit().verify()).is_ok);
}

TEST_CASE("a log that lost its head takes no more rows, as they could not be told from others") {
    Open made;
    made.tamper("DELETE FROM audit_head");
    CHECK(code_of(made->audit().write({.action = "x"})) == Code::corrupt);
}

TEST_CASE("fields of strangers are bounded and made valid, and the chain holds over them") {
    Open made;
    must(made->audit().write({.who = std::string(100'000, 'w'),
                              .address = "\xFF\xFE",
                              .action = std::string("a\0b", 3),
                              .target = std::string(300, '\xE3'),
                              .detail = std::string(100'000, 'd')}));
    const AuditRow row = must(made->audit().page(1, 0)).rows[0];
    CHECK(row.entry.who.size() <= AuditLog::kLongestField);
    CHECK(row.entry.detail.size() <= AuditLog::kLongestDetail);
    CHECK(row.entry.detail.ends_with("…"));
    CHECK(row.entry.action == std::string("a\0b", 3));
    for (const std::string* field : {&row.entry.address, &row.entry.target})
        CHECK(is_valid_utf8(*field));
    CHECK(made.check().is_ok);
}

TEST_CASE("a check may be reused for a little while") {
    Open made;
    CHECK(must(made->audit().recent_check()).is_ok);
    made.tamper("DELETE FROM audit WHERE id = 5");
    CHECK(must(made->audit().recent_check()).is_ok);
    made.pass(std::chrono::seconds(30));
    CHECK(!must(made->audit().recent_check()).is_ok);
}

TEST_CASE("writers and checks at the same time agree") {
    Open made;
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&, i] {
            for (int row = 0; row < 20; ++row) {
                if (!made->audit().write({.who = fmt::format("t{}", i), .action = "x"})) ++wrong;
                const auto check = made->audit().verify();
                if (!check || !check->is_ok) ++wrong;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(made.check().rows == 10 + 60);
}

TEST_CASE("a deed and its row are one: what fails leaves neither") {
    MadeGate made;
    made.add("mika");
    made.tamper("DROP TRIGGER audit_is_not_removed; DELETE FROM audit_head");
    CHECK(!made->people().remove("mika", kActor).has_value());
    CHECK(made->people().find("mika").has_value());
}

}  // namespace yagura::auth
