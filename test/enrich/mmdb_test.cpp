#include "enrich/mmdb.h"

#include <cstdlib>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "enrich/mmdb_writer.h"

using namespace yagura;
using namespace yagura::enrich;

namespace {

namespace fs = std::filesystem;

std::string code_at(const Mmdb& database, std::string_view address) {
    const auto record = database.find(*IpAddress::parse(address));
    return record ? std::string(record->text({"country", "iso_code"})) : "-";
}

std::string european(int bits, int family = 6) {
    MmdbWriter writer(bits, family);
    writer.add("81.2.69.0/24", place_record("GB", "United Kingdom", "イギリス", "London"));
    writer.add("89.160.20.112/28", place_record("SE", "Sweden", "スウェーデン", ""));
    if (family == 6) writer.add("2001:218::/32", place_record("JP", "Japan", "日本", ""));
    return writer.bytes("Test-Country");
}

// One entry whose country has `before` in front of its code.
std::string with_value(const std::string& value) {
    MmdbWriter writer(24, 4);
    writer.add("1.0.0.0/8", value);
    return writer.bytes("Test-Country");
}

fs::path shared_databases() {
    const char* shared = std::getenv("YAGURA_SHARED");
    return fs::path(shared ? shared : YAGURA_SOURCE_DIR "/../shared") / "data/mmdb/test-data";
}

}  // namespace

