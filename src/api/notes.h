// Diagnostics and explanations as JSON.
//
//   write_notes(row, out, "notes", notes, text);                 // [{line, column, end_column, …}]
//   return refused(notes, text);                                 // 400 with them
//   write_explanation(out, match::explain(rule, event, shape));  // ExplainNode
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/json_text.h"
#include "http/message.h"
#include "match/explain.h"

namespace yagura::api {

// `text` is what the diagnostics without a file, or of `file`, are about: where the word at a
// column ends is looked up in it.
void write_notes(std::string& out,
                 std::span<const Diagnostic> notes,
                 std::string_view text,
                 std::string_view file = {});

// An error answer that carries its diagnostics: the first error's sentence is its message.
http::Response refused(std::span<const Diagnostic> notes,
                       std::string_view text,
                       std::string_view file = {},
                       int status = 400,
                       std::string_view code = "invalid");

// The column behind the word, number or quoted text that begins at (line, column), all counted from
// 1 in code points; with column 0, behind the line.
uint32_t end_column(std::string_view text, uint32_t line, uint32_t column);

void write_explanation(std::string& out, const match::Explanation& part);

}  // namespace yagura::api
