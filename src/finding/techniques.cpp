#include "finding/techniques.h"

#include <algorithm>

namespace yagura::finding {
namespace {

template <class... Tactics>
constexpr uint32_t bits(Tactics... tactics) {
    return ((1u << static_cast<uint32_t>(tactics)) | ...);
}

struct Row {
    std::string_view id;
    uint32_t tactics;
};

// clang-format off
constexpr Row kTechniques[] = {  // by id
    {"T1020", bits(Tactic::exfiltration)},
    {"T1021", bits(Tactic::lateral_movement)},
    {"T1036", bits(Tactic::defense_evasion)},
    {"T1037", bits(Tactic::persistence, Tactic::privilege_escalation)},
    {"T1040", bits(Tactic::credential_access, Tactic::discovery)},
    {"T1046", bits(Tactic::discovery)},
    {"T1048", bits(Tactic::exfiltration)},
    {"T1049", bits(Tactic::discovery)},
    {"T1053", bits(Tactic::execution, Tactic::persistence, Tactic::privilege_escalation)},
    {"T1055", bits(Tactic::privilege_escalation, Tactic::defense_evasion)},
    {"T1059", bits(Tactic::execution)},
    {"T1068", bits(Tactic::privilege_escalation)},
    {"T1069", bits(Tactic::discovery)},
    {"T1070", bits(Tactic::defense_evasion)},
    {"T1071", bits(Tactic::command_and_control)},
    {"T1072", bits(Tactic::execution, Tactic::lateral_movement)},
    {"T1074", bits(Tactic::collection)},
    {"T1078", bits(Tactic::initial_access, Tactic::persistence, Tactic::privilege_escalation, Tactic::defense_evasion)},
    {"T1080", bits(Tactic::lateral_movement)},
    {"T1082", bits(Tactic::discovery)},
    {"T1087", bits(Tactic::discovery)},
    {"T1090.003", bits(Tactic::command_and_control)},
    {"T1095", bits(Tactic::command_and_control)},
    {"T1098", bits(Tactic::persistence, Tactic::privilege_escalation)},
    {"T1110", bits(Tactic::credential_access)},
    {"T1114", bits(Tactic::collection)},
    {"T1119", bits(Tactic::collection)},
    {"T1133", bits(Tactic::initial_access, Tactic::persistence)},
    {"T1136", bits(Tactic::persistence)},
    {"T1189", bits(Tactic::initial_access)},
    {"T1190", bits(Tactic::initial_access)},
    {"T1195", bits(Tactic::initial_access)},
    {"T1199", bits(Tactic::initial_access)},
    {"T1201", bits(Tactic::discovery)},
    {"T1204", bits(Tactic::execution)},
    {"T1211", bits(Tactic::defense_evasion)},
    {"T1212", bits(Tactic::credential_access)},
    {"T1213", bits(Tactic::collection)},
    {"T1219", bits(Tactic::command_and_control)},
    {"T1484", bits(Tactic::privilege_escalation, Tactic::defense_evasion)},
    {"T1485", bits(Tactic::impact)},
    {"T1486", bits(Tactic::impact)},
    {"T1489", bits(Tactic::impact)},
    {"T1490", bits(Tactic::impact)},
    {"T1491", bits(Tactic::impact)},
    {"T1496", bits(Tactic::impact)},
    {"T1498", bits(Tactic::impact)},
    {"T1499", bits(Tactic::impact)},
    {"T1518", bits(Tactic::discovery)},
    {"T1525", bits(Tactic::persistence)},
    {"T1526", bits(Tactic::discovery)},
    {"T1528", bits(Tactic::credential_access)},
    {"T1530", bits(Tactic::collection)},
    {"T1531", bits(Tactic::impact)},
    {"T1534", bits(Tactic::lateral_movement)},
    {"T1535", bits(Tactic::defense_evasion)},
    {"T1537", bits(Tactic::exfiltration)},
    {"T1538", bits(Tactic::discovery)},
    {"T1539", bits(Tactic::credential_access)},
    {"T1543", bits(Tactic::persistence, Tactic::privilege_escalation)},
    {"T1546", bits(Tactic::persistence, Tactic::privilege_escalation)},
    {"T1548", bits(Tactic::privilege_escalation, Tactic::defense_evasion)},
    {"T1550", bits(Tactic::defense_evasion, Tactic::lateral_movement)},
    {"T1552", bits(Tactic::credential_access)},
    {"T1555", bits(Tactic::credential_access)},
    {"T1556", bits(Tactic::persistence, Tactic::defense_evasion, Tactic::credential_access)},
    {"T1557", bits(Tactic::credential_access, Tactic::collection)},
    {"T1562", bits(Tactic::defense_evasion)},
    {"T1564", bits(Tactic::defense_evasion)},
    {"T1565", bits(Tactic::impact)},
    {"T1566", bits(Tactic::initial_access)},
    {"T1567", bits(Tactic::exfiltration)},
    {"T1568.002", bits(Tactic::command_and_control)},
    {"T1571", bits(Tactic::command_and_control)},
    {"T1572", bits(Tactic::command_and_control)},
    {"T1578", bits(Tactic::defense_evasion)},
    {"T1580", bits(Tactic::discovery)},
    {"T1583", bits(Tactic::resource_development)},
    {"T1584", bits(Tactic::resource_development)},
    {"T1585", bits(Tactic::resource_development)},
    {"T1586", bits(Tactic::resource_development)},
    {"T1587", bits(Tactic::resource_development)},
    {"T1588", bits(Tactic::resource_development)},
    {"T1589", bits(Tactic::reconnaissance)},
    {"T1590", bits(Tactic::reconnaissance)},
    {"T1591", bits(Tactic::reconnaissance)},
    {"T1592", bits(Tactic::reconnaissance)},
    {"T1593", bits(Tactic::reconnaissance)},
    {"T1594", bits(Tactic::reconnaissance)},
    {"T1595", bits(Tactic::reconnaissance)},
    {"T1596", bits(Tactic::reconnaissance)},
    {"T1597", bits(Tactic::reconnaissance)},
    {"T1598", bits(Tactic::reconnaissance)},
    {"T1606", bits(Tactic::credential_access)},
    {"T1608", bits(Tactic::resource_development)},
    {"T1609", bits(Tactic::execution)},
    {"T1610", bits(Tactic::execution, Tactic::defense_evasion)},
    {"T1611", bits(Tactic::privilege_escalation)},
    {"T1612", bits(Tactic::defense_evasion)},
    {"T1613", bits(Tactic::discovery)},
    {"T1614", bits(Tactic::discovery)},
    {"T1619", bits(Tactic::discovery)},
    {"T1620", bits(Tactic::defense_evasion)},
    {"T1621", bits(Tactic::credential_access)},
    {"T1648", bits(Tactic::execution)},
    {"T1649", bits(Tactic::credential_access)},
    {"T1650", bits(Tactic::resource_development)},
    {"T1651", bits(Tactic::execution)},
    {"T1654", bits(Tactic::discovery)},
    {"T1656", bits(Tactic::defense_evasion)},
    {"T1657", bits(Tactic::impact)},
    {"T1666", bits(Tactic::defense_evasion)},
    {"T1667", bits(Tactic::impact)},
    {"T1671", bits(Tactic::persistence)},
    {"T1672", bits(Tactic::defense_evasion)},
    {"T1677", bits(Tactic::execution)},
    {"T1680", bits(Tactic::discovery)},
    {"T1681", bits(Tactic::reconnaissance)},
};
// clang-format on

const Row* find_row(std::string_view id) {
    const Row* at =
        std::lower_bound(std::begin(kTechniques),
                         std::end(kTechniques),
                         id,
                         [](const Row& row, std::string_view wanted) { return row.id < wanted; });
    return at != std::end(kTechniques) && at->id == id ? at : nullptr;
}

}  // namespace

std::optional<TacticSet> tactics_of_technique(std::string_view technique) {
    const Row* row = find_row(technique);
    if (!row) row = find_row(technique.substr(0, technique.find('.')));
    return row ? std::optional(TacticSet(row->tactics)) : std::nullopt;
}

}  // namespace yagura::finding