TEST_CASE("an address is found in trees of every width, and its neighbours are not") {
    for (const int bits : {24, 28, 32}) {
        CAPTURE(bits);
        const auto database = Mmdb::read(european(bits));
        REQUIRE(database);
        CHECK(code_at(*database, "81.2.69.0") == "GB");
        CHECK(code_at(*database, "81.2.69.255") == "GB");
        CHECK(code_at(*database, "81.2.70.0") == "-");
        CHECK(code_at(*database, "89.160.20.127") == "SE");
        CHECK(code_at(*database, "89.160.20.128") == "-");
        CHECK(code_at(*database, "2001:218:ffff::1") == "JP");
        CHECK(code_at(*database, "2001:219::1") == "-");
        CHECK(database->type() == "Test-Country");
        CHECK(database->built() == Timestamp(std::chrono::seconds(1'790'000'000)));
    }
}

TEST_CASE("a database of IPv4 alone knows no IPv6 address") {
    const auto database = Mmdb::read(european(24, 4));
    REQUIRE(database);
    CHECK(code_at(*database, "81.2.69.7") == "GB");
    CHECK(code_at(*database, "2001:218::1") == "-");
}

TEST_CASE("values behind pointers are read, and what follows them too") {
    MmdbWriter writer(24, 4);
    writer.add("1.0.0.0/8", text("JP"));
    const std::string iso = map({{"names", map({{"en", pointer(0)}})}, {"iso_code", pointer(0)}});
    writer.add("2.0.0.0/8", map({{"country", iso}}));
    const auto database = Mmdb::read(writer.bytes("Test"));
    REQUIRE(database);
    CHECK(code_at(*database, "2.1.1.1") == "JP");
}

TEST_CASE("numbers and lists are read; a wrong kind is nothing") {
    const auto database = Mmdb::read(with_value(
        map({{"n", uint32(64500)}, {"list", list({text("a"), text("b")})}, {"t", text("x")}})));
    REQUIRE(database);
    const auto record = database->find(*IpAddress::parse("1.2.3.4"));
    REQUIRE(record);
    CHECK(record->number({"n"}) == 64500);
    CHECK(record->text({"list", "1"}) == "b");
    CHECK(record->text({"list", "2"}).empty());
    CHECK(record->text({"n"}).empty());
    CHECK_FALSE(record->number({"t"}));
    CHECK(record->text({"t", "deeper"}).empty());
}

TEST_CASE("text that is no UTF-8 is not handed on") {
    const auto database = Mmdb::read(with_value(map({{"city", text("\xff\xfe")}})));
    REQUIRE(database);
    CHECK(database->find(*IpAddress::parse("1.2.3.4"))->text({"city"}).empty());
}

TEST_CASE("maps within maps without end do not end the program") {
    std::string deep;
    for (int i = 0; i < 200'000; ++i) deep += MmdbWriter::control(7, 1) + text("a");
    const auto database = Mmdb::read(
        with_value(map({{"a", deep + MmdbWriter::control(7, 0)}, {"country", text("x")}})));
    REQUIRE_FALSE(database);
    CHECK(database.error().code() == Code::invalid);
}

TEST_CASE("a map that claims more members than the file holds is refused") {
    const auto database = Mmdb::read(with_value(std::string("\xff\xff\xff\xff", 4)));
    REQUIRE_FALSE(database);
    CHECK(database.error().code() == Code::invalid);
}

TEST_CASE("entries that point at each other are refused") {
    // A map whose only member is the map itself.
    const auto endless = Mmdb::read(with_value(map({{"a", pointer(0)}})));
    REQUIRE_FALSE(endless);
    const auto pointer_to_pointer = Mmdb::read(with_value(pointer(0)));
    REQUIRE_FALSE(pointer_to_pointer);
}

TEST_CASE("a database cut anywhere is refused or answers within bounds") {
    const std::string whole = european(28);
    for (size_t size = 0; size < whole.size(); ++size) {
        const auto database = Mmdb::read(whole.substr(0, size));
        if (database) code_at(*database, "81.2.69.7");
    }
    CHECK_FALSE(Mmdb::read(whole.substr(0, whole.size() / 2)));
    CHECK_FALSE(Mmdb::read(""));
}

TEST_CASE("any one byte changed is refused or answers within bounds") {
    const std::string whole = european(24);
    size_t refused = 0;
    for (size_t at = 0; at < whole.size(); ++at) {
        for (const int change : {0x01, 0x80, 0xff}) {
            std::string bytes = whole;
            bytes[at] = static_cast<char>(bytes[at] ^ change);
            const auto database = Mmdb::read(std::move(bytes));
            refused += !database;
            if (!database) continue;
            code_at(*database, "81.2.69.7");
            code_at(*database, "2001:218::1");
        }
    }
    CHECK(refused > 0);
}

TEST_CASE("a file that is there no more, or none of this kind, is told") {
    CHECK(Mmdb::open("/nowhere/at/all.mmdb").error().code() == Code::io);
    CHECK(Mmdb::read("PK\x03\x04 something else").error().code() == Code::invalid);
}

TEST_CASE("the format's own test databases are read as they say they are") {
    const fs::path folder = shared_databases();
    if (!fs::exists(folder)) {
        MESSAGE("skipped: no databases at " << folder.string());
        return;
    }
    for (const char* name : {"mixed", "ipv6"}) {
        for (const int bits : {24, 28, 32}) {
            CAPTURE(name);
            CAPTURE(bits);
            const auto file = fmt::format("MaxMind-DB-test-{}-{}.mmdb", name, bits);
            const auto database = Mmdb::open(folder / file);
            REQUIRE(database);
            const auto record = database->find(*IpAddress::parse("::2:0:50"));
            REQUIRE(record);
            CHECK(record->text({"ip"}) == "::2:0:50");
        }
    }
    const auto decoder = Mmdb::open(folder / "MaxMind-DB-test-decoder.mmdb");
    REQUIRE(decoder);
    const auto record = decoder->find(*IpAddress::parse("1.1.1.0"));
    REQUIRE(record);
    CHECK(record->text({"utf8_string"}) == "unicode! ☯ - ♫");
    CHECK(record->number({"uint16"}) == 100);
    CHECK(record->number({"uint64"}) == 1152921504606846976ull);
    CHECK(record->text({"map", "mapX", "utf8_stringX"}) == "hello");
    for (const char* broken : {"GeoIP2-City-Test-Broken-Double-Format.mmdb",
                               "GeoIP2-City-Test-Invalid-Node-Count.mmdb",
                               "MaxMind-DB-test-broken-pointers-24.mmdb"}) {
        CAPTURE(std::string(broken));
        CHECK_FALSE(Mmdb::open(folder / broken));
    }
}
