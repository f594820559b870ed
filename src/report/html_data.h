// The data the HTML page draws, as one JSON object (page/page.js reads it).
#pragma once

#include <string>

#include "report/scan_report.h"

namespace yagura::report {

// Lists at most `max_rows` matches, the gravest; safe inside a <script> element (base/json_text.h).
std::string html_data(const ScanReport& report, size_t max_rows);

}  // namespace yagura::report
