// The columns of CSV output: one row each with its header and how to read it from a match; and the
// profiles, which are lists of them in an order that does not change between versions (new columns
// go to the end).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/language.h"
#include "finding/hit.h"

namespace yagura::report {

struct Column {
    std::string_view header;
    std::string (*text)(const finding::HitView& hit);
    Text sentence;
};

struct Profile {
    std::string_view name;  // value of --profile-columns
    Text sentence;
    std::span<const Column* const> columns;
};

// suzaku: what users of Suzaku's default profile expect, name for name. standard: what a responder
// reads first. verbose: all.
std::span<const Profile> profiles();
const Profile* find_profile(std::string_view name);

}  // namespace yagura::report
