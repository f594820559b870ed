#include "sql/database.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "support/folder.h"

using namespace yagura;
using namespace yagura::sql;

namespace {

Connection connect(const Options& options = {}) {
    auto database = Database::open(options);
    REQUIRE_MESSAGE(database.has_value(), (database ? "" : database.error().sentence()));
    auto connection = database->connect();
    REQUIRE(connection.has_value());
    return std::move(*connection);
}

std::string text_of(Connection& connection, std::string_view sql) {
    auto rows = connection.query(sql);
    if (!rows) return "error: " + rows.error().sentence();
    std::string out;
    for (;;) {
        auto more = rows->next();
        if (!more) return "error: " + more.error().sentence();
        if (!*more) return out;
        for (size_t row = 0; row < rows->size(); ++row) {
            for (size_t i = 0; i < rows->columns().size(); ++i) {
                if (i > 0) out += '|';
                if (rows->column(i).is_null(row)) out += "NULL";
                rows->column(i).append_text(out, row);
            }
            out += '\n';
        }
    }
}

}  // namespace

TEST_CASE("bound values come back as they were given") {
    auto connection = connect();
    const Value values[] = {std::monostate{},
                            true,
                            int64_t{-9007199254740993},
                            0.1,
                            std::string("it's \"so\" 日本\0x", 18),
                            *parse_iso8601("2024-07-31T12:29:16.123456Z")};
    auto rows = connection.query("SELECT ?, ?, ?, ?, ?, ?", values);
    REQUIRE(rows.has_value());
    auto all = rows->all();
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 1);
    for (size_t i = 0; i < std::size(values); ++i) CHECK((*all)[0][i] == values[i]);
}

TEST_CASE("every type has a text form") {
    auto connection = connect();
    CHECK(text_of(connection,
                  "SELECT true, 1::TINYINT, 65535::USMALLINT, 18446744073709551615::UBIGINT, "
                  "-1::HUGEINT") == "true|1|65535|18446744073709551615|-1\n");
    CHECK(text_of(connection,
                  "SELECT 1.5::DOUBLE, 0.1::FLOAT, -0.05::DECIMAL(10,2), "
                  "12345678901234567890.5::DECIMAL(38,1)") ==
          "1.5|0.1|-0.05|12345678901234567890.5\n");
    CHECK(text_of(connection, "SELECT 100.0::DOUBLE, 1e300::DOUBLE, 'nan'::DOUBLE") ==
          "100|1e+300|nan\n");
    CHECK(text_of(connection,
                  "SELECT TIMESTAMP '2024-07-31 12:29:16', DATE '2024-07-31', TIME '01:02:03'") ==
          "2024-07-31T12:29:16Z|2024-07-31|01:02:03\n");
    CHECK(
        text_of(
            connection,
            "SELECT TIMESTAMPTZ '2024-07-31 12:29:16+09', TIMESTAMP_NS '2024-07-31 12:29:16.5'") ==
        "2024-07-31T03:29:16Z|2024-07-31T12:29:16.500Z\n");
    CHECK(text_of(connection,
                  "SELECT UUID 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', UUID "
                  "'00000000-0000-0000-0000-000000000001'") ==
          "f81d4fae-7dec-11d0-a765-00a0c91e6bf6|00000000-0000-0000-0000-000000000001\n");
    CHECK(
        text_of(
            connection,
            "SELECT [1, NULL, 3], ['a\"b'], {'k': 1, 'l': [true]}, MAP {'x': 1.5::DOUBLE}, NULL") ==
        "[1,null,3]|[\"a\\\"b\"]|{\"k\":1,\"l\":[true]}|{\"x\":1.5}|NULL\n");
    CHECK(text_of(connection,
                  "SELECT INTERVAL '1 month 2 days 3 seconds', 'ab'::BLOB, 'b'::ENUM('a','b')") ==
          "1 month 2 days 00:00:03|ab|b\n");
}

