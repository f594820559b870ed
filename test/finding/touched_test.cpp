#include "finding/touched.h"

#include <algorithm>
#include <random>
#include <span>
#include <string>

#include <doctest/doctest.h>

using namespace yagura;
using namespace yagura::finding;

namespace {

// What is left of the order and the pool.
std::vector<std::pair<std::string, uint64_t>> told(const Touched& touched, const StringPool& pool) {
    std::vector<std::pair<std::string, uint64_t>> out;
    for (const TouchedResource& one : touched.most(pool))
        out.emplace_back(pool.text(one.key), one.count);
    out.emplace_back("others", touched.others());
    return out;
}

std::vector<std::string> made_keys(size_t kinds, size_t times) {
    std::vector<std::string> keys;
    for (size_t i = 0; i < kinds; ++i)
        for (size_t j = 0; j <= i % times; ++j)
            keys.push_back("AWS::S3::Bucket/bucket-" + std::to_string(i));
    return keys;
}

void add_all(Touched& touched, std::span<const std::string> keys, StringPool& pool) {
    for (const std::string& key : keys) touched.add(touched_rank(key), key, 1, pool);
}

}  // namespace

TEST_CASE("resources are counted, the most touched first") {
    StringPool pool;
    Touched touched;
    const std::string keys[] = {"AWS::S3::Bucket/b", "AWS::S3::Bucket/a", "AWS::S3::Bucket/b"};
    add_all(touched, keys, pool);
    CHECK(told(touched, pool) ==
          std::vector<std::pair<std::string, uint64_t>>{
              {"AWS::S3::Bucket/b", 2}, {"AWS::S3::Bucket/a", 1}, {"others", 0}});
}

TEST_CASE("what stays of too many depends on neither order nor parts") {
    std::vector<std::string> keys = made_keys(200, 5);
    StringPool first_pool;
    Touched whole;
    add_all(whole, keys, first_pool);
    CHECK(whole.all().size() == Touched::kMost);
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        std::shuffle(keys.begin(), keys.end(), random);
        const size_t middle = random() % keys.size();
        StringPool pool, other_pool;
        Touched ours, theirs;
        add_all(ours, std::span(keys).first(middle), pool);
        add_all(theirs, std::span(keys).subspan(middle), other_pool);
        ours.merge(
            theirs, [&](StringId id) { return other_pool.text(id); }, pool);
        CHECK(told(ours, pool) == told(whole, first_pool));
    }
}

TEST_CASE("counts of those that stay are exact and the rest adds up") {
    const std::vector<std::string> keys = made_keys(300, 7);
    StringPool pool;
    Touched touched;
    add_all(touched, keys, pool);
    uint64_t sum = touched.others();
    for (const TouchedResource& one : touched.most(pool)) {
        const auto times = std::count(keys.begin(), keys.end(), pool.text(one.key));
        CHECK(one.count == static_cast<uint64_t>(times));
        sum += one.count;
    }
    CHECK(sum == keys.size());
}

TEST_CASE("a bucket stays however many of its objects were read") {
    StringPool pool;
    Touched touched;
    for (int i = 0; i < 500; ++i) {
        const std::string keys[] = {"AWS::S3::Object/logs/" + std::to_string(i),
                                    "AWS::S3::Bucket/logs"};
        add_all(touched, keys, pool);
    }
    CHECK(pool.text(touched.most(pool).front().key) == "AWS::S3::Bucket/logs");
    CHECK(touched.most(pool).front().count == 500);
}

TEST_CASE("without room nothing new is told apart") {
    StringPool pool;
    Touched touched;
    const std::string a = "AWS::S3::Bucket/a", b = "AWS::S3::Bucket/b";
    CHECK(touched.add(touched_rank(a), a, 1, pool, true) == 1);
    CHECK(touched.add(touched_rank(b), b, 4, pool, false) == 0);
    CHECK(touched.add(touched_rank(a), a, 1, pool, false) == 0);
    CHECK(touched.all().size() == 1);
    CHECK(touched.others() == 4);
}
