#include "base/keyed_hash.h"

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace yagura;

namespace {

constexpr size_t kPlaces = 1024;

// As many keys as there are places: spread at random they take 647 of them, give or take 10.
template <class Key>
size_t places_taken(const std::vector<Key>& keys) {
    REQUIRE(keys.size() == kPlaces);
    std::set<uint64_t> taken;
    for (const Key& key : keys) taken.insert(keyed_hash(key) % kPlaces);
    return taken.size();
}

}  // namespace

TEST_CASE("texts chosen for one place by their plain hash are spread by the keyed one") {
    std::vector<std::string> texts;
    for (uint64_t number = 0; texts.size() < kPlaces; ++number) {
        std::string text = fmt::format("agent-{}", number);
        if (hash64(text) % kPlaces == 0) texts.push_back(std::move(text));
    }
    CHECK(places_taken(texts) > 400);
}

TEST_CASE("numbers that agree in any of their bits are spread") {
    for (const int shift : {0, 10, 20, 32, 44, 54}) {
        std::vector<uint64_t> numbers;
        std::vector<Hash128> lows, highs;
        for (uint64_t number = 0; number < kPlaces; ++number) {
            numbers.push_back(number << shift);
            lows.push_back({number << shift, 7});
            highs.push_back({7, number << shift});
        }
        CAPTURE(shift);
        CHECK(places_taken(numbers) > 400);
        CHECK(places_taken(lows) > 400);
        CHECK(places_taken(highs) > 400);
    }
}

TEST_CASE("a key stays what it was drawn as, and another one is drawn elsewhere") {
    const HashKey& key = hash_key();
    CHECK(&key == &hash_key());
    CHECK(keyed_hash("text") == hash64("text", key.low));
    const HashKey other = draw_hash_key();
    CHECK(other.low != key.low);
    CHECK(other.high != key.high);
}

TEST_CASE("maps with keyed hashes are searched with views") {
    std::unordered_map<std::string, int, KeyedTextHash, std::equal_to<>> counts;
    counts["aws-cli"] = 2;
    const std::string_view text = "aws-cli/2";
    CHECK(counts.find(text.substr(0, 7))->second == 2);
    CHECK(counts.find(text) == counts.end());
}
