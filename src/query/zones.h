// Time zones that formatDate() and parseDate() can be given: names of the tz database as the
// engine has it ("Asia/Tokyo", in any case), and offsets ("+09:00", "-0330", "+9", "Z").
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace yagura::query {

struct Zone {
    std::string name;                 // as the engine spells it; empty for an offset
    std::optional<int> minutes_east;  // of an offset
};

// nullopt when there is no such zone.
std::optional<Zone> find_zone(std::string_view text);

// All names, sorted; read from the engine when first asked for. Safe from any thread.
std::span<const std::string> zone_names();

}  // namespace yagura::query
