// The forms a scan's details are written in. All list the kept matches in their one order
// (finding/hit.h).
//
// docs/outputs.md describes each for users.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "finding/printed.h"
#include "finding/why.h"
#include "report/column.h"
#include "report/output.h"
#include "report/scan_report.h"

namespace yagura::report {

// RFC 4180 with LF line ends. Control characters and bidi marks are written visibly (\x1b), and a
// cell that a spreadsheet would run as a formula starts with an apostrophe (OWASP
// ASVS 5.0, 1.2.10).
struct CsvOptions {
    const Profile* profile = nullptr;
    bool byte_order_mark = false;  // for spreadsheets that would otherwise not see UTF-8
};
void write_csv(const ScanReport& report, const CsvOptions& options, Output& out);
std::string csv_cell(std::string_view text);

// One object per match with the keys of the command line contract; an absent value is null. With
// `whys`, a match that has one also says why it matched.
void write_json_lines(const ScanReport& report, Output& out, const finding::Whys* whys = nullptr);

// One object per match as Timesketch imports it: message, datetime, timestamp_desc and searchable
// fields.
void write_timesketch(const ScanReport& report, Output& out);

// One page that needs nothing else: no network, both languages, light and dark, prints.
void write_html(const ScanReport& report, Output& out);
constexpr size_t kHtmlRows = 20'000;  // matches listed in the page; beyond it, the gravest ones

// One line per match of a Falco rule, as Falco prints them, and its JSON form.
void write_falco(std::span<const finding::Printed> lines, Output& out);
void write_falco_json(std::span<const finding::Printed> lines, Output& out);

// The numbers of the scan as one JSON object (--summary-json).
void write_summary_json(const ScanReport& report, Output& out);

}  // namespace yagura::report
