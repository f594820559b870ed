#include "api/notes.h"

#include "base/text.h"
#include "rule/lints.h"

namespace yagura::api {
namespace {

bool ends_word(uint32_t c) {
    return c <= ' ' ||
           std::string_view(",:|{}[]()#\"'").find(static_cast<char>(c)) != std::string_view::npos;
}

std::string_view line_of(std::string_view text, uint32_t line) {
    for (uint32_t i = 1; i < line; ++i) {
        const size_t end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    text = text.substr(0, text.find('\n'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

}  // namespace

uint32_t end_column(std::string_view text, uint32_t line, uint32_t column) {
    if (line == 0) return 0;
    const std::string_view all = line_of(text, line);
    uint32_t at_column = 1;
    size_t at = 0;
    while (at < all.size() && at_column < column) {
        next_code_point(all, at);
        ++at_column;
    }
    if (at >= all.size()) return std::max(column, 1u) + 1;
    if (column == 0) {
        while (at < all.size()) next_code_point(all, at), ++at_column;
        return at_column;
    }
    const uint32_t first = next_code_point(all, at);
    ++at_column;
    const bool is_quoted = first == '"' || first == '\'';
    while (at < all.size()) {
        size_t next = at;
        const uint32_t c = next_code_point(all, next);
        if (!is_quoted && ends_word(c)) break;
        at = next;
        ++at_column;
        if (is_quoted && c == first) break;
    }
    return at_column;
}

void write_notes(std::string& out,
                 std::span<const Diagnostic> notes,
                 std::string_view text,
                 std::string_view file) {
    JsonList list(out);
    for (const Diagnostic& note : notes) {
        const bool is_here = note.file.empty() || note.file == file;
        const rule::LintRow* lint = rule::find_lint(note.code);
        JsonObject row(list.next());
        if (!is_here) row.text("file", note.file);
        row.number("line", note.line);
        row.number("column", note.column);
        row.number("end_column", is_here ? end_column(text, note.line, note.column) : note.column);
        row.text("severity",
                 lint ? rule::severity_name(lint->severity)
                      : std::string_view(note.grade == Grade::error ? "error" : "warning"));
        row.key("message");
        append_json(out, note.message);
        if (!note.hint.empty()) row.text("hint", note.hint);
        if (lint) {
            row.text("code", lint->code);
            row.text("remedy", lint->remedy.in(language()));
        }
        row.close();
    }
    list.close();
}

http::Response refused(std::span<const Diagnostic> notes,
                       std::string_view text,
                       std::string_view file,
                       int status,
                       std::string_view code) {
    std::string out;
    JsonObject answer(out);
    answer.key("error");
    JsonObject error(out);
    error.text("code", code);
    error.key("message");
    std::string_view message;
    for (const Diagnostic& note : notes) {
        if (note.grade != Grade::error) continue;
        message = note.message;
        break;
    }
    append_json(out, message);
    error.key("diagnostics");
    write_notes(out, notes, text, file);
    error.close();
    answer.close();
    return http::Response::json(std::move(out), status);
}

}  // namespace yagura::api
