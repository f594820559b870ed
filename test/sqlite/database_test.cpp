#include "sqlite/database.h"

#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/folder.h"

namespace yagura::sqlite {
namespace {

// Where a database may be.
struct File {
    test::Folder folder;
    std::filesystem::path path = folder / "notes.sqlite";
};

Database opened(const File& file) {
    auto database = Database::open(file.path, Mode::write);
    REQUIRE(database.has_value());
    REQUIRE(database->execute("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT)").has_value());
    return std::move(*database);
}

int64_t rows_of(Database& database) {
    return database.number("SELECT count(*) FROM t").value();
}

}  // namespace

enum class Colour { red, green };

TEST_CASE("texts come back as they were bound, bytes and all") {
    const File file;
    Database database = opened(file);
    const std::string_view texts[] = {"a", "", std::string_view(), std::string_view("x\0y", 3)};
    for (const std::string_view text : texts)
        REQUIRE(database.run("INSERT INTO t(text) VALUES (?)", text).has_value());
    REQUIRE(database.run("INSERT INTO t(text) VALUES (?)", nullptr).has_value());
    CHECK(database.last_id() == 5);
    auto row = database.prepare("SELECT text FROM t ORDER BY id");
    REQUIRE(row.has_value());
    for (const std::string_view text : texts) {
        REQUIRE(row->step().value());
        CHECK(!row->is_null(0));
        CHECK(row->text(0) == text);
    }
    REQUIRE(row->step().value());
    CHECK(row->is_null(0));
    CHECK(!row->step().value());
}

TEST_CASE("values of every kind go in and come back in order") {
    const File file;
    Database database = opened(file);
    REQUIRE(database.execute("CREATE TABLE kinds(a, b, c, d, e, f, g)").has_value());
    const std::string text = "アクセス";
    const Timestamp time = from_micros(1'700'000'000'123'456);
    REQUIRE(database
                .run("INSERT INTO kinds VALUES (?,?,?,?,?,?,?)",
                     uint64_t{1} << 40,
                     true,
                     Colour::green,
                     text,
                     time,
                     std::optional<std::string>(),
                     std::optional<Timestamp>(time))
                .has_value());
    auto row = database.prepare("SELECT * FROM kinds");
    REQUIRE(row.has_value());
    REQUIRE(row->step().value());
    uint64_t number = 0;
    bool flag = false;
    Colour colour = Colour::red;
    std::string read_text;
    Timestamp read_time;
    std::optional<std::string> nothing = "before";
    std::optional<Timestamp> some;
    row->read(number, flag, colour, read_text, read_time, nothing, some);
    CHECK(number == uint64_t{1} << 40);
    CHECK(flag);
    CHECK(colour == Colour::green);
    CHECK(read_text == text);
    CHECK(read_time == time);
    CHECK(!nothing);
    CHECK(some == time);
}

TEST_CASE("a blob is bytes to the database, the empty one too") {
    const File file;
    Database database = opened(file);
    for (const std::string_view bytes : {std::string_view("\xff\0", 2), std::string_view()})
        REQUIRE(database.run("INSERT INTO t(text) VALUES (?)", Blob{bytes}).has_value());
    CHECK(database.number("SELECT count(*) FROM t WHERE typeof(text) = 'blob'").value() == 2);
    CHECK(database.number("SELECT length(text) FROM t WHERE id = ?", 1).value() == 2);
}

TEST_CASE("rows are walked, gathered, or only the first is wanted") {
    const File file;
    Database database = opened(file);
    REQUIRE(database.execute("INSERT INTO t(text) VALUES ('a'), ('b'), ('c')").has_value());
    const auto after = [&](int id) {
        return database.prepare("SELECT text FROM t WHERE id > ? ORDER BY id", id).value();
    };
    const auto text = [](const Statement& row) { return std::string(row.text(0)); };
    CHECK(after(1).all(text).value() == std::vector<std::string>{"b", "c"});
    CHECK(after(1).first(text).value() == "b");
    CHECK(!after(3).first(text).value());
    std::string seen;
    CHECK(after(0).each([&](const Statement& row) { seen += row.text(0); }).has_value());
    CHECK(seen == "abc");
    const auto stopped = after(0).each([&](const Statement& row) -> Result<void> {
        seen += row.text(0);
        if (row.text(0) == "b") return fail(Code::limit, "enough");
        return {};
    });
    CHECK(stopped.error().code() == Code::limit);
    CHECK(seen == "abcab");
}

TEST_CASE("a number without a row is an error") {
    const File file;
    Database database = opened(file);
    CHECK(database.number("SELECT count(*) FROM t").value() == 0);
    CHECK(database.number("SELECT id FROM t").error().code() == Code::corrupt);
}

TEST_CASE("what was bound before is gone when a statement is used again") {
    const File file;
    Database database = opened(file);
    REQUIRE(database.run("INSERT INTO t(text) VALUES (?)", "a").has_value());
    REQUIRE(database.run("INSERT INTO t(text) VALUES (?)").has_value());
    CHECK(database.number("SELECT count(*) FROM t WHERE text IS NULL").value() == 1);
}

TEST_CASE("a transaction that fails leaves nothing behind") {
    const File file;
    Database database = opened(file);
    const auto insert = [&] { return database.execute("INSERT INTO t(text) VALUES ('a')"); };
    CHECK(database.transaction(insert).has_value());
    CHECK(database.changes() == 1);
    const auto failed = database.transaction([&]() -> Result<void> {
        YAGURA_CHECK(insert());
        return fail(Code::limit, "no more");
    });
    REQUIRE(!failed.has_value());
    CHECK(failed.error().code() == Code::limit);
    CHECK(rows_of(database) == 1);
    CHECK(database.transaction([&]() -> Result<int> { return 7; }).value() == 7);
    CHECK(database.transaction(insert).has_value());
    CHECK(rows_of(database) == 2);
}

TEST_CASE("a file that is no database is damage, and the sentence names it") {
    const File file;
    std::ofstream(file.path) << std::string(4096, 'x');
    auto database = Database::open(file.path, Mode::read);
    auto tables = database ? database->execute("SELECT count(*) FROM sqlite_schema")
                           : Result<void>(database.error());
    REQUIRE(!tables.has_value());
    CHECK(tables.error().code() == Code::corrupt);
    CHECK(tables.error().sentence().find(file.path.string()) != std::string::npos);
}

TEST_CASE("reading a file that is not there does not make it") {
    const File file;
    const auto database = Database::open(file.path, Mode::read);
    REQUIRE(!database.has_value());
    CHECK(database.error().code() == Code::not_found);
    CHECK(!std::filesystem::exists(file.path));
}

}  // namespace yagura::sqlite
