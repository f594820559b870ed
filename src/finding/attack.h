// The tactics of MITRE ATT&CK for Enterprise, in the matrix's own order, and what rule tags say
// about them.
//
//   TacticSet tactics = tactics_of(rule.tags);          // attack.credential-access,
//   attack.credential_access for (Tactic tactic : in_order(tactics)) …
//   tactic_row(tactic).title.in(language()) techniques_of(rule.tags)                             //
//   {"T1078.004", "T1552.005"}
//
// Source: attack.mitre.org, matrix "Enterprise", version 17; later versions split Defense Evasion
// into Stealth and Defense Impairment, whose tags count as Defense Evasion here.
#pragma once

#include <bitset>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"

namespace yagura::finding {

enum class Tactic : uint8_t {
    reconnaissance,
    resource_development,
    initial_access,
    execution,
    persistence,
    privilege_escalation,
    defense_evasion,
    credential_access,
    discovery,
    lateral_movement,
    collection,
    command_and_control,
    exfiltration,
    impact,
};
constexpr size_t kTactics = 14;
using TacticSet = std::bitset<kTactics>;

struct TacticRow {
    std::string_view id;     // "TA0006"
    std::string_view tag;    // "credential-access"
    std::string_view brief;  // Hayabusa's abbreviation: "CredAccess"
    Text title;
};

const TacticRow& tactic_row(Tactic tactic);
// By tag, id or alias, in any case: "credential-access", "TA0006".
std::optional<Tactic> find_tactic(std::string_view name);
TacticSet tactics_of(std::span<const std::string> tags);
std::vector<Tactic> in_order(const TacticSet& tactics);

// Technique ids in upper case, as the tags list them.
std::vector<std::string> techniques_of(std::span<const std::string> tags);

}  // namespace yagura::finding
