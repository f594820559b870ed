// What a reader must know before he trusts a report: what it leaves out and what it cannot say.
#pragma once

#include <string>
#include <vector>

#include "base/language.h"
#include "report/scan_report.h"

namespace yagura::report {

// Whole sentences, none when there is nothing to say.
std::vector<std::string> notices_of(const ScanReport& report, Language language);

// Why something could not be used: "not valid JSON", with what the system says where it does.
std::string reason_of(const finding::QuarantinedPart& part, Language language);
// The same with its place and number: "at byte 1,429: not valid JSON, 2 times". As it stands: a
// stranger's text may be in it.
std::string place_and_reason(const finding::QuarantinedPart& part, Language language);

// "held back", "only counted", "expired": what an exception does.
const Text& state_of(const ExceptionUse& use);

}  // namespace yagura::report
