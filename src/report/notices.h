// What a reader must know before he trusts a report: what it leaves out and what it cannot say.
#pragma once

#include <string>
#include <vector>

#include "base/language.h"
#include "report/scan_report.h"

namespace yagura::report {

// Whole sentences, none when there is nothing to say.
std::vector<std::string> notices_of(const ScanReport& report, Language language);

// "held back", "only counted", "expired": what an exception does.
const Text& state_of(const ExceptionUse& use);

}  // namespace yagura::report