TEST_CASE("a UUID is read in the order its bytes are written") {
    auto connection = connect();
    auto rows = connection.query("SELECT UUID 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'");
    REQUIRE(rows.has_value());
    REQUIRE(rows->next().value());
    CHECK(rows->column(0).type() == Type::uuid);
    CHECK(rows->column(0).uuid(0).high == 0xf81d4fae7dec11d0ull);
    CHECK(rows->column(0).uuid(0).low == 0xa76500a0c91e6bf6ull);
}

TEST_CASE("a big result streams in chunks") {
    auto connection = connect({.memory_limit_bytes = 64u << 20});
    auto rows = connection.query("SELECT i, 'row ' || i FROM range(1000000) t(i)");
    REQUIRE(rows.has_value());
    int64_t sum = 0;
    size_t count = 0;
    while (rows->next().value()) {
        CHECK(rows->size() <= 2048);
        for (size_t row = 0; row < rows->size(); ++row) sum += rows->column(0).integer(row);
        count += rows->size();
    }
    CHECK(count == 1000000);
    CHECK(sum == 499999500000);
}

TEST_CASE("mistakes in SQL are errors with the engine's words") {
    auto connection = connect();
    auto wrong = connection.query("SELEC 1");
    REQUIRE(!wrong.has_value());
    CHECK(wrong.error().code() == Code::invalid);
    CHECK(!connection.query("SELECT nothing FROM nowhere").has_value());
    CHECK(!connection.prepare("SELECT 1; SELECT 2").has_value());
    CHECK(!connection.prepare("").has_value());
    CHECK(!connection.query("SELECT ?").has_value());
    CHECK(connection.query("SELECT 1").has_value());
}

TEST_CASE("a statement tells its kind and columns before it runs") {
    auto connection = connect();
    auto select = connection.prepare("SELECT 1::BIGINT AS one, ?::VARCHAR AS two");
    REQUIRE(select.has_value());
    CHECK(select->kind() == StatementKind::select);
    CHECK(select->parameter_count() == 1);
    REQUIRE(select->columns().size() == 2);
    CHECK(select->columns()[0].name == "one");
    CHECK(select->columns()[1].type == Type::text);
    CHECK(connection.prepare("CREATE TABLE t(a INT)")->kind() == StatementKind::other);
    CHECK(connection.prepare("EXPLAIN SELECT 1")->kind() == StatementKind::explain);
    CHECK(!connection.prepare("COPY (SELECT 1) TO 'x.csv'").has_value());
}

TEST_CASE("a locked engine reads its folder and nothing else") {
    const test::Folder inside, outside;
    inside.write("a.csv", "x\n1\n");
    outside.write("a.csv", "x\n1\n");
    auto connection = connect({.allowed_directories = {inside.path()}});
    CHECK(text_of(connection,
                  "SELECT * FROM read_csv(" + quote_literal((inside / "a.csv").string()) + ")") ==
          "1\n");
    CHECK(!connection
               .query("SELECT * FROM read_csv(" + quote_literal((outside / "a.csv").string()) + ")")
               .has_value());
    CHECK(!connection.query("SELECT * FROM read_text('/etc/hostname')").has_value());
    CHECK(!connection.execute("SET enable_external_access=true").has_value());
    CHECK(!connection.execute("SET memory_limit='8GB'").has_value());
}

