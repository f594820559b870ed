#include "match/ir.h"

#include "base/text.h"

namespace yagura::match {
namespace {

constexpr std::string_view kLevelNames[] = {"informational", "low", "medium", "high", "critical"};

struct LevelAlias {
    std::string_view name;
    Level level;
};
constexpr LevelAlias kLevelAliases[] = {
    {"info", Level::informational},
    {"med", Level::medium},
    {"crit", Level::critical},
};

bool part_covers(const std::string& wanted, std::string_view offered) {
    return wanted.empty() || equals_ignore_case(wanted, offered);
}

}  // namespace

bool operator==(const Operand& a, const Operand& b) {
    return a.kind == b.kind && a.text == b.text && a.number == b.number;
}

bool operator==(const Predicate& a, const Predicate& b) {
    return a.field == b.field && a.op == b.op && a.operands == b.operands && a.cased == b.cased &&
           a.part == b.part && a.terms == b.terms && a.every == b.every;
}

std::string_view level_name(Level level) {
    return kLevelNames[static_cast<size_t>(level)];
}

std::optional<Level> level_from_name(std::string_view name) {
    for (size_t i = 0; i < std::size(kLevelNames); ++i) {
        if (equals_ignore_case(name, kLevelNames[i])) return static_cast<Level>(i);
    }
    for (const LevelAlias& alias : kLevelAliases) {
        if (equals_ignore_case(name, alias.name)) return alias.level;
    }
    return std::nullopt;
}

bool RuleSource::covers(const logtype::Logsource& source) const {
    return part_covers(product, source.product) && part_covers(service, source.service) &&
           part_covers(category, source.category);
}

}  // namespace yagura::match
