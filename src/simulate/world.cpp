#include "simulate/world.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace yagura::simulate {
namespace {

constexpr std::array<std::string_view, 6> kNames = {
    "prod", "data", "staging", "shared", "sandbox", "tools"};
constexpr std::array<std::string_view, 4> kRegions = {
    "ap-northeast-1", "us-east-1", "eu-west-1", "us-west-2"};

std::string make_digits(Random& random, int count) {
    std::string digits;
    for (int i = 0; i < count; ++i)
        digits += static_cast<char>('0' + (i == 0 ? 1 + random.below(9) : random.below(10)));
    return digits;
}

Site build_site(std::string_view region, const Account& account, Random random, double scale) {
    Site site;
    site.region = region;
    for (int i = 0; i < 3; ++i) site.nat_addresses.push_back(make_aws_address(random));
    site.vpc_endpoint = "vpce-0";
    append_hex(site.vpc_endpoint, random, 16);
    fill_site(site, account, random.fork("stock"), scale);
    return site;
}

// Every account has us-east-1, where global services record their calls; busier ones have more.
Account build_account(size_t index, Random random, double scale) {
    Account account;
    account.id = make_digits(random, 12);
    account.name =
        index < kNames.size() ? std::string(kNames[index]) : fmt::format("team{}", index);
    account.weight = 1.0 / (1.0 + 0.7 * static_cast<double>(index));
    fill_account(account, random.fork("stock"), scale * std::max(account.weight, 0.4));
    const size_t regions = index == 0 ? 4 : index < 3 ? 3 : 2;
    for (size_t i = 0; i < regions; ++i) {
        const double share = i == 0 ? 1.0 : 0.5;
        account.sites.push_back(build_site(
            kRegions[i], account, random.fork(kRegions[i]), scale * account.weight * share));
    }
    return account;
}

}  // namespace

std::string make_home_address(Random& random) {
    constexpr std::array<int, 8> kFirst = {60, 81, 90, 99, 118, 126, 153, 219};
    return fmt::format("{}.{}.{}.{}",
                       random.pick(kFirst),
                       random.below(256),
                       random.below(256),
                       1 + random.below(254));
}

std::string make_aws_address(Random& random) {
    constexpr std::array<int, 6> kFirst = {3, 13, 18, 35, 52, 54};
    return fmt::format("{}.{}.{}.{}",
                       random.pick(kFirst),
                       64 + random.below(180),
                       random.below(256),
                       1 + random.below(254));
}

World build_world(uint64_t seed, uint32_t accounts, double scale) {
    World world;
    world.seed = seed;
    Random random = Random(seed).fork("world");
    world.organisation = "o-";
    for (int i = 0; i < 10; ++i)
        world.organisation += "abcdefghijklmnopqrstuvwxyz0123456789"[random.below(36)];
    for (int i = 0; i < 3; ++i) world.offices.push_back(make_home_address(random));
    for (uint32_t i = 0; i < accounts; ++i) {
        world.accounts.push_back(
            build_account(i, random.fork(fmt::format("account {}", i)), scale));
    }
    return world;
}

}  // namespace yagura::simulate
