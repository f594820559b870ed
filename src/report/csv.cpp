#include "base/text.h"
#include "report/outputs.h"

namespace yagura::report {
namespace {

// What spreadsheets take for the start of a formula; Excel in Japanese accepts the full-width forms
// as well.
constexpr std::string_view kFormulaStarts[] = {
    "=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};

bool starts_formula(std::string_view text) {
    for (const std::string_view start : kFormulaStarts) {
        if (text.starts_with(start)) return true;
    }
    return false;
}

}  // namespace

std::string csv_cell(std::string_view text) {
    std::string cell = starts_formula(text) ? "'" : "";
    cell += printable(text);
    if (cell.find_first_of("\",") == std::string::npos && trim(cell).size() == cell.size())
        return cell;
    std::string quoted = "\"";
    for (const char c : cell) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

void write_csv(const ScanReport& report, const CsvOptions& options, Output& out) {
    if (options.byte_order_mark) out.write("\xEF\xBB\xBF");
    std::string line;
    for (const Column* column : options.profile->columns) {
        if (!line.empty()) line += ',';
        line += column->header;
    }
    out.write(line + "\n");
    for (size_t i = 0; i < report.hits.hit_count(); ++i) {
        const finding::HitView hit = report.hits.hit(i);
        line.clear();
        for (const Column* column : options.profile->columns) {
            if (column != options.profile->columns.front()) line += ',';
            line += csv_cell(column->text(hit));
        }
        line += '\n';
        out.write(line);
    }
}

}  // namespace yagura::report
