// The organisation the incident happens in: accounts, Regions, and all that stands in them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulate/slots.h"

namespace yagura::simulate {

struct World {
    uint64_t seed = 0;
    std::string organisation;          // "o-" and ten characters
    std::vector<std::string> offices;  // public addresses people at work appear from
    std::vector<Account> accounts;     // the first is production, where incidents happen
};

// Builds `accounts` (1–20) accounts. `scale` multiplies how many things of each kind exist.
World build_world(uint64_t seed, uint32_t accounts, double scale);

// A public address of a home or mobile network, and one of AWS's own address space.
std::string make_home_address(Random& random);
std::string make_aws_address(Random& random);

}  // namespace yagura::simulate
