// The summary per principal, for the screen and for files (`yagura summary`).
#pragma once

#include <string>
#include <vector>

#include "finding/principal_summary.h"
#include "finding/totals.h"
#include "report/output.h"
#include "report/terminal.h"

namespace yagura::report {

struct PrincipalOptions {
    size_t principals = 20;       // at most so many; 0 = all
    size_t values = 10;           // of each kind; 0 = all
    bool temporary_keys = false;  // list ASIA… keys too, of which there may be thousands
    std::string only;  // principals whose name, account or ARN holds this text; empty = all
};

std::string principal_table(const finding::PrincipalSummary& summary,
                            const PrincipalOptions& options,
                            const Terminal& terminal);

// One line per value: Principal, AccountID, Kind, Value, Count, First, Last, Note.
void write_principal_csv(const finding::PrincipalSummary& summary,
                         const PrincipalOptions& options,
                         Output& out);

// One object per principal with lists of {value, count, first, last}.
void write_principal_json_lines(const finding::PrincipalSummary& summary,
                                const PrincipalOptions& options,
                                Output& out);

// One page that needs nothing else, as the report of a scan (outputs.h). Lists at most kPageValues
// values of each kind and says how many more there are.
struct SummaryReport {
    const finding::PrincipalSummary& summary;
    const finding::ScanTotals& totals;
    std::vector<std::string> inputs;  // as the user named them
    bool interrupted = false;
};
constexpr size_t kPageValues = 500;
void write_principal_html(const SummaryReport& report,
                          const PrincipalOptions& options,
                          Output& out);

}  // namespace yagura::report
