#include "base/hash.h"

#include <string>
#include <unordered_map>

#include <doctest/doctest.h>

using namespace yagura;

TEST_CASE("SHA-256 equals the vectors of FIPS 180-2") {
    CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("fast hashes depend on every byte and on the seed") {
    CHECK(hash64("event") == hash64("event"));
    CHECK(hash64("event") != hash64("evenu"));
    CHECK(hash64("event") != hash64("event", 1));
    CHECK(hash128("event") == hash128("event"));
    CHECK(!(hash128("event") == hash128("event", 1)));
}

TEST_CASE("fast hashes stay what they are, since they are stored") {
    // XXH3 of the empty text, from the published test vectors of xxHash 0.8.
    CHECK(hash64("") == 0x2D06800538D394C2ULL);
    CHECK(hash128("").high == 0x99AA06D3014798D8ULL);
    CHECK(hash128("").low == 0x6001C324468D497FULL);
}

TEST_CASE("tables keyed by strings are searched with views") {
    std::unordered_map<std::string, int, TextHash, std::equal_to<>> table{{"srcaddr", 1}};
    CHECK(table.find(std::string_view("srcaddr")) != table.end());
    CHECK(table.find(std::string_view("dstaddr")) == table.end());
}
