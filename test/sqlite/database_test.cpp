#include "sqlite/database.h"

#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

namespace yagura::sqlite {
namespace {

struct File {
    std::filesystem::path path;
    File() {
        static int count = 0;
        path = std::filesystem::temp_directory_path() /
               fmt::format("yagura_sqlite_{}_{}", getpid(), count++);
        std::filesystem::remove(path);
    }
    ~File() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
};

Database opened(const File& file) {
    auto database = Database::open(file.path, Mode::write);
    REQUIRE(database.has_value());
    REQUIRE(database->execute("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT)").has_value());
    return std::move(*database);
}

int64_t rows_of(Database& database) {
    auto count = database.prepare("SELECT count(*) FROM t");
    REQUIRE(count.has_value());
    REQUIRE(count->step().value());
    return count->integer(0);
}

}  // namespace

TEST_CASE("values come back as they were bound, bytes and all") {
    const File file;
    Database database = opened(file);
    auto insert = database.prepare("INSERT INTO t(text) VALUES (?)");
    REQUIRE(insert.has_value());
    const std::string_view texts[] = {"a", "", std::string_view(), std::string_view("x\0y", 3)};
    for (const std::string_view text : texts) {
        insert->bind(1, text);
        REQUIRE(insert->run().has_value());
    }
    insert->bind_null(1);
    REQUIRE(insert->run().has_value());
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
