#include "api/asking.h"

#include <cmath>

#include <fmt/format.h>

#include "base/messages/api.h"
#include "base/text.h"

namespace yagura::api {
namespace {

// Integers that every reader of JSON takes as they are (RFC 8259, 6).
constexpr int64_t kMostExact = int64_t{1} << 53;

bool is_word(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '@' || c >= 0x80;
}

// Column behind the word that begins at a place; columns count code points from 1.
uint32_t end_column(std::string_view text, const Diagnostic& note) {
    size_t at = 0;
    for (uint32_t line = 1; line < note.line && at < text.size(); ++line)
        at = std::min(text.find('\n', at), text.size() - 1) + 1;
    for (uint32_t column = 1; column < note.column && at < text.size(); ++column)
        next_code_point(text, at);
    uint32_t end = note.column;
    while (at < text.size() && is_word(next_code_point(text, at))) ++end;
    return std::max(end, note.column + 1);
}

}  // namespace

Result<TimeRange> range_of(const http::Json& body, Timestamp now) {
    const std::string_view since = body.text("since");
    YAGURA_TRY(auto range,
               parse_time_range(since.empty() ? body.text("from") : since, body.text("to"), now));
    return range;
}

Result<query::Question> question_of(const Call& call, const http::Json& body) {
    query::Question question;
    question.now = call.services.now();
    YAGURA_TRY(question.range, range_of(body, question.now));
    question.types = body.texts("types");
    question.scope = call.who.accounts;
    return question;
}

Result<query::EnginePool::Lease> quick_lease(const Call& call) {
    if (call.services.engines == nullptr) return fail(Code::not_found, say(message::api_no_lake));
    query::Asker asker;
    asker.person = call.who.name;
    asker.scope = call.who.accounts;
    asker.weight = query::Weight::quick;
    asker.cancellation = call.request.left;
    return call.services.engines->lease(std::move(asker));
}

void append_notes(std::string& out, std::span<const Diagnostic> notes, std::string_view text) {
    JsonList list(out);
    for (const Diagnostic& note : notes) {
        JsonObject one(list.next());
        if (note.line > 0) one.number("line", note.line);
        if (note.column > 0) {
            one.number("column", note.column);
            one.number("end_column", end_column(text, note));
        }
        put_text(one, out, "severity", note.grade == Grade::error ? "error" : "warning");
        put_text(one, out, "message", note.message);
        if (!note.hint.empty()) put_text(one, out, "hint", note.hint);
        one.close();
    }
    list.close();
}

http::Response mistake_response(std::span<const Diagnostic> notes, std::string_view text) {
    std::string body = "{\"error\":";
    JsonObject error(body);
    put_text(error, body, "code", "invalid");
    std::string sentence;
    for (const Diagnostic& note : notes) {
        if (note.grade == Grade::error && sentence.empty()) sentence = note.message;
    }
    put_text(error, body, "message", sentence);
    error.key("diagnostics");
    append_notes(body, notes, text);
    error.close();
    body += '}';
    return http::Response::json(std::move(body), 400);
}

void append_cell(std::string& out, const sql::Value& value) {
    if (const auto* truth = std::get_if<bool>(&value)) {
        out += *truth ? "true" : "false";
    } else if (const auto* number = std::get_if<int64_t>(&value)) {
        const bool exact = *number <= kMostExact && *number >= -kMostExact;
        const std::string digits = std::to_string(*number);
        out += exact ? digits : '"' + digits + '"';
    } else if (const auto* real = std::get_if<double>(&value)) {
        out += std::isfinite(*real) ? fmt::format("{}", *real) : "null";
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        append_json(out, *text);
    } else if (const auto* time = std::get_if<Timestamp>(&value)) {
        out += '"' + format_iso8601(*time) + '"';
    } else {
        out += "null";
    }
}

std::string cell_text(const sql::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* time = std::get_if<Timestamp>(&value)) return format_iso8601(*time);
    if (sql::is_null(value)) return "";
    std::string out;
    append_cell(out, value);
    if (out.starts_with('"')) out = out.substr(1, out.size() - 2);
    return out;
}

void put_text(JsonObject& object, std::string& out, std::string_view key, std::string_view value) {
    object.key(key);
    append_json(out, value);
}

void put_time(JsonObject& object, std::string& out, std::string_view key, Timestamp time) {
    put_text(object, out, key, format_iso8601(time));
}

}  // namespace yagura::api
