#include "enrich/geo_book.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>

#include "enrich/mmdb_writer.h"
#include "support/folder.h"

using namespace yagura;
using namespace yagura::enrich;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, std::string_view bytes) {
    const fs::path part = file.parent_path() / ".part";
    std::ofstream(part, std::ios::binary) << bytes;
    fs::rename(part, file);
}

std::string country_database(std::string_view code, std::string_view name = "Testland") {
    MmdbWriter writer;
    writer.add("81.2.69.0/24", place_record(code, name, "テスト国", ""));
    return writer.bytes("Test-Country");
}

std::string city_database(std::string_view code) {
    MmdbWriter writer;
    writer.add("81.2.69.0/24", place_record(code, "Testland", "テスト国", "Testville"));
    return writer.bytes("Test-City");
}

std::string network_database() {
    MmdbWriter writer;
    writer.add("81.2.0.0/16", network_record(64500, "Example Networks"));
    return writer.bytes("Test-ASN");
}

constexpr std::string_view kRanges = R"({"syncToken": "1790000000", "prefixes": [
  {"ip_prefix": "81.2.69.128/25", "region": "eu-west-1", "service": "EC2"}]})";

Place look(const GeoBook& book, std::string_view address) {
    return book.look(*IpAddress::parse(address));
}

}  // namespace

TEST_CASE("without a database an address still says what it is by itself") {
    const GeoBook book;
    CHECK(book.is_empty());
    CHECK(look(book, "10.1.2.3").network == NetworkKind::private_network);
    CHECK(look(book, "10.1.2.3").sentence(Language::english) == "private network");
    CHECK(look(book, "::ffff:10.1.2.3").network == NetworkKind::private_network);
    CHECK(look(book, "8.8.8.8").sentence(Language::english).empty());
    CHECK_FALSE(book.look("example.org"));
}

TEST_CASE("databases of a folder are told by their content and add up") {
    const test::Folder folder;
    write(folder.path() / "one.bin", country_database("GB"));
    write(folder.path() / "two", network_database());
    write(folder.path() / "ranges.txt", kRanges);
    write(folder.path() / "LICENSE.txt", "do what you like");
    const auto book = GeoBook::open({folder.path()});
    REQUIRE(book);
    const Place place = look(**book, "81.2.69.142");
    CHECK(place.country == "GB");
    CHECK(place.country_name.in(Language::japanese) == "テスト国");
    CHECK(place.asn == 64500);
    CHECK(place.organisation == "Example Networks");
    CHECK(place.aws_service == "EC2");
    CHECK(place.aws_region == "eu-west-1");
    CHECK(place.sentence(Language::english) ==
          "Testland · AS64500 Example Networks · AWS EC2 eu-west-1");
    CHECK(look(**book, "81.2.69.1").aws_service.empty());
    CHECK((*book)->sources().size() == 3);
}

TEST_CASE("a city is only taken from who agrees about the country") {
    const test::Folder folder;
    const fs::path country = folder.path() / "country", city = folder.path() / "city";
    write(country, country_database("GB"));
    write(city, city_database("GB"));
    CHECK(look(**GeoBook::open({country, city}), "81.2.69.1").city.english == "Testville");
    write(city, city_database("FR"));
    const Place place = look(**GeoBook::open({country, city}), "81.2.69.1");
    CHECK(place.country == "GB");
    CHECK(place.city.empty());
}

TEST_CASE("the shapes other publishers use are understood") {
    const test::Folder folder;
    MmdbWriter flat;
    flat.add("81.2.69.0/24",
             map({{"country", text("Testland")},
                  {"country_code", text("GB")},
                  {"asn", text("AS64501")},
                  {"as_name", text("Flat Networks")},
                  {"city", text("Testville")}}));
    write(folder.path() / "flat.mmdb", flat.bytes("ipinfo flat"));
    const auto book = GeoBook::open({folder.path() / "flat.mmdb"});
    REQUIRE(book);
    const Place place = look(**book, "81.2.69.1");
    CHECK(place.country == "GB");
    CHECK(place.country_name.english == "Testland");
    CHECK(place.city.english == "Testville");
    CHECK(place.asn == 64501);
    CHECK(place.organisation == "Flat Networks");
}

TEST_CASE("what cannot be used is refused with its name and the reason") {
    const test::Folder folder;
    const fs::path file = folder.path() / "file";
    const auto refused = [&](std::string_view bytes) {
        write(file, bytes);
        const auto book = GeoBook::open({file});
        REQUIRE_FALSE(book);
        CHECK(book.error().sentence().find(file.string()) != std::string::npos);
        return book.error();
    };
    CHECK(refused("plain text").code() == Code::invalid);
    CHECK(refused("").code() == Code::invalid);
    CHECK(refused(country_database("GB").substr(0, 40)).code() == Code::invalid);
    refused(R"({"prefixes": [{"ip_prefix": "nonsense"}]})");
    MmdbWriter domains;
    domains.add("81.2.69.0/24", map({{"domain", text("example.org")}}));
    CHECK(refused(domains.bytes("Test-Domain")).sentence().find("Test-Domain") !=
          std::string::npos);
    fs::remove(file);
    CHECK(GeoBook::open({file}).error().code() == Code::not_found);
    CHECK(GeoBook::open({folder.path()}).error().code() == Code::not_found);
}

