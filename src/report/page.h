// The shell of every HTML page: head, content policy, language and theme switch, style.
//
//   write_page({kScanHtml, std::array{kScanJs, kChartJs}, data}, out);
//
// The page is one file: data, style and script are inside it, and its content policy allows nothing
// else.
#pragma once

#include <span>
#include <string_view>

#include "report/output.h"

namespace yagura::report {

struct Page {
    std::string_view main;                      // markup inside <main>; ours, never of a log
    std::span<const std::string_view> scripts;  // after page/shell.js, in this order
    std::string_view data;  // JSON that is safe inside a <script> element (base/json_text.h)
};

void write_page(const Page& page, Output& out);

}  // namespace yagura::report
