// The rows of an answer as people and programs want them: a table, CSV, or one JSON object per row.
//
// Nothing from a log reaches a terminal or a spreadsheet unescaped. A table looks at its first
// thousand rows for the widths of its columns; CSV and JSON are written row by row.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "query/engine.h"
#include "report/output.h"
#include "report/terminal.h"

namespace yagura::cli {

class ResultWriter {
  public:
    virtual ~ResultWriter() = default;
    virtual void columns(const std::vector<query::ResultColumn>& columns) = 0;
    virtual void row(std::span<const sql::Value> cells) = 0;
    virtual void end() {}
};

// `format`: "table", "csv" or "jsonl". `width` 0: a table is never cut. `out` must outlive the
// writer.
std::unique_ptr<ResultWriter> make_result_writer(std::string_view format,
                                                 const report::Terminal& terminal,
                                                 report::Output& out);

}  // namespace yagura::cli