TEST_CASE("a replaced database is read again, and a broken one leaves the old in use") {
    const test::Folder folder;
    const fs::path file = folder.path() / "country.mmdb";
    write(file, country_database("GB"));
    const auto book = GeoBook::open({file});
    REQUIRE(book);
    write(file, country_database("FR"));
    CHECK(look(**book, "81.2.69.1").country == "GB");
    (*book)->refresh();
    CHECK(look(**book, "81.2.69.1").country == "FR");

    write(file, "half a database");
    (*book)->refresh();
    CHECK(look(**book, "81.2.69.1").country == "FR");
    REQUIRE((*book)->sources().size() == 1);
    CHECK_FALSE((*book)->sources()[0].problem.empty());

    fs::remove(file);
    (*book)->refresh();
    CHECK(look(**book, "81.2.69.1").country == "FR");
    CHECK_FALSE((*book)->sources()[0].problem.empty());

    write(file, country_database("JP"));
    (*book)->refresh();
    CHECK(look(**book, "81.2.69.1").country == "JP");
    CHECK((*book)->sources()[0].problem.empty());
}

TEST_CASE("files come to a folder and go from it") {
    const test::Folder folder;
    write(folder.path() / "country", country_database("GB"));
    const auto book = GeoBook::open({folder.path()});
    REQUIRE(book);
    write(folder.path() / "asn", network_database());
    (*book)->refresh();
    CHECK(look(**book, "81.2.69.1").asn == 64500);
    fs::remove(folder.path() / "asn");
    (*book)->refresh();
    CHECK_FALSE(look(**book, "81.2.69.1").asn);
    CHECK(look(**book, "81.2.69.1").country == "GB");
}

TEST_CASE("refreshing waits until it is due") {
    const test::Folder folder;
    const fs::path file = folder.path() / "country.mmdb";
    write(file, country_database("GB"));
    const auto book = GeoBook::open({file});
    REQUIRE(book);
    const Timestamp start(std::chrono::hours(1000));
    (*book)->refresh_if_due(start);
    write(file, country_database("FR"));
    (*book)->refresh_if_due(start + std::chrono::seconds(9));
    CHECK(look(**book, "81.2.69.1").country == "GB");
    (*book)->refresh_if_due(start + std::chrono::seconds(10));
    CHECK(look(**book, "81.2.69.1").country == "FR");
}

TEST_CASE("lookups go on while the database is replaced") {
    const test::Folder folder;
    const fs::path file = folder.path() / "country.mmdb";
    write(file, country_database("GB", "Aland"));
    const auto book = GeoBook::open({file});
    REQUIRE(book);
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!done) {
                const Place place = look(**book, "81.2.69.1");
                const bool fits =
                    (place.country == "GB" && place.country_name.english == "Aland") ||
                    (place.country == "FR" && place.country_name.english == "Bland");
                if (!fits) ++wrong;
            }
        });
    }
    for (int i = 0; i < 50; ++i) {
        write(file, i % 2 == 0 ? country_database("FR", "Bland") : country_database("GB", "Aland"));
        (*book)->refresh();
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    CHECK(wrong == 0);
}

TEST_CASE("the databases MaxMind publishes for tests say what they should") {
    const char* shared = std::getenv("YAGURA_SHARED");
    const fs::path folder =
        fs::path(shared ? shared : YAGURA_SOURCE_DIR "/../shared") / "data/mmdb/test-data";
    if (!fs::exists(folder)) {
        MESSAGE("skipped: no databases at " << folder.string());
        return;
    }
    const auto book =
        GeoBook::open({folder / "GeoLite2-City-Test.mmdb", folder / "GeoLite2-ASN-Test.mmdb"});
    REQUIRE(book);
    const Place london = look(**book, "81.2.69.160");
    CHECK(london.country == "GB");
    CHECK(london.country_name.in(Language::japanese) == "イギリス");
    CHECK(london.city.in(Language::japanese) == "ロンドン");
    CHECK(look(**book, "1.128.0.0").asn == 1221);
    CHECK(look(**book, "2001:218::1").country == "JP");
    // Not every database is of use, and broken ones stand beside them.
    CHECK_FALSE(GeoBook::open({folder}));
    CHECK_FALSE(GeoBook::open({folder / "GeoIP2-Domain-Test.mmdb"}));
}
