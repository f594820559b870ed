// What a person reads when a scan ends: who to look at first and why, then numbers, then what to do
// next.
#pragma once

#include <string>
#include <vector>

#include "report/scan_report.h"
#include "report/terminal.h"

namespace yagura::report {

// A file the details went to.
struct Written {
    std::string path;
    bool lists_matches = true;
};

// The whole summary in the user's language, 80 to 120 columns wide, ending with a newline.
// Informational matches are only counted in it. Nothing from a log or a rule reaches the text
// unescaped.
std::string console_summary(const ScanReport& report,
                            const Terminal& terminal,
                            const std::vector<Written>& written = {});

}  // namespace yagura::report