TEST_CASE("a running query can be interrupted") {
    auto connection = connect({.threads = 1});
    std::atomic<bool> done = false;
    std::thread other([&] {
        while (!done) {
            connection.interrupt();
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    });
    auto rows =
        connection.query("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)");
    Result<bool> end = rows ? rows->next() : Result<bool>(rows.error());
    done = true;
    other.join();
    REQUIRE(!end.has_value());
    CHECK_MESSAGE(end.error().code() == Code::cancelled, end.error().sentence());
}

TEST_CASE("functions of ours work on vectors, see NULL only if they ask, and can fail") {
    auto connection = connect();
    ScalarFunction shout{"shout", {Type::text}, Type::text};
    shout.call = [](std::span<const ColumnView> in, size_t rows, FunctionOutput& out) {
        for (size_t row = 0; row < rows; ++row) {
            if (in[0].is_null(row)) {
                out.set_null(row);
                continue;
            }
            if (in[0].text(row) == "no") return out.fail("it said no");
            out.set(row, std::string(in[0].text(row)) + "!");
        }
    };
    REQUIRE(connection.add_function(std::move(shout)).has_value());
    ScalarFunction blank{"is_blank", {Type::text}, Type::boolean, true};
    blank.call = [](std::span<const ColumnView> in, size_t rows, FunctionOutput& out) {
        for (size_t row = 0; row < rows; ++row)
            out.set(row, in[0].is_null(row) || in[0].text(row).empty());
    };
    REQUIRE(connection.add_function(std::move(blank)).has_value());
    CHECK(text_of(connection,
                  "SELECT shout(x), is_blank(x) FROM (VALUES ('a'), (NULL), ('a long text that is "
                  "not inlined')) t(x)") ==
          "a!|false\nNULL|true\na long text that is not inlined!|false\n");
    CHECK(text_of(connection, "SELECT shout('no')").find("it said no") != std::string::npos);
}

TEST_CASE("rows and statements may outlive the names they came from") {
    auto rows = [] {
        auto connection = connect();
        return connection.prepare("SELECT i FROM range(5000) t(i)")->run();
    }();
    REQUIRE(rows.has_value());
    CHECK(rows->all()->size() == 5000);
}

TEST_CASE("names and literals are quoted so that nothing breaks out") {
    CHECK(quote_literal("a'b") == "'a''b'");
    CHECK(quote_name("a\"b") == "\"a\"\"b\"");
    auto connection = connect();
    CHECK(text_of(connection,
                  "SELECT " + quote_literal("'; DROP TABLE x; --") + " AS " +
                      quote_name("select \"x\"")) == "'; DROP TABLE x; --\n");
}

TEST_CASE("engines beside each other spill into folders of their own, which go with them") {
    const test::Folder folder;
    const Options options{
        .threads = 1, .memory_limit_bytes = 48u << 20, .temp_directory = folder / "spill"};
    const auto folders = [&] {
        size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder / "spill"))
            count += entry.is_directory();
        return count;
    };
    std::atomic<int> right = 0, alive = 0;
    const auto sort = [&] {
        auto connection = connect(options);
        ++alive;
        while (alive < 2) std::this_thread::yield();
        for (int i = 0; i < 2; ++i) {
            auto rows = connection.query(
                "SELECT count(*), sum(r) FROM (SELECT range AS r FROM range(2000000) ORDER BY "
                "hash(range), range LIMIT 1900000 OFFSET 10)");
            if (!rows) continue;
            auto all = rows->all();
            right += all && (*all)[0][0] == Value(int64_t{1900000});
        }
    };
    std::thread other(sort);
    sort();
    other.join();
    CHECK(right == 4);
    CHECK(folders() == 0);
}

TEST_CASE("what a killed engine spilled is removed, what a living one spills is not") {
    const test::Folder folder;
    const Options options{.temp_directory = folder / "spill"};
    const auto there = [&](const char* name) {
        return std::filesystem::exists(folder / "spill" / name);
    };
    folder.write("spill/yagura-spill-killed/duckdb_temp_storage_DEFAULT-0.tmp", "rows");
    folder.write("spill/something-else/a", "kept");
    const auto one = connect(options);
    CHECK_FALSE(there("yagura-spill-killed"));
    CHECK(there("something-else"));
    const auto two = connect(options);
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "spill")) {
        const bool is_spill = entry.path().filename().string().starts_with("yagura-spill-");
        count += is_spill;
        if (is_spill)
            CHECK((entry.status().permissions() & std::filesystem::perms::others_all) ==
                  std::filesystem::perms::none);
    }
    CHECK(count == 2);
}
