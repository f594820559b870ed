// Levels that the people of a place give to rules that are not theirs: the file that remembers
// them.
//
//   - rule: 3c3bd63c-0ab3-4b4d-9d3c-7f6f1b0b3c5e
//     title: A user was given administrator rights
//     level: medium
//     who: alice
//     when: 2026-11-22T03:04:05Z
//     reason: Here the platform team does this every Monday.
//
//   Problems problems("levels.yml");
//   const std::vector<TunedLevel> levels = read_levels(text, problems);
//   const auto before = apply_levels(set, levels);
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "match/ir.h"
#include "rule/problems.h"

namespace yagura::rule {

struct RuleSet;

struct TunedLevel {
    std::string rule;   // id
    std::string title;  // as it was then, for whoever reads the file
    match::Level level = match::Level::medium;
    std::string who;
    Timestamp when{};
    std::string reason;
    friend bool operator==(const TunedLevel&, const TunedLevel&) = default;
};

constexpr size_t kMaxTunedLevels = 4000;

// Entries without a mistake; an id comes once, the last time it stands there.
std::vector<TunedLevel> read_levels(std::string_view text, Problems& problems);

// What read_levels() reads back.
std::string levels_text(const std::vector<TunedLevel>& levels);

// Gives the rules, correlations and first-seen rules of the set these levels. Returns those that
// the rules themselves say, by id.
std::map<std::string, match::Level, std::less<>> apply_levels(
    RuleSet& set, const std::vector<TunedLevel>& levels);

}  // namespace yagura::rule
