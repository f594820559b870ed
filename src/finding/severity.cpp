#include "finding/severity.h"

namespace yagura::finding {
namespace {

// Each step weighs about three times the one below, so that many low matches do not outshout one
// critical.
constexpr Severity kSeverities[] = {
    {Level::informational, "informational", "info", {"informational", "情報"}, 0, "2"},
    {Level::low, "low", "low", {"low", "低"}, 1, "32"},
    {Level::medium, "medium", "med", {"medium", "中"}, 4, "33"},
    {Level::high, "high", "high", {"high", "高"}, 12, "1;33"},
    {Level::critical, "critical", "crit", {"critical", "重大"}, 36, "1;31"},
};

}  // namespace

const Severity& severity(Level level) {
    return kSeverities[static_cast<size_t>(level)];
}

}  // namespace yagura::finding
