// What is wrong with rules, as JSON: diagnostics of several files, with what lint knows of each.
//
//   write_notes(out, notes, text, file);      // [{line, column, end_column, severity, …}]
//   return refused(notes, text, file);        // 400 with them
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/json_text.h"
#include "http/message.h"

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

}  // namespace yagura::api
