#include "finding/attack.h"

#include <algorithm>

#include "base/text.h"

namespace yagura::finding {
namespace {

// clang-format off
constexpr TacticRow kRows[kTactics] = {
    {"TA0043", "reconnaissance",       "Recon",       {"Reconnaissance", "偵察"}},
    {"TA0042", "resource-development", "ResDev",      {"Resource Development", "リソース開発"}},
    {"TA0001", "initial-access",       "InitAccess",  {"Initial Access", "初期アクセス"}},
    {"TA0002", "execution",            "Exec",        {"Execution", "実行"}},
    {"TA0003", "persistence",          "Persis",      {"Persistence", "永続化"}},
    {"TA0004", "privilege-escalation", "PrivEsc",     {"Privilege Escalation", "権限昇格"}},
    {"TA0005", "defense-evasion",      "Evas",        {"Defense Evasion", "防御回避"}},
    {"TA0006", "credential-access",    "CredAccess",  {"Credential Access", "認証情報アクセス"}},
    {"TA0007", "discovery",            "Disc",        {"Discovery", "探索"}},
    {"TA0008", "lateral-movement",     "LatMov",      {"Lateral Movement", "横展開"}},
    {"TA0009", "collection",           "Collect",     {"Collection", "収集"}},
    {"TA0011", "command-and-control",  "C2",          {"Command and Control", "C2（遠隔操作）"}},
    {"TA0010", "exfiltration",         "Exfil",       {"Exfiltration", "持ち出し"}},
    {"TA0040", "impact",               "Impact",      {"Impact", "影響"}},
};
// clang-format on

struct Alias {
    std::string_view tag;
    Tactic tactic;
};
constexpr Alias kAliases[] = {
    {"stealth", Tactic::defense_evasion},
    {"defense-impairment", Tactic::defense_evasion},
    {"defence-evasion", Tactic::defense_evasion},
};

constexpr std::string_view kNamespace = "attack.";

std::string tag_name(std::string_view tag) {
    if (tag.size() <= kNamespace.size() ||
        !equals_ignore_case(tag.substr(0, kNamespace.size()), kNamespace))
        return {};
    std::string name(tag.substr(kNamespace.size()));
    for (char& c : name) c = c == '_' ? '-' : ascii_lower(c);
    return name;
}

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// t1078 or t1078.004
bool is_technique(std::string_view name) {
    if (name.size() < 5 || name[0] != 't' || !is_digits(name.substr(1, 4))) return false;
    return name.size() == 5 || (name.size() == 9 && name[5] == '.' && is_digits(name.substr(6)));
}

}  // namespace

const TacticRow& tactic_row(Tactic tactic) {
    return kRows[static_cast<size_t>(tactic)];
}

std::optional<Tactic> find_tactic(std::string_view name) {
    std::string wanted(name);
    std::replace(wanted.begin(), wanted.end(), '_', '-');
    for (size_t i = 0; i < kTactics; ++i) {
        if (equals_ignore_case(kRows[i].tag, wanted) || equals_ignore_case(kRows[i].id, wanted))
            return static_cast<Tactic>(i);
    }
    for (const Alias& alias : kAliases) {
        if (equals_ignore_case(alias.tag, wanted)) return alias.tactic;
    }
    return std::nullopt;
}

TacticSet tactics_of(std::span<const std::string> tags) {
    TacticSet tactics;
    for (const std::string& tag : tags) {
        const std::string name = tag_name(tag);
        for (size_t i = 0; i < kTactics; ++i) {
            if (kRows[i].tag == name) tactics.set(i);
        }
        for (const Alias& alias : kAliases) {
            if (alias.tag == name) tactics.set(static_cast<size_t>(alias.tactic));
        }
    }
    return tactics;
}

std::vector<Tactic> in_order(const TacticSet& tactics) {
    std::vector<Tactic> ordered;
    for (size_t i = 0; i < kTactics; ++i) {
        if (tactics.test(i)) ordered.push_back(static_cast<Tactic>(i));
    }
    return ordered;
}

std::vector<std::string> techniques_of(std::span<const std::string> tags) {
    std::vector<std::string> techniques;
    for (const std::string& tag : tags) {
        std::string name = tag_name(tag);
        if (!is_technique(name)) continue;
        name[0] = 'T';
        techniques.push_back(std::move(name));
    }
    return techniques;
}

}  // namespace yagura::finding
