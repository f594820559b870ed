#include <array>

#include "report/embedded.h"
#include "report/html_data.h"
#include "report/outputs.h"
#include "report/page.h"

namespace yagura::report {

void write_html(const ScanReport& report, Output& out) {
    const std::array scripts = {kScanJs, kChartJs, kStoriesJs, kTableJs};
    write_page({kScanHtml, scripts, html_data(report, kHtmlRows)}, out);
}

}  // namespace yagura::report
